"""Running the house, or one service of it, until told to stop."""

import asyncio
import errno
import gc
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from typing import Any

import uvicorn
from rich.console import Console
from rich.markup import escape
from starlette.types import ASGIApp

from greenroom.app import House
from greenroom.commands.logs import configure_logs
from greenroom.commands.workers import Workers, share_of
from greenroom.config import Loaded
from greenroom.errors import CannotStart, PortTaken
from greenroom.model import Models, Nothing
from greenroom.storage.database import Database
from greenroom.storage.folder import own_folder
from greenroom.wire.guard import is_loopback
from greenroom.wire.protocol import hold_little
from greenroom.wire.ready import protocol

_BACKLOG = 2048
_GOODBYE_S = 10
_LAST_WORDS_S = 2


Beside = AbstractAsyncContextManager[None] | None
"""What is opened before the house, and closed after it."""


def run(
    loaded: Loaded,
    only: str | None,
    console: Console,
    workers: int = 1,
    character: str | None = None,
    beside: Beside = None,
) -> None:
    """Serve until a signal comes; with several `workers`, in as many processes that share the port.

    Raises: PortTaken; CannotStart, when another process has the data folder; whatever opening raises.
    """
    settings = loaded.settings
    configure_logs(settings.log)
    port = getattr(settings.ports, only) if only else settings.port
    with _listening(settings.host, port, only) as listener:
        if workers == 1:
            house = House(loaded, only, character=character)
            _run(_serve(house, house.application, listener, lambda: _welcome(house, listener, console), beside=beside))
        else:
            _run_workers(loaded, only, console, listener, workers)


def _run_workers(loaded: Loaded, only: str | None, console: Console, listener: socket.socket, count: int) -> None:
    """The folder is that of all of them, and so is kept from others here."""
    house = House(share_of(loaded, count), only, shares_folder=True)
    app = house.application()  # built once, before they part: a third of what each would take by itself

    def work(is_first: bool) -> None:
        says = (lambda: _welcome(house, listener, console)) if is_first else _nothing
        _run(_serve(house, lambda: app, listener, says, crew.lifeline))

    crew = Workers(count, work, _GOODBYE_S + _LAST_WORDS_S, console)
    with own_folder(loaded.settings.data_dir, only or "up"):
        asyncio.run(_brought_up_to_date(house.database))
        crew.run()


async def _brought_up_to_date(database: Database) -> None:
    """Make the tables before the workers part: SQLite lets nobody else near a new file while it begins its log."""
    async with database, database.write():
        pass


def _run(serving: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=_compiled_loop) as runner:
        runner.run(serving)


async def _serve(
    house: House,
    application: Callable[[], ASGIApp],
    listener: socket.socket,
    when_open: Callable[[], Awaitable[None]],
    lifeline: int | None = None,
    beside: Beside = None,
) -> None:
    """Open the house first, so that what is wrong is said in plain words, and then its doors."""
    # The loop would list each generator, to close at its own end what nobody has closed, and a miss has seventeen: that
    # took a twelfth of its time. One that nobody holds any more is closed as before.
    sys.set_asyncgen_hooks(firstiter=None)
    async with beside or nullcontext(), house.open():
        config = uvicorn.Config(
            application(),
            log_config=None,
            access_log=False,
            server_header=False,
            http=protocol(house.ready),  # type: ignore[arg-type]
            ws="websockets-sansio",
            timeout_graceful_shutdown=_GOODBYE_S,
        )
        doors = _Doors(config, when_open, house.interrupt)
        gc.freeze()  # all that was made for the start stays until the end, and need not be looked through again
        gc.enable()
        if lifeline is not None:
            asyncio.get_running_loop().add_reader(lifeline, doors.close, lifeline)
        await doors.serve(sockets=[listener])


async def _nothing() -> None:
    """What all workers but the first say when they are open."""


class _Doors(uvicorn.Server):
    """A server that says so when it is open, and shortly before it cuts off those who are still inside."""

    def __init__(
        self, config: uvicorn.Config, when_open: Callable[[], Awaitable[None]], before_the_end: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._when_open = when_open
        self._before_the_end = before_the_end

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the doors, and say so."""
        await super().startup(sockets)
        if self.started:
            await self._when_open()

    def close(self, lifeline: int) -> None:
        """Let nobody else in, and end when those who are inside have gone: who has begun us is not there any more."""
        asyncio.get_running_loop().remove_reader(lifeline)
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let calls under way end by themselves; those that do not are told so while they can still be."""
        last_call = asyncio.get_running_loop().call_later(_GOODBYE_S - _LAST_WORDS_S, self._before_the_end)
        try:
            await super().shutdown(sockets)
        finally:
            last_call.cancel()


async def _welcome(house: House, listener: socket.socket, console: Console) -> None:
    host, port = listener.getsockname()[:2]
    name = f"[{host}]" if ":" in host else host
    where = f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else name}:{port}"  # noqa: S104 - compared, not bound
    if house.here == ("web",) or len(house.here) > 1:
        console.print(f"[bold green]Greenroom[/] is open: [bold]{where}[/]")
    else:
        console.print(f"[bold green]Greenroom[/]'s {house.here[0]} answers at [bold]{where}[/] (see {where}/docs)")
    if "llm" in house.here:
        console.print(_who_answers(await house.llm.models(Nothing())))
    if not is_loopback(host):
        guarded = bool(house.settings.wire.service_token.get_secret_value())
        what = "the page and the Ollama API" if guarded else "everything here: no service token is set"
        console.print(f"[yellow]Everybody who reaches this address may use {what}.[/]")


def _who_answers(models: Models) -> str:
    speaking = models.roles.get("generation")
    if speaking is None:
        return "[red]No model answers.[/] `greenroom doctor` says what to do."
    if models.stand_in:
        return (
            f"[yellow]The understudy stands in[/], because {escape(models.why_stand_in)}: lines are put together by "
            "rules, not written by a language model. `greenroom doctor` says what to do."
        )
    return f"Lines are written by [bold]{speaking}[/]."


@contextmanager
def _listening(host: str, port: int, only: str | None) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, proto=socket.IPPROTO_TCP) as listener:  # named, or asyncio leaves Nagle's delay on
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            hold_little(listener)
            listener.listen(_BACKLOG)
        except OSError as exc:
            raise _cannot_listen(host, port, only, exc) from exc
        yield listener


def _cannot_listen(host: str, port: int, only: str | None, exc: OSError) -> CannotStart:
    setting = f"GREENROOM_PORTS__{only.upper()}" if only else "GREENROOM_PORT"
    if exc.errno == errno.EADDRINUSE:
        return PortTaken(f"port {port} on {host} is in use; choose another with --port, or set {setting}")
    if exc.errno == errno.EACCES:
        return PortTaken(f"port {port} may not be used by you; choose one above 1023 with --port, or set {setting}")
    return CannotStart(f"cannot listen on {host}, port {port}: {exc.strerror or exc}")


def _compiled_loop() -> asyncio.AbstractEventLoop:
    from uvloop import new_event_loop  # twice the requests of asyncio's own; absent where there is no wheel

    return new_event_loop()
