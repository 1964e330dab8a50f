"""Every exception of SQLAlchemy, SQLite and PostgreSQL becomes one of ours, and the right one."""

import sqlite3

import psycopg
import pytest
import sqlalchemy.exc
from psycopg import errors as postgresql

from greenroom.errors import (
    Conflict,
    GreenroomError,
    InvalidInput,
    Overloaded,
    StorageFailed,
    StorageFull,
    Unavailable,
)
from greenroom.storage.faults import foreign, translate, translated


def sqlite_error(code: int, kind: type[sqlite3.Error] = sqlite3.OperationalError) -> sqlite3.Error:
    error = kind("what SQLite says")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("foreign", "ours"),
    [
        (sqlite_error(sqlite3.SQLITE_FULL), StorageFull),
        (sqlite_error(sqlite3.SQLITE_IOERR_SHMSIZE), StorageFull),
        (sqlite_error(sqlite3.SQLITE_BUSY), Unavailable),
        (sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT), Unavailable),
        (sqlite_error(sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.IntegrityError), Conflict),
        (sqlite_error(sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.IntegrityError), Conflict),
        (sqlite_error(sqlite3.SQLITE_CONSTRAINT_NOTNULL, sqlite3.IntegrityError), StorageFailed),
        (sqlite_error(sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY, sqlite3.IntegrityError), StorageFailed),
        (sqlite_error(sqlite3.SQLITE_TOOBIG, sqlite3.DataError), InvalidInput),
        (sqlite_error(sqlite3.SQLITE_IOERR_READ), StorageFailed),
        (sqlite_error(sqlite3.SQLITE_CORRUPT, sqlite3.DatabaseError), StorageFailed),
        (sqlite_error(sqlite3.SQLITE_NOTADB, sqlite3.DatabaseError), StorageFailed),
        (sqlite_error(sqlite3.SQLITE_READONLY), StorageFailed),
        (sqlite_error(sqlite3.SQLITE_CANTOPEN), StorageFailed),
        (sqlite3.ProgrammingError("cannot operate on a closed database"), StorageFailed),
        (postgresql.DiskFull("full"), StorageFull),
        (postgresql.UniqueViolation("there"), Conflict),
        (postgresql.NotNullViolation("null"), StorageFailed),
        (postgresql.ForeignKeyViolation("key"), StorageFailed),
        (postgresql.UndefinedTable("table"), StorageFailed),
        (postgresql.SyntaxError("syntax"), StorageFailed),
        (postgresql.NumericValueOutOfRange("large"), InvalidInput),
        (postgresql.SerializationFailure("again"), Unavailable),
        (postgresql.DeadlockDetected("again"), Unavailable),
        (postgresql.LockNotAvailable("again"), Unavailable),
        (postgresql.TooManyConnections("many"), Unavailable),
        (postgresql.AdminShutdown("stopped"), Unavailable),
        (postgresql.CannotConnectNow("starting"), Unavailable),
        (postgresql.ConnectionFailure("gone"), Unavailable),
        (postgresql.ReadOnlySqlTransaction("standby"), Unavailable),
        (psycopg.OperationalError("connection refused"), Unavailable),
        (psycopg.InterfaceError("the connection is closed"), Unavailable),
        (psycopg.DataError("NUL"), InvalidInput),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"), InvalidInput),
        (OverflowError("too large"), InvalidInput),
        (sqlalchemy.exc.StatementError("", None, None, UnicodeEncodeError("utf-8", "\ud800", 0, 1, "")), InvalidInput),
        (sqlalchemy.exc.TimeoutError("no connection is free"), Overloaded),
        (sqlalchemy.exc.InvalidRequestError("wrong use"), StorageFailed),
    ],
    ids=repr,
)
def test_each_foreign_exception_becomes_ours_bare_or_wrapped(foreign: Exception, ours: type[GreenroomError]) -> None:
    assert type(translate(foreign)) is ours
    if isinstance(foreign, (sqlite3.Error, psycopg.Error)):
        assert type(translate(sqlalchemy.exc.DBAPIError("SELECT 1", {}, foreign))) is ours


NEVER_RAISED_HERE = (Warning, psycopg.Rollback, sqlalchemy.exc.EmulatedDBAPIException)
"""Warnings; a signal for psycopg's own transactions; the root of drivers other than ours."""


@pytest.mark.parametrize(
    "library", [sqlite3, psycopg, postgresql, sqlalchemy.exc], ids=lambda library: library.__name__
)
def test_no_exception_of_the_libraries_is_left_out(library: object) -> None:
    kinds = [kind for kind in vars(library).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    raised = [kind for kind in kinds if not issubclass(kind, NEVER_RAISED_HERE)]
    assert raised
    assert [kind for kind in raised if not issubclass(kind, foreign())] == []


def test_a_connection_that_broke_is_worth_another_try() -> None:
    broken = sqlalchemy.exc.DBAPIError("SELECT 1", {}, sqlite3.OperationalError("?"), connection_invalidated=True)
    assert type(translate(broken)) is Unavailable


def test_the_original_is_kept_as_the_cause_and_other_exceptions_pass() -> None:
    original = sqlite3.OperationalError("no such table: turns")
    with pytest.raises(StorageFailed, match="no such table: turns") as caught, translated():
        raise original
    assert caught.value.__cause__ is original
    with pytest.raises(KeyError), translated():
        raise KeyError("not the database's")
