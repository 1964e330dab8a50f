"""Rows that are added up, whatever stands in them and however many they are."""

from datetime import date

from sqlalchemy import BigInteger, Column, Date, MetaData, Table, Text, select

from greenroom.storage.database import Database
from greenroom.storage.upsert import add_up

metadata = MetaData()
sums = Table(
    "sums_of_a_test",
    metadata,
    Column("day", Date, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("money", BigInteger, nullable=False),
    Column("calls", BigInteger, nullable=False),
)
DAY = date(2026, 2, 28)
NAMES = ["", "Zoë's", '"; DROP TABLE sums_of_a_test', "a\nb\\", "null", "7"]


async def test_sums_are_added_to_those_of_the_same_day_and_name(database: Database) -> None:
    rows = [{"day": DAY, "name": name, "money": 2**61, "calls": 1} for name in NAMES]
    async with database.write() as connection:
        await connection.run_sync(metadata.create_all)
        await add_up(connection, sums, [], ("money", "calls"))
        await add_up(connection, sums, rows[:2], ("money", "calls"))
        await add_up(connection, sums, [dict(reversed(row.items())) for row in rows], ("money", "calls"))
    kept = await database.rows(select(sums))
    assert {row.name: (row.day, row.money, row.calls) for row in kept} == {
        name: (DAY, 2**62, 2) if name in NAMES[:2] else (DAY, 2**61, 1) for name in NAMES
    }
