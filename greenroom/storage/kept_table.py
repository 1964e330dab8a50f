"""Values by key in a SQLite file: how it is opened, checked, written, cleaned up, copied. Blocking; for one thread.

Nothing here is irreplaceable. A file that is damaged is set aside, and an empty one takes its place.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from greenroom.errors import InvalidInput

_BUSY_S = 5.0
_ROWS_AT_ONCE = 200
_PAGES_AT_ONCE = 500
_OURS = 0x47524B31
"""The file's application id, "GRK1": tells it from other SQLite files."""
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

_SCHEMA = (
    "CREATE TABLE kept (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, value BLOB NOT NULL, "
    "expires_at REAL NOT NULL, used_at REAL NOT NULL)",
    "CREATE INDEX kept_by_use ON kept (used_at)",
    "CREATE INDEX kept_by_end ON kept (expires_at)",
)
_PUT = (
    "INSERT INTO kept (key, value, expires_at, used_at) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE "
    "SET value = excluded.value, expires_at = excluded.expires_at, used_at = excluded.used_at"
)
_DELETE_EXPIRED = "DELETE FROM kept WHERE id IN (SELECT id FROM kept WHERE expires_at <= ? LIMIT ?)"
_DELETE_LEAST_USED = "DELETE FROM kept WHERE id IN (SELECT id FROM kept ORDER BY used_at LIMIT ?)"
_DELETE_RANGE = (
    "DELETE FROM kept WHERE id IN (SELECT id FROM kept WHERE key >= ? AND key < ? AND NOT (key >= ? AND key < ?) "
    "LIMIT ?)"
)
_LAST = "\U0010ffff"


class Row(NamedTuple):
    """A value with its times, in seconds since 1970."""

    value: bytes
    expires_at: float
    used_at: float


