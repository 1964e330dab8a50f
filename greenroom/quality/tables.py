"""Quality's tables: what it judged, what it demands, and what it has read of the log of turns.

`verdicts` has every verdict of a conversation's replies: `rules` lists the broken rules, `signals` the measurements
that are not 0. `quality_bars` holds the threshold in force for each character and state of a conversation, with how
many drafts have moved it. `judged_turns` has one row for each turn that was judged, with the log odds of the line that
was said, by which a rating finds it. `quality_cursors` holds how far the log of turns was read. Of the oldest rows
only so many are kept.
"""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, MetaData, Table, Text

from greenroom.storage.columns import Moment, json_column

metadata = MetaData()

verdicts = Table(
    "verdicts",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("conversation_id", Text, nullable=False),
    Column("character", Text, nullable=False),
    Column("judged_at", Moment, nullable=False),
    Column("score", Float, nullable=False),
    Column("threshold", Float, nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("rules", json_column(), nullable=False),
    Column("signals", json_column(), nullable=False),
    Index("verdicts_conversation", "conversation_id", "id"),
)

bars = Table(
    "quality_bars",
    metadata,
    Column("character", Text, primary_key=True),
    Column("state", Text, primary_key=True),
    Column("threshold", Float, nullable=False),
    Column("drafts", Integer, nullable=False),
)

judged_turns = Table(
    "judged_turns",
    metadata,
    Column("turn_id", Text, primary_key=True),
    Column("character", Text, nullable=False),
    Column("log_odds", Float),
    Column("ended_at", Moment, nullable=False),
    Index("judged_turns_ended", "ended_at"),
)

quality_cursors = Table(
    "quality_cursors",
    metadata,
    Column("follower", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
)
