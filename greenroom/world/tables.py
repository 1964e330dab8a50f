"""The world's tables. The truth is `world_events`; what else is here can be made from it and from the log of turns.

`worlds.sequence` numbers the events of a world: who raises it has the world until the transaction ends. `worlds.place`
is the rank of the last turn. `world_turns` is what the log said last of each turn: `wording` stands for its words,
`read` for those that were read last, `out` for those that a roll-back took out. In `world_proposals` wait changes that
are to become events. An event is out of the world while it has `revoked_by`; of what a person takes back no words are
left in it. `user_id` is who did by hand what was done so, as far as it was said. `world_entities` is the fold of the
events; `embedded` is the basis that the library has, `shelved` the ids of its documents. `world_ticks` counts how often
a world went on by itself, at how many turns that was last, and how often since anybody spoke.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, Table, Text

from greenroom.storage.columns import Moment, json_column

metadata = MetaData()

worlds = Table(
    "worlds",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("made_at", Moment, nullable=False),
)

world_sessions = Table(
    "world_sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("world_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Index("world_sessions_world", "world_id"),
)

world_turns = Table(
    "world_turns",
    metadata,
    Column("turn_id", Text, primary_key=True),
    Column("world_id", Text, nullable=False),
    Column("channel_id", Text, nullable=False),
    Column("rank", BigInteger, nullable=False),
    Column("character", Text, nullable=False),
    Column("present", json_column()),
    Column("wording", Text, nullable=False),
    Column("stands", Boolean, nullable=False),
    Column("read", Text, nullable=False),
    Column("out", Text, nullable=False),
    Index("world_turns_world_rank", "world_id", "rank"),
    Index("world_turns_channel_rank", "channel_id", "rank"),
)

world_events = Table(
    "world_events",
    metadata,
    Column("world_id", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("effect_key", Text, nullable=False),
    Column("told", json_column(), nullable=False),
    Column("turn_id", Text, nullable=False),
    Column("wording", Text, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("channel_id", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("said_by", Text, nullable=False),
    Column("invented", Boolean, nullable=False),
    Column("known_to", json_column()),
    Column("private", Boolean, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("revoked_by", BigInteger),
    Column("user_id", Text, nullable=False, server_default=""),
    Index("world_events_effect", "effect_key", unique=True),
    Index("world_events_turn", "turn_id"),
    Index("world_events_channel_place", "channel_id", "place"),
)

world_proposals = Table(
    "world_proposals",
    metadata,
    Column("effect_key", Text, primary_key=True),
    Column("turn_id", Text, nullable=False),
    Column("change", json_column(), nullable=False),
    Index("world_proposals_turn", "turn_id"),
)

world_entities = Table(
    "world_entities",
    metadata,
    Column("world_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("entity", json_column(), nullable=False),
    Column("basis", Text, nullable=False),
    Column("embedded", Text, nullable=False, server_default=""),
    Column("shelved", json_column()),
)

world_ticks = Table(
    "world_ticks",
    metadata,
    Column("world_id", Text, primary_key=True),
    Column("ticks", Integer, nullable=False),
    Column("turns", Integer, nullable=False),
    Column("alone", Integer, nullable=False),
    Column("ticked_at", Moment, nullable=False),
)

world_cursors = Table(
    "world_cursors",
    metadata,
    Column("follower", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
)
