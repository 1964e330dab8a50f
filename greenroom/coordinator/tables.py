"""The coordinator's tables: what it plans to have said, where it keeps quiet, and how far it has read the log of turns.

A row of `follow_ups` is made once for each turn that might be followed, and is `planned` until it is `said` or
`dropped`, with the reason. Its turn's id makes the request to the router, which answers each request once: so that a
plan carried out twice, by two machines or after a crash, is one line.
"""

from sqlalchemy import BigInteger, Column, Float, Index, MetaData, Table, Text

from greenroom.storage.columns import Moment

metadata = MetaData()

follow_ups = Table(
    "follow_ups",
    metadata,
    Column("turn_id", Text, primary_key=True),
    Column("channel_id", Text, nullable=False),
    Column("character", Text, nullable=False),
    Column("mood", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index("follow_ups_state_due", "state", "due_at"),
    Index("follow_ups_channel_state", "channel_id", "state"),
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
