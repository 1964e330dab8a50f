"""The gateway's tables: the books, the keys, and what each key has spent. Money is in nanodollars.

`books` has a row for each UTC day, caller, model and source of answers; `waits` has how many of those requests took how
long, by `bucket` of `greenroom/llm/money/latency.py`. `spending` has a row for each key and period of its budget, and
contains what is reserved for calls under way.
"""

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, MetaData, Table, Text

from greenroom.storage.columns import Moment, json_column

metadata = MetaData()

books = Table(
    "books",
    metadata,
    Column("day", Date, primary_key=True),
    Column("caller", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("requests", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("left_early", BigInteger, nullable=False),
    Column("calls", BigInteger, nullable=False),
    Column("unpriced", BigInteger, nullable=False),
    Column("prompt_tokens", BigInteger, nullable=False),
    Column("completion_tokens", BigInteger, nullable=False),
    Column("cost", BigInteger, nullable=False),
    Column("saved", BigInteger, nullable=False),
    Column("unvalued", BigInteger, nullable=False, server_default="0"),
    Column("avoided", BigInteger, nullable=False),
    Column("uncompared", BigInteger, nullable=False, server_default="0"),
)

waits = Table(
    "waits",
    metadata,
    Column("day", Date, primary_key=True),
    Column("caller", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("bucket", Integer, primary_key=True),
    Column("requests", BigInteger, nullable=False),
)

keys = Table(
    "keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("hash", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Column("budget", BigInteger),
    Column("period", Text, nullable=False),
    Column("requests_per_minute", Integer),
    Column("tokens_per_minute", Integer),
    Column("models", json_column(), nullable=False),
    Column("shares_cache", Boolean, nullable=False),
)

spending = Table(
    "spending",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("spent", BigInteger, nullable=False),
)
