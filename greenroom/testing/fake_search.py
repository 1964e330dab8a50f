"""Search engines over real HTTP that find what the test says, and fail as real ones do."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Self

import msgspec
from aiohttp import web


@dataclass(frozen=True, slots=True)
class Found:
    """A page that an engine finds; any text, as a stranger might have written it."""

    title: str
    url: str
    snippet: str = ""
    engines: tuple[str, ...] = ("google",)


@dataclass(frozen=True, slots=True)
class SearchReply:
    """One answer, and what is wrong with it.

    Faults: another `status`, with `headers`; any bytes in place of JSON (`raw`); no answer until the client leaves
    (`stall`); the connection closed without one (`reset`).
    """

    results: tuple[Found, ...] = ()
    status: int = 200
    raw: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    stall: bool = False
    reset: bool = False


class _FakeEngine(ABC):
    """What the fakes have in common. `requests` are the parameters of all searches, `headers` what came with them."""

    path = ""

    def __init__(self, *results: Found) -> None:
        self.requests: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self._default = SearchReply(results)
        self._replies: deque[SearchReply] = deque()
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """Where it answers, once it was entered."""
        return f"http://127.0.0.1:{self._port}"

    def enqueue(self, *replies: SearchReply) -> None:
        """Add answers, each for one search; after them it finds what it was made with."""
        self._replies.extend(replies)

    async def __aenter__(self) -> Self:
        """Start on a free port."""
        app = web.Application()
        app.router.add_get(self.path, self._answer)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Stop."""
        assert self._runner is not None
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(dict(request.query))
        self.headers.append(dict(request.headers))
        reply = self._replies.popleft() if self._replies else self._default
        if reply.stall:
            await asyncio.Event().wait()
        if reply.reset and request.transport is not None:
            request.transport.abort()
        body = msgspec.json.encode(self._page(reply.results)) if reply.raw is None else reply.raw
        return web.Response(
            body=body, status=reply.status, headers={"Content-Type": "application/json", **reply.headers}
        )

    @abstractmethod
    def _page(self, results: tuple[Found, ...]) -> dict[str, Any]:
        """What was found, as the engine writes it."""


class FakeSearXNG(_FakeEngine):
    """A SearXNG: GET /search?format=json. Its own setting `formats` may leave JSON out, as it does by default."""

    path = "/search"

    def __init__(self, *results: Found, formats: tuple[str, ...] = ("html", "json")) -> None:
        super().__init__(*results)
        self._formats = formats

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.query.get("format", "html") not in self._formats:
            return web.Response(status=403, text="<h1>Forbidden</h1>", content_type="text/html")
        return await super()._answer(request)

    def _page(self, results: tuple[Found, ...]) -> dict[str, Any]:
        entries = [
            {"url": r.url, "title": r.title, "content": r.snippet, "engines": list(r.engines), "score": 1.0}
            for r in results
        ]
        return {"query": self.requests[-1]["q"], "results": entries, "answers": [], "unresponsive_engines": []}


class FakeBrave(_FakeEngine):
    """Brave's API: GET /res/v1/web/search with the one key that it knows."""

    path = "/res/v1/web/search"

    def __init__(self, *results: Found, key: str = "key") -> None:
        super().__init__(*results)
        self._key = key

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("X-Subscription-Token") != self._key:
            error = {"code": "SUBSCRIPTION_TOKEN_INVALID", "detail": "The provided subscription token is invalid."}
            return web.json_response({"type": "ErrorResponse", "error": error}, status=422)
        return await super()._answer(request)

    def _page(self, results: tuple[Found, ...]) -> dict[str, Any]:
        entries = [{"title": r.title, "url": r.url, "description": r.snippet} for r in results]
        return {"type": "search", "web": {"type": "search", "results": entries}}
