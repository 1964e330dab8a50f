"""The paths of the pages: open from the start, while what answers there is still being made."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.routing import BaseRoute, Match
from starlette.types import Message, Receive, Scope, Send

from greenroom.errors import ServiceAway
from greenroom.wire.access import open_to

PAGE, GATEWAY, WORLD = "/", "/gateway", "/world"

_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""Nothing from outside is loaded, whatever stands in a chat. NiceGUI's scripts are inline and compiled in place."""

log = structlog.get_logger(__name__)


@open_to("everybody")
class PagePaths(BaseRoute):
    """An application of pages, narrowed down to its own paths, so that an unknown path stays the house's 404.

    `make` is called in a thread once the house is open, since it imports for half a second, in which the house can
    answer others. Who asks for a page meanwhile waits.
    """

    path = f"{PAGE}, {GATEWAY}, {WORLD}, /_nicegui/…, /_nicegui_ws/…"

    def __init__(self, make: Callable[[], FastAPI]) -> None:
        self._make = make
        self._pages: FastAPI | None = None
        self._is_made = asyncio.Event()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Make the pages while the block begins, and close them at its end."""
        closing = asyncio.Event()
        being_open = asyncio.create_task(self._be_open(closing))
        try:
            yield
        finally:
            closing.set()
            await being_open

    def check(self) -> None:
        """Whether the pages can be shown, as far as is known. Raises: ServiceAway."""
        if self._is_made.is_set() and self._pages is None:
            raise ServiceAway("the pages could not be made; the log says why")

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match the pages and what NiceGUI serves for them."""
        path = scope.get("path", "")
        if path in {PAGE, GATEWAY, WORLD} or path.startswith(("/_nicegui/", "/_nicegui_ws/")):
            return Match.FULL, {}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer when there are pages, and tell the browser to load nothing from elsewhere. Raises: ServiceAway."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["content-security-policy"] = _POLICY
                headers["referrer-policy"] = "no-referrer"
                headers["x-content-type-options"] = "nosniff"
            await send(message)

        await self._is_made.wait()
        self.check()
        assert self._pages is not None
        await self._pages(scope, receive, send_guarded)

    async def _be_open(self, closing: asyncio.Event) -> None:
        try:
            pages = await asyncio.to_thread(self._make)
            async with pages.router.lifespan_context(pages):
                self._pages = pages
                self._is_made.set()
                await closing.wait()
        except Exception:  # the house goes on without pages, and says so
            log.exception("pages_failed")
        finally:
            self._pages = None
            self._is_made.set()
