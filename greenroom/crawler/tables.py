"""The crawler's tables: crawls, and the pages that each knows, which are also the frontier that it works through.

A crawl that was broken off goes on from here: what is `waiting` in `crawl_pages` is still to be asked for, those with
the fewest `attempts`, then the smallest `depth`, then the smallest `number` first. `was` is what a page was before it
began to wait; `kept` says that its document is in the library. `etag` and `last_modified` are what the server said, the
revision for a wiki with an API. `print` and `sketch` tell pages that say the same (see `prints.py`), `shape` those
whose addresses differ in numbers alone. `start` grows with each start of a crawl, `round` with each time that all of
it is read. `cursor` is where a list of pages is read on, "" before it was begun, and `listed` says that it is read.
"""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, MetaData, Table, Text

from greenroom.storage.columns import Moment, json_column

metadata = MetaData()

crawls = Table(
    "crawls",
    metadata,
    Column("id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("collection", Text, nullable=False),
    Column("kind", Text),
    Column("base", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("start", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("listed", Boolean, nullable=False),
    Column("cursor", Text, nullable=False),
    Column("max_pages", Integer, nullable=False),
    Column("max_depth", Integer, nullable=False),
    Column("known_to", json_column(), nullable=False),
    Column("every_hours", Float),
    Column("asked", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("added", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    Column("ordered_at", Moment, nullable=False),
    Column("begun_at", Moment),
    Column("ended_at", Moment),
    Column("next_at", Moment),
)

crawl_pages = Table(
    "crawl_pages",
    metadata,
    Column("crawl", Text, primary_key=True),
    Column("url", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("was", Text, nullable=False),
    Column("kept", Boolean, nullable=False),
    Column("round", Integer, nullable=False),
    Column("depth", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("shape", Text, nullable=False),
    Column("status", Integer),
    Column("detail", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("etag", Text, nullable=False),
    Column("last_modified", Text, nullable=False),
    Column("print", Text, nullable=False),
    Column("sketch", Text, nullable=False),
    Column("same_as", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("visited_at", Moment),
    Index("crawl_pages_frontier", "crawl", "state", "attempts", "depth", "number"),
    Index("crawl_pages_number", "crawl", "number"),
)
