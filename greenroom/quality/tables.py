"""The table of verdicts: what a conversation's replies were judged to be, and the measurements behind it.

`rules` lists the broken rules, `signals` the measurements that are not 0. Of the oldest rows only so many are kept.
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
