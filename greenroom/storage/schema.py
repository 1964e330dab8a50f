"""Brings the tables up to date when a database is opened; refuses one that a newer program has written.

Blocking: run it in a thread. Alembic is imported only when there is something to do. A new SQLite file gets all its
tables at once, from `migrations/sqlite.sql`: going through every revision takes a third of a second, and whoever tries
Greenroom waits for it.
"""

import errno
import threading
from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, create_engine, event, func, inspect, select
from sqlalchemy.engine import URL, Engine
from sqlalchemy.pool import NullPool

from greenroom.errors import DatabaseIsNewer, StorageFailed, StorageFull
from greenroom.storage.urls import sync_url

revisions = Table("greenroom_revision", MetaData(), Column("version_num", String))
"""Where Alembic notes the revision; not under its usual name, for another program may use the same database."""

TABLES = Path(__file__).parent / "migrations" / "sqlite.sql"
"""What the migrations make of a new SQLite file: the last revision as a comment, and the statements. A test compares
them, and writes the file anew: `python -m tests.storage.new_file`."""

BETWEEN_STATEMENTS = "\n;\n"

_MIGRATIONS = TABLES.parent
_LOCK_KEY = 0x67726565
"""Key of PostgreSQL's advisory lock; any number that others are unlikely to use ("gree" in ASCII)."""
_WAIT_S = 30.0

# Alembic keeps the migration that is running in module globals, so that one process can run only one at a time.
_one_at_a_time = threading.Lock()


def migrate(url: str) -> None:
    """Create what is missing, or nothing when all is there.

    Programs that start together do not disturb each other: the first one works inside one transaction (SQLite: BEGIN
    IMMEDIATE, PostgreSQL: an advisory lock), the others wait and then find nothing to do.
    Raises: DatabaseIsNewer, the database untouched.
    """
    known = known_revisions()
    engine = _engine(sync_url(url))
    with engine.connect() as connection:
        if _up_to_date(connection, known):
            return
    with _one_at_a_time, engine.connect().execution_options(greenroom_writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK_KEY)))
        if not (_up_to_date(connection, known) or _made_at_once(connection, known[-1])):
            _upgrade(connection)


def known_revisions() -> list[str]:
    """The revisions that this program knows, oldest first: the names of the migration files."""
    return sorted(path.stem for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


def _up_to_date(connection: Connection, known: list[str]) -> bool:
    present = _present(connection)
    if present is not None and present not in known:
        raise DatabaseIsNewer(
            f"the database is at revision {present!r}, this program knows none beyond {known[-1]!r}; "
            "install the newer version of Greenroom that wrote it, or use another data folder or database"
        )
    return present == known[-1]


def _present(connection: Connection) -> str | None:
    """The revision that the database is at; None when it is empty."""
    if not inspect(connection).has_table(revisions.name):
        return None
    return ", ".join(connection.scalars(select(revisions.c.version_num))) or None


def _made_at_once(connection: Connection, newest: str) -> bool:
    """Make the tables of a SQLite file that is empty; not where what is written down is of another revision."""
    if connection.dialect.name != "sqlite" or inspect(connection).get_table_names():
        return False
    revision, *statements = TABLES.read_text("utf-8").split(BETWEEN_STATEMENTS)
    if revision != f"-- {newest}":
        return False
    for statement in statements:
        connection.exec_driver_sql(statement)
    return True


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["version_table"] = revisions.name
    command.upgrade(config, "head")


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args={"connect_timeout": 5})
    _make_folder(Path(url.database or "").parent)
    connect = {"isolation_level": None, "timeout": _WAIT_S}
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=connect)
    event.listen(engine, "begin", _begin)
    return engine


def _make_folder(folder: Path) -> None:
    """Make the data folder where it is missing, closed to other users: conversations are private."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        kind = StorageFull if exc.errno == errno.ENOSPC else StorageFailed
        raise kind(f"the data folder {str(folder)!r} cannot be made: {exc.strerror}") from exc


def _begin(connection: Connection) -> None:
    """Lock the file before changing it; a look at it shall change nothing."""
    writes = connection.get_execution_options().get("greenroom_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
