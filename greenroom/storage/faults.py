"""What drivers raise, in the words of the house: the only place that knows SQLite's and PostgreSQL's codes."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeGuard

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from greenroom.errors import (
    Conflict,
    GreenroomError,
    InvalidInput,
    Overloaded,
    StorageFailed,
    StorageFull,
    Unavailable,
)

if TYPE_CHECKING:
    import psycopg

_OF_ALL = (SQLAlchemyError, sqlite3.Error, sqlite3.Warning, UnicodeError, OverflowError)
"""What SQLAlchemy and SQLite raise. The last two come from text and numbers that no column can hold."""

_SQLITE_FAULTS: dict[int, type[GreenroomError]] = {
    sqlite3.SQLITE_FULL: StorageFull,
    sqlite3.SQLITE_BUSY: Unavailable,
    sqlite3.SQLITE_LOCKED: Unavailable,
    sqlite3.SQLITE_INTERRUPT: Unavailable,
    sqlite3.SQLITE_NOMEM: Unavailable,
    sqlite3.SQLITE_TOOBIG: InvalidInput,
    sqlite3.SQLITE_MISMATCH: InvalidInput,
    sqlite3.SQLITE_CONSTRAINT_UNIQUE: Conflict,
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY: Conflict,
    sqlite3.SQLITE_CONSTRAINT_ROWID: Conflict,
    sqlite3.SQLITE_IOERR_SHMSIZE: StorageFull,
}
"""By result code, extended or primary. SHMSIZE is how a full disk looks when the index of the WAL cannot grow.
Source: https://www.sqlite.org/rescode.html"""

_POSTGRESQL_FAULTS: dict[str, type[GreenroomError]] = {
    "53100": StorageFull,
    "53": Unavailable,
    "08": Unavailable,
    "57": Unavailable,
    "40": Unavailable,
    "55": Unavailable,
    "25006": Unavailable,
    "23505": Conflict,
    "22": InvalidInput,
}
"""By SQLSTATE, or by its class of two characters. 25006 is a server that has become a standby.
Source: https://www.postgresql.org/docs/current/errcodes-appendix.html"""


def foreign() -> tuple[type[Exception], ...]:
    """Everything that SQLAlchemy and the drivers raise."""
    if "psycopg" not in sys.modules:  # it takes a fortieth of the start, and most houses have SQLite
        return _OF_ALL
    import psycopg

    return *_OF_ALL, psycopg.Error, psycopg.Warning


@contextmanager
def translated() -> Iterator[None]:
    """Let no exception of SQLAlchemy or a driver out: raise ours, with the original as its cause.

    Raises: Conflict (a unique value exists already), InvalidInput (no column can hold this), StorageFull, Unavailable
    (locked, overloaded or away: try again), StorageFailed (everything else).
    """
    try:
        yield
    except foreign() as exc:
        _forget_values(exc)
        raise translate(exc) from exc


def translate(exc: BaseException) -> GreenroomError:
    """Our error for a foreign one. Its text never holds a statement's values or a password."""
    if isinstance(exc, PoolTimeout):
        return Overloaded("every connection to the database is in use")
    if isinstance(exc, DBAPIError) and exc.connection_invalidated:
        return Unavailable("the connection to the database was lost")
    cause = exc.orig if isinstance(exc, StatementError) and exc.orig is not None else exc
    if isinstance(cause, (UnicodeError, OverflowError)):
        return InvalidInput("a text or number cannot be stored")
    if isinstance(cause, sqlite3.Error):
        return _from_sqlite(cause)
    if _is_of_postgresql(cause):
        return _from_postgresql(cause)
    return StorageFailed(f"the database cannot do this: {type(cause).__name__}")


def _forget_values(exc: BaseException) -> None:
    """Shorten what PostgreSQL says to its first line: the others repeat the row, and a traceback goes to the log."""
    cause = exc.orig if isinstance(exc, DBAPIError) else exc
    if _is_of_postgresql(cause) and cause.diag.message_primary:
        whole, first = str(cause), cause.diag.message_primary
        for error in (exc, cause):
            error.args = tuple(part.replace(whole, first) if isinstance(part, str) else part for part in error.args)


def _is_of_postgresql(exc: BaseException | None) -> "TypeGuard[psycopg.Error]":
    if "psycopg" not in sys.modules:
        return False
    import psycopg

    return isinstance(exc, psycopg.Error)


def _from_sqlite(exc: sqlite3.Error) -> GreenroomError:
    code = getattr(exc, "sqlite_errorcode", None)
    if code is None:
        return StorageFailed(f"the database refused: {exc}")
    kind = _SQLITE_FAULTS.get(code) or _SQLITE_FAULTS.get(code & 0xFF, StorageFailed)
    return kind() if kind is StorageFull else kind(f"the database refused: {exc}")


def _from_postgresql(exc: "psycopg.Error") -> GreenroomError:
    state = exc.sqlstate
    if state is None:
        return _without_state(exc)
    kind = _POSTGRESQL_FAULTS.get(state) or _POSTGRESQL_FAULTS.get(state[:2], StorageFailed)
    return kind() if kind is StorageFull else kind(f"the database refused: {exc.diag.message_primary or state}")


def _without_state(exc: "psycopg.Error") -> GreenroomError:
    """The driver's own complaint: the server said nothing, so it is away, or the driver refused a value."""
    import psycopg

    if isinstance(exc, psycopg.DataError):
        return InvalidInput("a text or number cannot be stored")
    if isinstance(exc, (psycopg.OperationalError, psycopg.InterfaceError)):
        return Unavailable("the database cannot be reached")
    return StorageFailed(f"the database cannot do this: {type(exc).__name__}")
