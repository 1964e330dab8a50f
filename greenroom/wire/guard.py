"""What stands before every route: the trace, allowed hosts and origins, the size of bodies, the service token."""

import asyncio
import hmac
import ipaddress
import math
import re
import socket
from collections.abc import Callable
from typing import NamedTuple

import structlog
from fastapi import Request
from pydantic import SecretStr
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from greenroom.errors import BadRequest, Forbidden, GreenroomError, TooLarge, TooSlow, Unauthorized
from greenroom.journey import new_trace, read_traceparent, tracing
from greenroom.wire.access import open_to
from greenroom.wire.dialects import DIALECTS, FORMS, error_response
from greenroom.wire.packed import Unpacked
from greenroom.wire.protocol import HEAD_THERE_S

_NOT_SAID = frozenset({"", "application/octet-stream", "application/x-www-form-urlencoded", "text/plain"})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_TAKEN = frozenset({"", "identity", "zstd"})
"""How bodies may be packed. gzip is not among them: nobody who asks models sends it, and it is a way to do harm."""
_SLOWEST_BYTES_PER_S = 1000.0
_APPLICATIONS = frozenset({"app", "file", "tauri", "vscode-webview", "vscode-file"})
"""Schemes of pages that come with a program. Source: Ollama, envconfig/config.go, `AllowedOrigins`."""
_OUR_HEADERS = (
    "X-Greenroom-Cache, X-Greenroom-Instead-Of, X-Greenroom-Key, X-Greenroom-Model, X-Greenroom-Route, "
    "X-Greenroom-Similarity, X-Trace-Id, Retry-After"
)
_NAMES = re.compile(r"[\w-]{1,60}(?:, ?[\w-]{1,60}){0,60}", re.ASCII)


class TraceEachRequest:
    """Lets everything that a request causes belong to one trace, and says in `x-trace-id` which."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the caller's trace, or begin one."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        came_with = read_traceparent(Headers(scope=scope).get("traceparent"))
        trace = came_with.child() if came_with else new_trace()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["x-trace-id"] = trace.trace_id
            await send(message)

        with tracing(trace), structlog.contextvars.bound_contextvars(trace_id=trace.trace_id):
            await self._app(scope, receive, send_with_id)


class AllowedCallers:
    """Refuses requests that a foreign web page could have made, and lets the pages that may call read the answers.

    A name that is not ours in `Host` is how DNS rebinding looks; a foreign `Origin` on a request that changes
    something, or on a websocket, is how cross-site request forgery looks. Addresses as literals cannot be rebound.
    Origins of applications (`app://obsidian.md`) may call, as with Ollama: no web page can have one.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str], origins: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts | {"localhost", socket.gethostname().casefold()}
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer 403; answer a browser that asks what a page may do."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        asks_first = scope.get("method") == "OPTIONS" and "access-control-request-method" in headers
        refusal = self._refusal(scope, headers, asks_first)
        if refusal is not None:
            await _refuse(refusal, scope, receive, send)
            return
        origin = headers.get("origin")
        if not origin or scope["type"] != "http" or not self._may_call(origin, _host_name(headers.get("host", ""))):
            await self._app(scope, receive, send)
        elif asks_first:
            await Response(status_code=204, headers=_permission(origin, headers))(scope, receive, send)
        else:
            await self._app(scope, receive, _readable(send, origin))

    def _refusal(self, scope: Scope, headers: Headers, asks_first: bool) -> GreenroomError | None:
        host = _host_name(headers.get("host", ""))
        if not self._is_ours(host):
            return Forbidden(f"this machine is not called {host!r}; add the name to the setting wire.allowed_hosts")
        origin = headers.get("origin")
        changes = asks_first or scope["type"] == "websocket" or scope["method"] not in _SAFE_METHODS
        if origin and changes and not self._may_call(origin, host):
            return Forbidden(f"pages of {origin!r} may not call this; see the setting wire.allowed_origins")
        return None

    def _may_call(self, origin: str, host: str) -> bool:
        scheme, _, rest = origin.partition("://")
        name = _host_name(rest)
        return origin in self._origins or scheme in _APPLICATIONS or name == host or is_loopback(name)

    def _is_ours(self, host: str) -> bool:
        return host in self._hosts or host.endswith(".localhost") or _is_address(host)


