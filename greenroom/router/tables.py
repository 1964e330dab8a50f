"""The router's tables: the log of turns, and the turns that failed.

`turns.position` is given anew by every change of a row; it is the cursor of those who follow the log. It comes from the
one row of `turn_counter`, whose lock makes changes visible in the order of their positions, so that no follower can
pass by a change that commits late. While a turn is `begun`, `owner` (a process) answers it until `expires_at`.
`place` orders the conversation, whatever the clock does: a reply that replaces another takes its place. `request` and
`receipt` are `TurnRequest` and `Receipt`.
"""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, MetaData, Table, Text, false

from greenroom.storage.columns import Moment, json_column

metadata = MetaData()

turns = Table(
    "turns",
    metadata,
    Column("id", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("channel_id", Text, nullable=False),
    Column("character", Text, nullable=False),
    Column("character_name", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("user_name", Text, nullable=False),
    Column("message_type", Text, nullable=False),
    Column("input_text", Text, nullable=False),
    Column("reply", Text),
    Column("state", Text, nullable=False),
    Column("error", Text),
    Column("begun_at", Moment, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("ended_at", Moment),
    Column("quality_score", Float),
    Column("replaces", Text),
    Column("superseded", Boolean, nullable=False, server_default=false()),
    Column("trace_id", Text, nullable=False),
    Column("request_id", Text),
    Column("owner", Text, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("request", json_column(), nullable=False),
    Column("receipt", json_column()),
    Index("turns_position", "position", unique=True),
    Index("turns_request_id", "request_id", unique=True),
    Index("turns_channel_place", "channel_id", "place"),
    Index("turns_state", "state"),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", Text, primary_key=True),
    Column("turn_id", Text, nullable=False),
    Column("request", json_column(), nullable=False),
    Column("error", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failed_at", Moment, nullable=False),
    Column("replays", Integer, nullable=False),
)

turn_counter = Table(
    "turn_counter",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
)