class KeptTable:
    """The one connection that writes a file. Every method may raise sqlite3.Error."""

    def __init__(self, file: Path) -> None:
        """Open the file and look through it; make it when it is not there. See `set_aside` for what to do about damage.

        How long the look takes depends on the file's size.
        """
        self._file = file
        self._connection = sqlite3.connect(file, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the file; what was written is then in it, and no longer in the log beside it."""
        self._connection.close()

    def write(
        self, values: dict[str, Row], used: dict[str, float], deleted: Iterable[str], may_put: Callable[[], bool]
    ) -> None:
        """Put values, note when others were used, and delete: all in one transaction. Whether values may still be put
        is asked when nobody else can write any more."""
        with self._transaction() as connection:
            connection.executemany("DELETE FROM kept WHERE key = ?", [(key,) for key in deleted])
            if may_put():
                connection.executemany(_PUT, [(key, *row) for key, row in values.items()])
            connection.executemany("UPDATE kept SET used_at = ? WHERE key = ?", [(at, key) for key, at in used.items()])

    def clean(self, budget_bytes: int, now: float) -> bool:
        """Delete some of what is past its time; where the budget is passed, some of what was used least recently.

        Returns: whether there may be more to do.
        """
        with self._transaction() as connection:
            gone = connection.execute(_DELETE_EXPIRED, (now, _ROWS_AT_ONCE)).rowcount
            if not gone and self.size_bytes > budget_bytes:
                gone = connection.execute(_DELETE_LEAST_USED, (_ROWS_AT_ONCE,)).rowcount
        if gone:
            self._connection.execute(_VACUUM).fetchall()
        return gone > 0

    def delete_some(self, prefix: str, but: str | None) -> bool:
        """Delete some of the values whose keys begin with `prefix`, and not with `but`; whether there may be more."""
        spared = (but, but + _LAST) if but is not None else ("", "")
        with self._transaction() as connection:
            values = (prefix, prefix + _LAST, *spared, _ROWS_AT_ONCE)
            return connection.execute(_DELETE_RANGE, values).rowcount == _ROWS_AT_ONCE

    @property
    def entries(self) -> int:
        """How many values there are."""
        return int(self._connection.execute("SELECT count(*) FROM kept").fetchone()[0])

    @property
    def size_bytes(self) -> int:
        """What they take in the file, without pages that are free to be used again."""
        pages, free, size = (int(self._connection.execute(ask).fetchone()[0]) for ask in _PAGES)
        return (pages - free) * size

    def replace_from(self, backup: Path) -> None:
        """Put a backup in the place of all values, in one transaction. Raises: InvalidInput, when it is not one."""
        try:
            with closing(sqlite3.connect(backup.as_uri() + "?mode=ro", uri=True)) as source:
                _look_through(source)
                if _identity(source) != _identity(self._connection):
                    raise InvalidInput(f"{backup.name!r} is not a backup of this version's cache")
                source.backup(self._connection)
        except sqlite3.DatabaseError as exc:
            if not is_damage(exc):
                raise
            raise InvalidInput(f"{backup.name!r} is damaged, or not a backup: {exc}") from exc

    def _prepare(self) -> None:
        connection = self._connection
        for pragma in _PRAGMAS:
            connection.execute(pragma).fetchall()
        _look_through(connection)
        if not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            with self._transaction():
                for statement in (_MARK, *_SCHEMA):
                    connection.execute(statement)
        if _identity(connection) != (_OURS, sorted(_SCHEMA)):
            raise NotOurs(f"{self._file.name} is not a file of this version's cache")

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._connection)


class NotOurs(sqlite3.DatabaseError):
    """A good SQLite file that holds something else."""


class _Transaction:
    """Takes the write lock first, commits at the end, rolls back on any exception."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> sqlite3.Connection:
        self._connection.execute("BEGIN IMMEDIATE")
        return self._connection

    def __exit__(self, kind: type[BaseException] | None, *exc_info: object) -> None:
        if kind is None:
            try:
                self._connection.execute("COMMIT")
                return
            except sqlite3.Error:
                self._roll_back()
                raise
        self._roll_back()

    def _roll_back(self) -> None:
        if self._connection.in_transaction:  # a full disk ends the transaction by itself
            self._connection.execute("ROLLBACK")


def reader(file: Path) -> sqlite3.Connection:
    """A connection that only reads, and never waits. Open the table first."""
    connection = sqlite3.connect(file, timeout=0, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA query_only = ON")
    return connection


def read(connection: sqlite3.Connection, key: str) -> Row | None:
    """One value."""
    row = connection.execute("SELECT value, expires_at, used_at FROM kept WHERE key = ?", (key,)).fetchone()
    return None if row is None else Row(*row)


def copy(file: Path, target: Path) -> None:
    """Copy a file that is in use into a new one, as it is at this moment."""
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(part)) as copied:
            source.backup(copied)
            copied.execute("PRAGMA journal_mode = DELETE").fetchall()  # one file, with nothing beside it
        os.link(part, target)  # unlike a rename, never over another one
    finally:
        part.unlink(missing_ok=True)


def set_aside(file: Path) -> Path:
    """Give a damaged file another name, in the place of one that was set aside before; returns it."""
    aside = file.with_name(file.name + ".damaged")
    for part in ("", "-wal", "-shm"):
        source, target = file.with_name(file.name + part), aside.with_name(aside.name + part)
        target.unlink(missing_ok=True)
        if source.exists():
            source.replace(target)
    return aside


def is_damage(exc: sqlite3.Error) -> bool:
    """Whether an error means that the file itself is spoilt."""
    return isinstance(exc, NotOurs) or (getattr(exc, "sqlite_errorcode", None) or 0) & 0xFF in _DAMAGE


def _look_through(connection: sqlite3.Connection) -> None:
    """Check the file's structure. What the values mean, and whether they are whole, is their owner's business."""
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise NotOurs(f"the file is damaged: {found[:200]}")


def _identity(connection: sqlite3.Connection) -> tuple[int, list[str]]:
    """Whose file it is, and all that is in its schema: a trigger that somebody added makes it another."""
    (owner,) = connection.execute("PRAGMA application_id").fetchone()
    rows = connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY sql").fetchall()
    return owner, [sql for (sql,) in rows]


_MARK = "PRAGMA application_id = " + str(_OURS)
_VACUUM = "PRAGMA incremental_vacuum(" + str(_PAGES_AT_ONCE) + ")"
_PAGES = ("PRAGMA page_count", "PRAGMA freelist_count", "PRAGMA page_size")
_PRAGMAS = (
    "PRAGMA auto_vacuum = INCREMENTAL",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA journal_size_limit = 16000000",
    "PRAGMA trusted_schema = OFF",
)
"""NORMAL: a power cut may lose the last answers, but does not damage the file. They can be had again."""
