"""Rows that replace the ones with the same key, in one statement, so that two writers cannot collide."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


async def put(connection: AsyncConnection, table: Table, row: dict[str, Any]) -> None:
    """Insert a row, or replace the values of the one that has its primary key."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    key = [column.name for column in table.primary_key]
    values = {name: value for name, value in row.items() if name not in key}
    await connection.execute(insert(table).values(row).on_conflict_do_update(index_elements=key, set_=values))
