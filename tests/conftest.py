"""Fixtures for all: what the house stands on, real and empty for each test."""

import asyncio
import logging
import os
import uuid
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol, TypeVar

import aiohttp
import psycopg
import pytest
import structlog
from fastapi import APIRouter, FastAPI
from hypothesis import HealthCheck, settings
from psycopg import sql
from pydantic import SecretStr

from greenroom.config import Backoff, WireSettings
from greenroom.storage.database import Database
from greenroom.testing import serving
from greenroom.wire import Peer, client, serve_port
from greenroom.wire.application import application
from greenroom.wire.guard import admission
from tests.servers import (
    chroma_program,
    postgresql_folder,
    redis_server,
    running_chroma,
    running_postgresql,
    running_redis,
)

P = TypeVar("P")

# A machine that has much else to do is no mistake of what is tried.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where TESTS_SKIP_NOTHING is set, as in .ci/run, a test that is skipped has failed."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("TESTS_SKIP_NOTHING"):
        report.outcome, report.longrepr = "failed", f"skipped, but nothing may be: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """Leave the log as it was: a command that a test ran would go on writing to a stream that is closed by then."""
    root, level = logging.getLogger(), logging.getLogger().level
    handlers = list(root.handlers)
    # Its own way to write a traceback draws each frame with its local variables, which takes tens of milliseconds.
    brief = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], brief])
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis server of this session. Shared: use keys of your own."""
    program = redis_server()
    if program is None:
        pytest.skip("no Redis server is installed (apt-get install redis-server)")
    with running_redis(program) as url:
        yield url


@pytest.fixture
def own_redis() -> Iterator[str]:
    """A Redis server of this test alone."""
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


@pytest.fixture(scope="session")
def chroma_server() -> Iterator[str]:
    """A Chroma server of this session. Shared: put a path of your own behind its URL."""
    program = chroma_program()
    if program is None:
        pytest.skip("no Chroma server is installed (uv tool install chromadb==1.5.9)")
    with running_chroma(program) as url:
        yield url


@pytest.fixture
def chroma_url(chroma_server: str) -> str:
    """Where a house of its own is on a Chroma server."""
    return f"{chroma_server}/{uuid.uuid4().hex}"


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


class Reach(Protocol):
    """Gives a port, once by direct call and once over loopback HTTP."""

    async def __call__(self, port: type[P], implementation: P, /) -> P: ...


@pytest.fixture(params=["direct", "http"])
async def reach(request: pytest.FixtureRequest) -> AsyncIterator[Reach]:
    """`port = await reach(Port, implementation)`: the port once by direct call, once over loopback HTTP."""
    async with AsyncExitStack() as stack:

        async def by_call(port: type[P], implementation: P, /) -> P:
            return implementation

        async def over_http(port: type[P], implementation: P, /) -> P:
            url = await stack.enter_async_context(serving(application_of(port, implementation)))
            session = await stack.enter_async_context(aiohttp.ClientSession())
            return client(port, Peer(port.__name__, url, lambda: session, WireSettings(service_call=Backoff(base_s=0))))

        yield by_call if request.param == "direct" else over_http


def application_of(port: type, implementation: object) -> FastAPI:
    """An application that serves one port at its root."""
    app = application(port.__name__, WireSettings(), ())
    router = APIRouter()
    serve_port(router, port, implementation, admission(SecretStr("")))
    app.include_router(router)
    return app
