"""A port as a client over aiohttp: the far service, seen through the same Protocol."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import aiohttp
from pydantic import BaseModel, RootModel, ValidationError
from yarl import URL

from greenroom.clock import SYSTEM_CLOCK, Clock
from greenroom.config import WireSettings
from greenroom.errors import GreenroomError, NotReached, OutOfTime, ServiceAway
from greenroom.journey import current_trace, due_in, remaining_s
from greenroom.model import DependencyHealth, Health
from greenroom.patience import Breaker, patiently
from greenroom.wire.event_stream import read_events
from greenroom.wire.problem import MEDIA_TYPE as PROBLEM
from greenroom.wire.problem import error_of
from greenroom.wire.server import DEADLINE_HEADER
from greenroom.wire.verbs import Verb, verbs

P = TypeVar("P")

Query = dict[str, str | list[str]]

_MAX_ANSWER_BYTES = 64_000_000
"""A card with its picture is the largest; what may come in (`wire.max_api_body_bytes`) must come out again."""

_UNDERSTOOD = f"application/json, text/event-stream, {PROBLEM}"

_HEALTH_S = 6.0
"""A service asks those that it needs with a patience of four seconds before it says how it is."""


class Peer:
    """Another service of the house: where it is, and how patient to be with it."""

    def __init__(
        self,
        name: str,
        url: str,
        session: Callable[[], aiohttp.ClientSession],
        settings: WireSettings,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self.name = name
        self.url = url.rstrip("/")
        self._session = session
        self._settings = settings
        self._breaker = Breaker(name, clock, settings.breaker_failures, settings.breaker_rest_s)

    async def ping(self) -> None:
        """Ask the service whether it works; one that does need not be left in peace any longer.

        Raises: ServiceAway when it does not answer; what it says is wrong.
        """
        async with self._exchange("GET", "/live", {}, None) as response:
            if response.status != 204:
                raise error_of(await self._read(response), response.status, self.name)
        self._breaker.answered()

    async def health(self) -> Health:
        """How the service says that it is; one that does not answer is unhealthy."""
        now, why = datetime.now(UTC), ""
        try:
            async with due_in(_HEALTH_S), self._exchange("GET", "/health", {}, None) as response:
                return Health.model_validate(await self._read(response))
        except GreenroomError as exc:
            why = exc.detail
        except ValidationError:
            why = f"what answers at {self.url} is not {self.name}"
        reach = DependencyHealth(status="unhealthy", latency_ms=0.0, checked_at=now, detail=why)
        return Health(
            status="unhealthy",
            service=self.name,
            version="",
            uptime_seconds=0.0,
            dependencies={"connection": reach},
            timestamp=now,
        )

    async def call(self, verb: Verb, value: BaseModel) -> Any:
        """Have a verb done there, and return its value. Raises: whatever the verb raises there; ServiceAway."""

        async def once() -> Any:
            with self._breaker.guard():
                async with self._exchange(verb.route.method, *_split(verb, value)) as response:
                    body = await self._read(response)
            if response.status != verb.route.status:
                raise error_of(body, response.status, self.name)
            return self._understood(verb, body)

        def worth_it(exc: Exception) -> bool:
            return isinstance(exc, NotReached) or (
                verb.route.repeatable and isinstance(exc, GreenroomError) and exc.retryable
            )

        return await patiently(self._settings.service_call, worth_it, once)

    async def stream(self, verb: Verb, value: BaseModel) -> AsyncGenerator[Any, None]:
        """Have a streaming verb done there. Closing this closes the connection, and so the work on the far side."""
        told: GreenroomError | None = None
        with self._breaker.guard():
            async with self._exchange(verb.route.method, *_split(verb, value)) as response:
                if response.status != 200:
                    told = error_of(await self._read(response), response.status, self.name)
                else:
                    async with aclosing(read_events(self._pieces(response), self.name)) as events:
                        async for event in events:
                            if isinstance(event, GreenroomError):
                                told = event
                            else:
                                yield self._understood(verb, event)
        if told is not None:
            raise told

    async def _pieces(self, response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        while True:
            with _translated(self.name):
                async with asyncio.timeout(self._patience_s()):
                    piece = await response.content.readany()
            if not piece:
                return
            yield piece

    async def _read(self, response: aiohttp.ClientResponse) -> Any:
        with _translated(self.name):
            async with asyncio.timeout(self._patience_s()):
                raw = bytearray()
                async for piece in response.content.iter_any():
                    raw += piece
                    if len(raw) > _MAX_ANSWER_BYTES:
                        raise ServiceAway(f"{self.name} sent an answer larger than {_MAX_ANSWER_BYTES} bytes")
        try:
            return json.loads(raw)
        except ValueError:
            return None

    @asynccontextmanager
    async def _exchange(
        self, method: str, path: str, query: Query, body: bytes | None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        with _translated(self.name):
            async with asyncio.timeout(self._patience_s()):
                response = await self._session().request(
                    method,
                    URL(self.url + path + (f"?{urlencode(query, doseq=True)}" if query else ""), encoded=True),
                    data=body,
                    headers=self._headers(body),
                    timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._settings.connect_s),
                    allow_redirects=False,
                )
        try:
            yield response
        finally:
            response.release() if response.content.at_eof() else response.close()

    def _headers(self, body: bytes | None) -> dict[str, str]:
        headers = {"traceparent": current_trace().child().traceparent, "Accept": _UNDERSTOOD}
        left = remaining_s()
        if left is not None:
            headers[DEADLINE_HEADER] = str(round(left * 1000))
        token = self._settings.service_token.get_secret_value()
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        return headers

    def _patience_s(self) -> float:
        left = remaining_s()
        return self._settings.call_s if left is None else min(left, self._settings.call_s)

    def _understood(self, verb: Verb, body: Any) -> Any:
        try:
            return verb.adapter().validate_python(body)
        except ValidationError as exc:
            raise ServiceAway(f"{self.name} answered {verb.name} in a form that this version does not know") from exc


def client(port: type[P], peer: Peer) -> P:
    """An object with the verbs of `port`, each done by `peer`; and its `ping`."""
    members: dict[str, Any] = {
        verb.name: _stream_verb(verb) if verb.streams else _call_verb(verb) for verb in verbs(port)
    }
    kind = type(f"Remote{port.__name__}", (), {**members, "ping": lambda self: self._peer.ping()})
    remote: Any = kind()
    remote._peer = peer
    return remote  # type: ignore[no-any-return]


def _call_verb(verb: Verb) -> Any:
    async def call(self: Any, value: BaseModel, /) -> Any:
        return await self._peer.call(verb, value)

    return call


def _stream_verb(verb: Verb) -> Any:
    def stream(self: Any, value: BaseModel, /) -> AsyncGenerator[Any, None]:
        opened: AsyncGenerator[Any, None] = self._peer.stream(verb, value)
        return opened

    return stream


def _split(verb: Verb, value: BaseModel) -> tuple[str, Query, bytes | None]:
    """A value as path, query and body. In a query the parts of a list come one after the other, under one name."""
    if isinstance(value, RootModel):
        return verb.route.path, {}, value.model_dump_json().encode()
    fields = value.model_dump(mode="json", exclude_unset=True)
    path = verb.route.path
    for name in verb.path_fields:
        path = path.replace("{" + name + "}", quote(str(fields.pop(name)), safe=""))
    if verb.in_query:
        return path, {name: _in_query(given) for name, given in fields.items() if given is not None}, None
    return path, {}, json.dumps(fields).encode() if fields or verb.other_fields else None


def _in_query(given: Any) -> str | list[str]:
    if isinstance(given, list):
        return [str(part) for part in given] or [""]  # which is refused there; left out, it would mean the default
    return str(given)


class _translated:  # noqa: N801 - reads as a clause: `with _translated(name)`
    """Turns what aiohttp raises into our own errors. A plain class, because it stands inside generators."""

    def __init__(self, whose: str) -> None:
        self._whose = whose

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, traceback: Any) -> None:
        if isinstance(exc, aiohttp.ClientConnectorError):
            raise NotReached(f"{self._whose} does not answer at {exc.host}:{exc.port}") from exc
        if isinstance(exc, aiohttp.ConnectionTimeoutError):
            raise NotReached(f"{self._whose} does not answer") from exc
        if isinstance(exc, TimeoutError):
            raise OutOfTime(f"{self._whose} did not answer in time") from exc
        if isinstance(exc, aiohttp.ClientError | OSError):
            raise ServiceAway(f"{self._whose} broke off: {type(exc).__name__}") from exc
