"""Tables are brought up to date at start, once, and never by a program that is too old."""

import asyncio
import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, NullPool, create_engine, update

import greenroom
from greenroom.errors import DatabaseIsNewer, StorageFailed
from greenroom.storage.database import Database
from greenroom.storage.schema import TABLES, known_revisions, migrate, revisions
from greenroom.storage.urls import sync_url
from tests.conftest import database_at
from tests.storage.letters import keep, kept
from tests.storage.new_file import migrated, statements

PACKAGE = Path(greenroom.__file__).parent
MIGRATE = "import sys; from greenroom.storage.schema import migrate; migrate(sys.argv[1]);"


def tables_of_all_services() -> list[ModuleType]:
    paths = [path.relative_to(PACKAGE.parent).with_suffix("") for path in PACKAGE.rglob("tables.py")]
    return [importlib.import_module(".".join(path.parts)) for path in paths]


def is_no_index_of_words(name: str | None, kind: str, _: object) -> bool:
    """The index of words is the database's own, with tables beside it that SQLAlchemy knows nothing of."""
    return kind != "table" or not (name or "").startswith(("chunk_words", "chunk_vocabulary"))


def test_the_migrations_make_the_tables_that_the_services_expect(database_url: str) -> None:
    migrate(database_url)
    expected = MetaData()
    for module in tables_of_all_services():
        for table in module.metadata.tables.values():
            table.to_metadata(expected)
    with create_engine(sync_url(database_url), poolclass=NullPool).connect() as connection:
        options = {"version_table": revisions.name, "include_name": is_no_index_of_words}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, expected) == []


def test_a_new_file_gets_at_once_what_the_migrations_make_of_it(tmp_path: Path) -> None:
    new, slowly = tmp_path / "new.db", tmp_path / "slowly.db"
    migrated(slowly)
    written_for = TABLES.read_text("utf-8").partition("\n")[0]
    assert written_for == f"-- {known_revisions()[-1]}", "a migration was added: run python -m tests.storage.new_file"
    migrate(f"sqlite:///{new}")
    assert statements(new) == statements(slowly)


def test_the_names_of_the_migrations_are_their_revisions_in_one_line() -> None:
    config = Config()
    config.set_main_option("script_location", str(PACKAGE / "storage" / "migrations"))
    chain = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert chain[::-1] == known_revisions()


async def test_a_newer_database_is_refused_and_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "greenroom.db"
    url = f"sqlite:///{file}"
    async with Database(url) as database, database.write() as connection:
        await connection.execute(update(revisions).values(version_num="9999_future"))
    before = file.read_bytes()
    with pytest.raises(DatabaseIsNewer, match=f"'9999_future'.*{known_revisions()[-1]}.*install the newer version"):
        await Database(url).__aenter__()
    assert file.read_bytes() == before


async def test_a_newer_database_on_a_server_is_refused(postgresql_url: str) -> None:
    async with Database(postgresql_url) as database, database.write() as connection:
        await connection.execute(update(revisions).values(version_num="9999_future"))
    with pytest.raises(DatabaseIsNewer, match="9999_future"):
        await Database(postgresql_url).__aenter__()


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "greenroom.db"
    file.write_bytes(b"Dear diary" * 1000)
    with pytest.raises(StorageFailed, match="not a database"):
        await Database(f"sqlite:///{file}").__aenter__()
    assert file.read_bytes() == b"Dear diary" * 1000


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageFailed, match="file/data' cannot be made"):
        await Database(f"sqlite:///{tmp_path / 'file' / 'data' / 'greenroom.db'}").__aenter__()


def test_programs_that_start_together_migrate_once(tmp_path: Path) -> None:
    start_together(f"sqlite:///{tmp_path / 'greenroom.db'}")


def test_programs_that_start_together_on_a_server_migrate_once(postgresql_server: str) -> None:
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS together")
        connection.execute("CREATE DATABASE together")
    start_together(database_at(postgresql_server, "together"))


async def test_what_was_kept_survives_a_second_start(database_url: str) -> None:
    async with Database(database_url) as database:
        await keep(database, "one")
    async with Database(database_url) as database:
        assert await kept(database) == {"one"}


async def test_a_folder_with_odd_characters_can_hold_the_database(tmp_path: Path) -> None:
    async with Database(f"sqlite:///{tmp_path / '100% Zoë & co' / 'greenroom.db'}") as database:
        await keep(database, "one")
    assert (tmp_path / "100% Zoë & co" / "greenroom.db").exists()


def test_a_start_with_nothing_to_do_does_not_load_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'greenroom.db'}"
    migrate(url)
    program = MIGRATE + "print('alembic' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", program, url]) == b"False\n"


def start_together(url: str) -> None:
    """Let three processes migrate at the same moment: each waits for its standard input to close."""
    command = [sys.executable, "-c", "import sys; sys.stdin.read();" + MIGRATE, url]
    pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
    processes = [subprocess.Popen(command, **pipes) for _ in range(3)]  # type: ignore[call-overload]
    for process in processes:
        process.stdin.close()
    for process in processes:
        complaint = process.stderr.read()
        process.stderr.close()
        assert (process.wait(), complaint) == (0, b"")
    asyncio.run(ping(url))


async def ping(url: str) -> None:
    async with Database(url) as database:
        assert await kept(database) == set()