def _readable(send: Send, origin: str) -> Send:
    """Send on, and let the page of `origin` read the answer with the headers that are ours. Never its cookies."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Access-Control-Allow-Origin"] = origin
            headers["Access-Control-Expose-Headers"] = _OUR_HEADERS
            headers.add_vary_header("Origin")
        await send(message)

    return sending


def _permission(origin: str, asked: Headers) -> dict[str, str]:
    wanted = asked.get("access-control-request-headers", "")
    given = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, DELETE",
        "Access-Control-Allow-Headers": wanted if _NAMES.fullmatch(wanted) else "",
        "Access-Control-Max-Age": "600",
        "Vary": "Origin",
    }
    if asked.get("access-control-request-private-network") == "true":
        given["Access-Control-Allow-Private-Network"] = "true"
    return given


class Limit(NamedTuple):
    """How large a body may be, and the setting that says so."""

    size_bytes: float
    setting: str


class LimitedBodies:
    """Refuses bodies over a limit, whether they say their length or not, and slow ones. Packed ones are unpacked here.

    A body may be waited for during `patience_s` and a second for each thousand bytes of it. Only waiting counts: what
    the reader does between two pieces is its own time.
    """

    def __init__(self, app: ASGIApp, limit_of: Callable[[str], Limit], patience_s: float) -> None:
        self._app = app
        self._limit_of = limit_of
        self._patience_s = patience_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what comes in; over the limit, answer 413 and read no more."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit, answered = self._limit_of(scope["path"]), False
        headers = Headers(scope=scope)
        said = headers.get("content-length", "")
        if said.isdigit() and int(said) > limit.size_bytes:
            await _refuse(_too_large(limit), scope, receive, send)
            return
        packed = headers.get("content-encoding", "").strip().casefold()
        if packed not in _TAKEN or (packed == "zstd" and limit.size_bytes == math.inf):
            unknown = BadRequest("bodies that are packed otherwise than with zstd are not taken")
            await _refuse(unknown, scope, receive, send)
            return
        given: Receive = Unpacked(receive, limit.size_bytes) if packed == "zstd" else receive

        async def noted(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self._app(scope, _Counted(given, limit, self._patience_s - _waited_s(scope)), noted)
        except (TooLarge, TooSlow, BadRequest) as exc:
            if answered:
                raise
            await _refuse(exc, scope, receive, send)


class _Counted:
    """What comes in of one request."""

    def __init__(self, receive: Receive, limit: Limit, patience_s: float) -> None:
        self._receive = receive
        self._limit = limit
        self._left_s = patience_s
        self._received = 0
        self._more = True

    async def __call__(self) -> Message:
        """The next message. Raises: TooLarge; TooSlow."""
        message = await (self._in_time() if self._more else self._receive())
        size = len(message.get("body", b""))
        self._received += size
        self._left_s += size / _SLOWEST_BYTES_PER_S
        self._more = message.get("more_body", False)
        if self._received > self._limit.size_bytes:
            raise _too_large(self._limit)
        return message

    async def _in_time(self) -> Message:
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        try:
            async with asyncio.timeout(max(0.0, self._left_s)):
                return await self._receive()
        except TimeoutError as exc:
            raise TooSlow(f"the body did not come in time, only {self._received} bytes of it") from exc
        finally:
            self._left_s -= loop.time() - began_s


class JsonBodies:
    """Lets a body be JSON whatever it is called: `curl -d` calls everything a form, and we take no forms.

    Where a dialect is spoken, a body is JSON whatever its name, as it is for Ollama; but for sound. A form is what a
    foreign page could send without asking first; `AllowedCallers` refuses those by their origin.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the body what it is."""
        if scope["type"] == "http" and scope["method"] in {"POST", "PUT"}:
            said = Headers(scope=scope).get("content-type", "")
            in_dialect = scope["path"].startswith(DIALECTS) and not scope["path"].startswith(FORMS)
            if said != "application/json" and (in_dialect or said.partition(";")[0].strip() in _NOT_SAID):
                MutableHeaders(scope=scope)["content-type"] = "application/json"
        await self._app(scope, receive, send)


def admission(token: SecretStr) -> Callable[[Request], None]:
    """What lets a request to a service in: the service token, where one is set. Raises: Unauthorized."""
    wanted = token.get_secret_value().encode()

    @open_to("service")
    def admit(request: Request) -> None:
        if not wanted:
            return
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        if scheme.casefold() != "bearer" or not hmac.compare_digest(shown.strip().encode(), wanted):
            raise Unauthorized("this service wants the service token: Authorization: Bearer …")

    return admit


@open_to("caller")
def admit_everybody(request: Request) -> None:
    """What lets a request to an outsiders' route in: clients of Ollama know nothing of our service token."""


async def _refuse(error: GreenroomError, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": error.detail[:100]})
        return
    await error_response(scope, error)(scope, receive, send)


def _waited_s(scope: Scope) -> float:
    """For how long the body was waited for before the application knew of it."""
    since_s: float | None = scope.get(HEAD_THERE_S)
    return 0.0 if since_s is None else asyncio.get_running_loop().time() - since_s


def _too_large(limit: Limit) -> TooLarge:
    return TooLarge(f"the body is larger than {limit.size_bytes} bytes ({limit.setting})", limit_bytes=limit.size_bytes)


def _host_name(netloc: str) -> str:
    """The name in a Host header or an origin, without its port, in lower case."""
    name = netloc.rpartition("@")[2].casefold()
    if name.startswith("["):
        return name.partition("]")[0][1:]
    return name.partition(":")[0].rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(name: str) -> bool:
    """Whether a name or an address means this machine, and nobody else can mean it."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return _is_address(name) and ipaddress.ip_address(name).is_loopback
