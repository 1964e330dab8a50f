"""The coordinator's tables: what it plans to have said, where it keeps quiet, how far it has read the log of turns, and
what owners have said of its choices.

A row of `plans` is made once for each turn that might be followed (and for each of several answers to it), or for each
time that a channel has been quiet long enough. It is `planned` until it is `said` or `dropped`, with the reason. Its id
is the id of the request to the router, which answers each request once: so that a plan carried out twice, by two
machines or after a crash, is one line.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, Table, Text

from greenroom.storage.columns import Moment, json_column

metadata = MetaData()

plans = Table(
    "plans",
    metadata,
    Column("id", Text, primary_key=True),
    Column("channel_id", Text, nullable=False),
    Column("turn_id", Text),
    Column("character", Text, nullable=False),
    Column("cause", json_column(), nullable=False),
    Column("side_by_side", Boolean, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("stale_at", Moment, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index("plans_state_due", "state", "due_at"),
    Index("plans_channel_state", "channel_id", "state"),
)

quiet_channels = Table(
    "quiet_channels",
    metadata,
    Column("channel_id", Text, primary_key=True),
    Column("until", Moment, nullable=False),
)

coordinator_cursors = Table(
    "coordinator_cursors",
    metadata,
    Column("follower", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
)

speaker_corrections = Table(
    "speaker_corrections",
    metadata,
    Column("id", Text, primary_key=True),
    Column("channel_id", Text, nullable=False),
    Column("should", Text),
    Column("chosen", Text),
    Column("moment", json_column(), nullable=False),
    Column("made_at", Moment, nullable=False),
    Index("speaker_corrections_made", "made_at"),
)
"""`moment` has the features of each candidate and of silence as they were; None for `should` is silence."""

speaker_weights = Table(
    "speaker_weights",
    metadata,
    Column("version", Text, primary_key=True),
    Column("weights", json_column(), nullable=False),
    Column("corrections", Integer, nullable=False),
    Column("made_at", Moment, nullable=False),
)
