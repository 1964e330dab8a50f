"""What the migrations make of a SQLite file, as it is written down for new ones. `python -m tests.storage.new_file`
writes it anew, after a migration was added."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from greenroom.storage.schema import BETWEEN_STATEMENTS, TABLES, known_revisions, migrate

_OTHERS = "CREATE TABLE of_somebody_else (id INTEGER)"
"""A file with a table in it is not new, and so is brought up to date by every migration."""


def migrated(file: Path) -> None:
    """Have the migrations make the tables, one revision after the other."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(_OTHERS)
    migrate(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DROP TABLE of_somebody_else")


def statements(file: Path) -> list[str]:
    """What makes all that is in a file, with the rows that tables begin with. SQLite makes the rest by itself."""
    with closing(sqlite3.connect(file)) as connection:
        kinds = {name: kind for _, name, kind, *_ in connection.execute("PRAGMA table_list")}
        made = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid").fetchall()
        own = [(name, sql) for name, sql in made if kinds.get(name) != "shadow" and not name.startswith("sqlite_")]
        filled = [row for name, _ in own if kinds.get(name) == "table" for row in _rows(connection, name)]
    return [*(sql for _, sql in own), *filled]


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    names = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
    values = " || ', ' || ".join(f'quote("{name}")' for name in names)
    for (row,) in connection.execute(f"SELECT {values} FROM {table}"):  # noqa: S608 - names from our own migrations
        yield f"INSERT INTO {table} VALUES ({row})"  # noqa: S608 - written down, not executed


def main() -> None:
    """Write it down."""
    with tempfile.TemporaryDirectory() as folder:
        migrated(file := Path(folder) / "greenroom.db")
        written = BETWEEN_STATEMENTS.join([f"-- {known_revisions()[-1]}", *statements(file)])
        TABLES.write_text(written + "\n", "utf-8")


if __name__ == "__main__":
    main()
