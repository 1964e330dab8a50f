"""The tables of characters made over the API, and of the revision that tells services of changes.

`sheet` is a `Sheet` as JSON. `card` is the card that the character came from, as it was, in JSON with every character
above ASCII escaped, so that no database refuses what it holds. `picture` is the card's PNG without the card in it.
"""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text

from greenroom.storage.columns import Moment

metadata = MetaData()

characters = Table(
    "characters",
    metadata,
    Column("id", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("sheet", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("card", Text),
    Column("picture", LargeBinary),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

characters_revision = Table(
    "characters_revision",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
)
