"""Rows that replace the ones with the same key, in one statement, so that two writers cannot collide; and many rows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Executable, Table
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

_ROWS = 500
"""SQLite takes 32,766 values in a statement."""


async def put(connection: AsyncConnection, table: Table, row: dict[str, Any]) -> None:
    """Insert a row, or replace the values of the one that has its primary key."""
    await connection.execute(to_put(connection, table, row))


def to_put(connection: Connection | AsyncConnection, table: Table, row: dict[str, Any]) -> Executable:
    """The statement that `put` executes."""
    key = [column.name for column in table.primary_key]
    values = {name: value for name, value in row.items() if name not in key}
    return insert_into(connection, table).values(row).on_conflict_do_update(index_elements=key, set_=values)


async def add(connection: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that all have the same columns; none is fine.

    Many rows are in one statement: where many statements are executed, psycopg 3.3 leaves its connection unusable when
    the task is cancelled just then.
    """
    for start in range(0, len(rows), _ROWS):
        await connection.execute(plain_insert(table).values(rows[start : start + _ROWS]))


async def add_up(
    connection: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]], sums: Sequence[str]
) -> None:
    """Insert rows; what those have in the columns `sums` is added to rows that have the same primary key.

    Many rows are in one statement, as with `add`; no two of them may have the same key.
    """
    key = [column.name for column in table.primary_key]
    for start in range(0, len(rows), _ROWS):
        statement = insert_into(connection, table).values(rows[start : start + _ROWS])
        grown = {name: table.c[name] + statement.excluded[name] for name in sums}
        await connection.execute(statement.on_conflict_do_update(index_elements=key, set_=grown))


async def put_if_new(connection: AsyncConnection, table: Table, row: dict[str, Any]) -> bool:
    """Insert a row unless there is one with its primary key; return whether there was none."""
    return bool(await add_new(connection, table, [row]))


async def add_new(connection: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]) -> int:
    """Insert those rows that no unique value keeps out, and return how many they are."""
    parts = [insert_into(connection, table).values(rows[start : start + _ROWS]) for start in range(0, len(rows), _ROWS)]
    orders = [part.on_conflict_do_nothing().returning(*table.primary_key) for part in parts]
    return sum([len((await connection.execute(order)).all()) for order in orders])


def insert_into(connection: Connection | AsyncConnection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """An insertion that can say what shall be done about a row that is there."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # takes a twentieth of a second to import, and most have a file

        return postgresql.insert(table)
    return sqlite.insert(table)
