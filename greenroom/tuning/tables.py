"""Tuning's tables: opinions, how turns went, and how far the log of turns has been read.

`performances` has one row for each turn, `broken_rules` one for each rule that drafts of the turn broke, with how
often. `happened_at` is the end of the turn. `cursors` holds the position of each follower of the log. In
`untold_outcomes` is what the routing has not been told yet of its decisions; without `good` it is taken back.
"""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, MetaData, Table, Text

from greenroom.storage.columns import Moment

metadata = MetaData()

ratings = Table(
    "ratings",
    metadata,
    Column("turn_id", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("character", Text, nullable=False),
    Column("thumb", Integer, nullable=False),
    Column("stars", Integer),
    Column("rated_at", Moment, nullable=False),
    Index("ratings_character_rated", "character", "rated_at"),
)

performances = Table(
    "performances",
    metadata,
    Column("turn_id", Text, primary_key=True),
    Column("character", Text, nullable=False),
    Column("success", Boolean, nullable=False),
    Column("quality_score", Float),
    Column("attempts", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("happened_at", Moment, nullable=False),
    Index("performances_character_happened", "character", "happened_at"),
)

broken_rules = Table(
    "broken_rules",
    metadata,
    Column("turn_id", Text, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("times", Integer, nullable=False),
)

cursors = Table(
    "cursors",
    metadata,
    Column("follower", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
)

untold_outcomes = Table(
    "untold_outcomes",
    metadata,
    Column("decision", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("good", Float),
    Column("said_at", Moment, nullable=False),
)
