"""The database: who reads, who writes, and how it is opened. What the tables mean is the services' business."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from types import TracebackType
from typing import Any, Concatenate, NamedTuple, ParamSpec, Self, TypeVar

import msgspec
import structlog
from sqlalchemy import Connection, Engine, Row, Select, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from greenroom.errors import Unavailable
from greenroom.processors import keep_to_first_half
from greenroom.storage.faults import translated
from greenroom.storage.schema import migrate
from greenroom.storage.urls import async_url, sync_url

T = TypeVar("T")
P = ParamSpec("P")

log = structlog.get_logger(__name__)

_BUSY_S = 5.0
_SQLITE_READERS = 4
_POSTGRESQL_CONNECTIONS, _UNDER_LOAD = 5, 3
"""Kept open, and how many more under load: ten services that run alone, and the engines of two of them, stay below
PostgreSQL's default limit of 100."""


class Database:
    """Tables in a SQLite file or on a PostgreSQL server, by URL (`sqlite:///<file>`, `postgresql://…`).

    SQLite has one writer: a connection of its own, and a queue before it, so that no transaction of this process
    waits for a lock inside SQLite; its readers cannot write. WAL lets both work side by side.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_file = async_url(url).get_backend_name() == "sqlite"
        self._engines: _Engines | None = None
        self._together: _InThreads | None = None
        self._alone: AbstractAsyncContextManager[Any] = asyncio.Lock() if self.is_file else nullcontext()
        self._in_turn: AbstractAsyncContextManager[Any] = asyncio.Lock() if self.is_file else nullcontext()

    async def __aenter__(self) -> Self:
        """Bring the tables up to date and connect.

        Raises: DatabaseIsNewer; Unavailable; StorageFull; StorageFailed, also for a file that is no database.
        """
        with translated():
            await asyncio.to_thread(migrate, self.url)
            engines = _engines(async_url(self.url))
            if self.is_file:
                await _make_all_connections(engines)
        self._engines = engines
        if self.is_file:
            self._together = _InThreads(sync_url(self.url))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        engines, self._engines = self._engines or (), None
        threads, self._together = self._together, None
        with translated():
            if threads:
                await asyncio.to_thread(threads.close)
            for engine in engines:
                await engine.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Connect for reading. Each statement sees what was committed before it; there is no transaction.

        Raises: Unavailable (retryable), StorageFailed.
        """
        with translated():
            async with self._opened().reading.connect() as connection:
                yield connection

    async def rows(self, query: Select[Any], **values: Any) -> Sequence[Row[Any]]:
        """What one query gives, with these values for its parameters. Raises: Unavailable (retryable), StorageFailed.

        A query that is asked with every turn is made once, with parameters: making them anew was an eighth of all that
        a house computed (measured 2026-11-22).
        """
        return await self.look(lambda connection: connection.execute(query, values).all())

    async def value(self, query: Select[Any], **values: Any) -> Any:
        """The first value of the first row that a query gives; None without rows. Raises as `rows` does."""
        return await self.look(lambda connection: connection.scalar(query, values))

    async def look(self, work: Callable[Concatenate[Connection, P], T], *given: P.args, **named: P.kwargs) -> T:
        """Read several things that belong together; like `read`, for where milliseconds count.

        On SQLite all of it is done in one thread, and not with several ways to a thread and back for each statement.
        What is computed between the statements keeps nobody waiting.
        Raises: Unavailable (retryable), StorageFailed.
        """
        with translated():
            if self._together:
                return await self._together.look(lambda connection: work(connection, *given, **named))
            async with self._opened().reading.connect() as connection:
                return await connection.run_sync(lambda connection: work(connection, *given, **named))

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Connect for a transaction: committed at the end, rolled back on any exception and on cancellation.

        Keep it short, and never open one inside another: on SQLite the inner one would wait for the outer for ever.
        Raises: Conflict (a unique value exists already), InvalidInput (no column can hold this), StorageFull,
        Unavailable (retryable), StorageFailed.
        """
        with translated():
            async with self._in_turn, self._alone, self._opened().writing.begin() as connection:
                yield connection

    async def change(self, work: Callable[Concatenate[Connection, P], T], *given: P.args, **named: P.kwargs) -> T:
        """Do a transaction; like `write`, for where milliseconds count, and as `look` does it.

        On SQLite it goes before all who queue to `write`, and is done to its end even if the caller is
        cancelled meanwhile, and only then cancelled.
        """
        with translated():
            if self._together:
                async with self._alone:
                    return await self._together.change(lambda connection: work(connection, *given, **named))
            async with self._opened().writing.begin() as connection:
                return await connection.run_sync(lambda connection: work(connection, *given, **named))

    async def ping(self) -> None:
        """Ask the database for an answer. Raises: Unavailable, StorageFailed."""
        async with self.read() as connection:
            await connection.execute(text("SELECT 1"))

    def _opened(self) -> "_Engines":
        if self._engines is None:
            raise Unavailable("the database is not open")
        return self._engines


class _InThreads:
    """Readers and the writer of a SQLite file, who work in threads of their own."""

    def __init__(self, url: URL) -> None:
        self._writing = create_engine(url, pool_size=1, **_SQLITE)
        self._reading = create_engine(url, pool_size=_SQLITE_READERS, pool_reset_on_return=None, **_SQLITE)
        _listen(self._writing, self._reading)
        self._threads = ThreadPoolExecutor(_SQLITE_READERS + 1, "database", keep_to_first_half)

    async def look(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._look, work)

    def _look(self, work: Callable[[Connection], T]) -> T:
        with self._reading.connect() as connection:
            return work(connection)

    async def change(self, work: Callable[[Connection], T]) -> T:
        doing = asyncio.get_running_loop().run_in_executor(self._threads, self._change, work)
        cancelled: asyncio.CancelledError | None = None
        while not doing.done():  # the next writer may not begin before
            try:
                await asyncio.wait([doing])
            except asyncio.CancelledError as exc:
                cancelled = exc
        if cancelled:
            doing.exception()  # marks it as seen
            raise cancelled
        return doing.result()

    def _change(self, work: Callable[[Connection], T]) -> T:
        with self._writing.begin() as connection:
            return work(connection)

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)
        self._writing.dispose()
        self._reading.dispose()


class _Engines(NamedTuple):
    writing: AsyncEngine
    reading: AsyncEngine


def _engines(url: URL) -> _Engines:
    return _sqlite_engines(url) if url.get_backend_name() == "sqlite" else _postgresql_engines(url)


def _sqlite_engines(url: URL) -> _Engines:
    writing = create_async_engine(url, pool_size=1, **_SQLITE)
    reading = create_async_engine(url, pool_size=_SQLITE_READERS, pool_reset_on_return=None, **_SQLITE)
    _listen(writing.sync_engine, reading.sync_engine)
    event.listen(writing.sync_engine, "invalidate", _roll_back_first)
    return _Engines(writing, reading)


async def _make_all_connections(engines: _Engines) -> None:
    """Make them before anybody can be cancelled who would have made one: it would stay open then, and a writer's would
    keep the file locked."""
    try:
        async with AsyncExitStack() as all_at_once:
            for engine in (engines.writing, *[engines.reading] * _SQLITE_READERS):
                await all_at_once.enter_async_context(engine.connect())
    except BaseException:
        for engine in engines:
            await engine.dispose()
        raise


def _listen(writing: Engine, reading: Engine) -> None:
    event.listen(writing, "connect", _prepare_writer)
    event.listen(writing, "begin", _begin_immediate)
    event.listen(reading, "connect", _prepare_reader)


def _postgresql_engines(url: URL) -> _Engines:
    writing = create_async_engine(
        url,
        pool_size=_POSTGRESQL_CONNECTIONS,
        max_overflow=_UNDER_LOAD,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5, "application_name": "greenroom"},
        **_COMMON,
    )
    return _Engines(writing, reading=writing.execution_options(isolation_level="AUTOCOMMIT"))


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


_COMMON: dict[str, Any] = {
    "pool_timeout": 10,
    "hide_parameters": True,
    "json_serializer": _json,
    "json_deserializer": msgspec.json.decode,
}
_SQLITE: dict[str, Any] = {
    **_COMMON,
    "max_overflow": 0,
    # None keeps the driver from opening transactions by itself, which it would do without IMMEDIATE.
    "connect_args": {"isolation_level": None, "timeout": _BUSY_S},
}


def _prepare_writer(connection: Any, _: object) -> None:
    """Make a commit survive a power cut (FULL), not only a crash of the program (NORMAL): nobody can say it all again.

    Measured 2026-11-21, four runs of 1500 commits of an 8 kB row, virtual SSD, a busy machine: FULL 1.1–1.3 ms p50,
    1.6–8.0 ms p95; NORMAL 1.0–1.1 ms p50, 1.6–2.0 ms p95.
    """
    # secure_delete: what people take back shall not stay in free pages.
    _pragmas(connection, "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON")


def _prepare_reader(connection: Any, _: object) -> None:
    """Leave all writing to the writer, and so the checkpoints: before 3.51.3, two at once could damage a file."""
    _pragmas(connection, "query_only = ON")


def _pragmas(connection: Any, *pragmas: str) -> None:
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute("PRAGMA " + pragma)
    cursor.close()


def _begin_immediate(connection: Any) -> None:
    """Take the write lock first: a transaction that reads and then writes could otherwise fail halfway (BUSY)."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _roll_back_first(connection: Any, _: object, exception: BaseException | None) -> None:
    """Give the write lock back before a connection is closed in whose statement a cancellation has struck.

    SQLite closes a connection only when its last statement is gone, and rolls nothing back before; a statement with
    RETURNING stays for as long as somebody holds the exception. Work for a connection is done in the order in which it
    is given, so that this comes before the closing.
    """
    if isinstance(exception, asyncio.CancelledError):
        rolling_back = asyncio.ensure_future(connection.driver_connection.rollback())
        rolling_back.add_done_callback(_report)


def _report(rolling_back: asyncio.Future[None]) -> None:
    if not rolling_back.cancelled() and (error := rolling_back.exception()):
        log.warning("rollback_failed", error=str(error))
