"""Fixtures for all: what the house stands on, real and empty for each test."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from greenroom.storage.database import Database
from tests.servers import postgresql_folder, redis_server, running_postgresql, running_redis


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis server of this session. Shared: use keys of your own."""
    program = redis_server()
    if program is None:
        pytest.skip("no Redis server is installed (apt-get install redis-server)")
    with running_redis(program) as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL server of this session, with a database `template` that has all tables."""
    binaries = postgresql_folder()
    if binaries is None:
        pytest.skip("no PostgreSQL server is installed (apt-get install postgresql)")
    with running_postgresql(binaries) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE template")
        asyncio.run(_migrate(database_at(url, "template")))
        yield url


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database that has all tables."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template").format(sql.Identifier(name)))
        yield database_at(postgresql_server, name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty database is: once a SQLite file, once on a PostgreSQL server."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'greenroom.db'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open, empty database: once SQLite, once PostgreSQL."""
    async with Database(database_url) as database:
        yield database


def database_at(server: str, name: str) -> str:
    """The URL of another database of the same server."""
    return server.rpartition("/")[0] + "/" + name


async def _migrate(url: str) -> None:
    async with Database(url):
        pass
