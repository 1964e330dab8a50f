"""Ollama's routes that change what models there are, or use its owner's account, passed on to the Ollama behind.

They concern the owner's machine, so that only owners may use them. Every byte is passed on as it is, and never held:
blobs are gigabytes.
"""

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable
from contextlib import aclosing

import msgspec
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Message, Receive, Scope, Send

from greenroom.errors import GreenroomError, NoUpstream
from greenroom.llm.dialect import as_json, told
from greenroom.llm.relayed import Relayed
from greenroom.llm.safe_names import check_digest, check_names_in
from greenroom.llm.upstream import Upstream
from greenroom.wire.access import open_to
from greenroom.wire.owners import Owners
from greenroom.wire.presence import CallerGone, while_present

_WITHOUT_OLLAMA = {
    "/api/status": {"cloud": {"disabled": True, "source": "config"}},
    "/api/experimental/model-recommendations": {"recommendations": []},
}

_CHANGING = frozenset({"/api/pull", "/api/create", "/api/copy", "/api/delete"})

_log = structlog.get_logger()


def management_routes(server: Upstream | None, owners: Owners, changed: Callable[[], None]) -> list[BaseRoute]:
    """The routes; they must stand before the one that answers 404 for all others below /api/.

    `server` is Ollama, None where there is none. `changed` is called when the models may be others than before.
    """
    managing = _Managing(server, owners, changed)
    routes = [
        *(Route(f"/api/{verb}", _Endpoint({"POST"}, managing.order)) for verb in ("pull", "push", "create", "copy")),
        Route("/api/delete", _Endpoint({"DELETE"}, managing.order)),
        Route("/api/blobs/{digest:path}", _Endpoint({"HEAD", "POST"}, managing.blob)),
        *(Route(path, open_to("caller")(_Endpoint({"GET"}, managing.told))) for path in _WITHOUT_OLLAMA),
        *(Route(f"/api/{verb}", _Endpoint({"POST"}, managing.account)) for verb in ("me", "signout")),
        Route("/api/experimental/web_fetch", _Endpoint({"POST"}, managing.order)),
    ]
    for route in routes:
        route.include_in_schema = False
    return list(routes)


@open_to("owner")
class _Endpoint:
    """One path: its methods, and errors in Ollama's shape where the answer has not begun."""

    def __init__(self, methods: set[str], answer: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self.methods = methods
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in self.methods:
            await PlainTextResponse("405 method not allowed", 405)(scope, receive, send)
            return
        try:
            await self._answer(scope, receive, send)
        except (CallerGone, ClientDisconnect):
            _log.info("caller_left", path=scope["path"])
        except GreenroomError as exc:
            status, text = told(exc)
            await as_json({"error": text}, status)(scope, receive, send)


class _Managing:
    """What each path does. Before anything is read, the owners are asked."""

    def __init__(self, server: Upstream | None, owners: Owners, changed: Callable[[], None]) -> None:
        self._server = server
        self._owners = owners
        self._changed = changed

    async def order(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pull, push, create, copy or delete a model."""
        self._owners.admit(scope)
        content = await Request(scope, receive).body()
        check_names_in(content)
        await while_present(receive, lambda: self._pass_on(scope, content, send))

    async def blob(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a file that a model is made of, or say whether it is there."""
        self._owners.admit(scope)
        check_digest(scope["path_params"]["digest"])
        if scope["method"] == "HEAD":
            await while_present(receive, lambda: self._pass_on(scope, b"", send))
            return
        upload = _Upload(receive)
        await while_present(upload.until_gone, lambda: self._pass_on(scope, upload, send))

    async def told(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell what Ollama says of its cloud and of models to try; without it, there is no cloud and no such model."""
        try:
            await while_present(receive, lambda: self._pass_on(scope, b"", send))
        except NoUpstream:
            await as_json(_WITHOUT_OLLAMA[scope["path"]])(scope, receive, send)

    async def account(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell whose account Ollama uses in its cloud, or leave it. Without an Ollama nobody is signed in."""
        self._owners.admit(scope)
        try:
            await while_present(receive, lambda: self._pass_on(scope, b"{}", send))
        except NoUpstream:
            await as_json({"error": "unauthorized"}, 401)(scope, receive, send)

    async def _pass_on(self, scope: Scope, content: bytes | AsyncIterable[bytes], send: Send) -> None:
        if self._server is None:
            raise NoUpstream("there is no Ollama to do this; name one in the setting llm.ollama_url")
        async with self._server.relaying(scope["method"], scope["path"], content) as answer:
            changes = answer.status == 200 and scope["path"] in _CHANGING
            await _deliver(answer, send, self._changed if changes else _nothing_changed)


async def _deliver(answer: Relayed, send: Send, changed: Callable[[], None]) -> None:
    """Pass an answer on. Whoever has seen its end may list the models at once, so that `changed` comes before it."""
    headers = [(name.encode(), value.encode("latin-1")) for name, value in answer.headers.items()]
    if answer.is_whole:
        changed()
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    ended = b"\n"
    try:
        async with aclosing(answer.pieces()) as pieces:
            async for piece in pieces:
                if answer.is_whole:
                    changed()
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                ended = piece[-1:]
        changed()
    except GreenroomError as exc:
        _log.warning("answer_cut_off", detail=exc.detail)
        if "content-length" in answer.headers:
            return  # the connection closes before the length that was promised, and that says it
        line = msgspec.json.encode({"error": exc.detail}) + b"\n"
        body = line if ended == b"\n" else b"\n" + line
        await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _nothing_changed() -> None:
    return


class _Upload:
    """The body of a request as it comes, one piece at a time."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._over = asyncio.Event()
        self._gone: Message | None = None

    def __aiter__(self) -> "_Upload":
        return self

    async def __anext__(self) -> bytes:
        while not self._over.is_set():
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self._gone = message
                self._over.set()
                # To end here would say that the file is whole. Whoever watches cancels the request.
                await asyncio.Event().wait()
            if not message.get("more_body"):
                self._over.set()
            if message.get("body"):
                return bytes(message["body"])
        raise StopAsyncIteration

    async def until_gone(self) -> Message:
        """What `receive` gives when the body is over."""
        await self._over.wait()
        return self._gone or await self._receive()
