"""Rows to write in the tests of storage."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select

from greenroom.router.tables import dead_letters
from greenroom.storage.database import Database


def letter(name: str, **changes: Any) -> dict[str, Any]:
    """A dead letter as a row."""
    row = {
        "id": name,
        "turn_id": "turn",
        "request": {"input_text": "Hi, Peter"},
        "error": "NoUpstream",
        "detail": "",
        "attempts": 1,
        "failed_at": datetime(2026, 1, 1, tzinfo=UTC),
        "replays": 0,
    }
    return row | changes


async def keep(database: Database, *names: str, **changes: Any) -> None:
    """Write dead letters in one transaction, with a statement for each."""
    async with database.write() as connection:
        for name in names:
            await connection.execute(insert(dead_letters), letter(name, **changes))


async def kept(database: Database) -> set[str]:
    """The names of all that are there."""
    async with database.read() as connection:
        return set(await connection.scalars(select(dead_letters.c.id)))
