"""A model server as it is reached over HTTP: connections, patience, tries. The providers know what is said there."""

import asyncio
import random
from collections.abc import AsyncIterable, AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, Self, TypeVar

import aiohttp
import msgspec
from pydantic import SecretStr

from greenroom import __version__
from greenroom.config import Backoff, LlmSettings
from greenroom.errors import GreenroomError, NoUpstream, OutOfTime, Overloaded, UpstreamFailed, UpstreamSilent
from greenroom.journey import remaining_s
from greenroom.llm.faults import FOREIGN, refusal, translated
from greenroom.llm.forms import Form
from greenroom.llm.relayed import Relayed
from greenroom.model import Stream
from greenroom.patience import patiently

T = TypeVar("T")

LINE_BYTES = 1_000_000
"""The longest line of an answer."""

ANSWER_BYTES = 64_000_000
"""The longest answer; many embeddings make one of tens of megabytes."""

_CONNECT_S = 10.0
_GLANCE_S = 3.0
_RELAY_S = 24 * 3600.0
_REASON_BYTES = 64_000
_LONGEST_RETRY_AFTER_S = 10.0
_BACKOFF = Backoff(attempts=2, jitter=True)


class Upstream:
    """One model server. Opened and closed by its provider; the constructor does nothing but remember.

    `advice` is told to people when the server cannot be reached: what to start, or which setting to change.
    """

    def __init__(
        self,
        label: str,
        url: str,
        settings: LlmSettings,
        *,
        advice: str,
        key: SecretStr | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self.label = label
        self._url = url.rstrip("/")
        self._settings = settings
        self._advice = advice
        self._key = key
        self._backoff = backoff or _BACKOFF
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Make the pool of connections. It never goes through a proxy, keeps no cookies and unpacks nothing."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30),
            timeout=aiohttp.ClientTimeout(total=None, connect=_CONNECT_S),
            headers={"User-Agent": f"greenroom/{__version__}", "Accept-Encoding": "identity"},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trace_configs=[_noting_reuse()],
        )
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Close every connection."""
        assert self._session is not None
        await self._session.close()
        self._session = None

    @asynccontextmanager
    async def asking(self, path: str, body: dict[str, Any] | Form) -> AsyncIterator["Answer"]:
        """Send a request and read its answer inside; leaving closes the connection unless the answer was read whole.

        Tried once more only while nothing has come back, and only where the server cannot have begun: refused
        connections, a pooled connection that turns out to be closed, 429 and 503.
        """
        until = _now() + self._settings.first_token_s

        async def attempt() -> aiohttp.ClientResponse:
            return await self._open(path, body, until)

        response = await patiently(self._backoff, _worth_another_try, attempt)
        try:
            yield Answer(response, self, until, self._settings.between_tokens_s)
        finally:
            response.close()

    async def ask(self, path: str, body: dict[str, Any]) -> bytes:
        """Send a request and return its whole answer."""
        async with self.asking(path, body) as answer:
            return await answer.whole()

    async def glance(self, path: str, body: dict[str, Any] | None = None, patience_s: float = _GLANCE_S) -> bytes:
        """Look something up that costs the server nothing. It gives up after three seconds."""
        late = NoUpstream(f"{self.label} does not answer; {self._advice}")
        until = _now() + patience_s

        async def attempt() -> aiohttp.ClientResponse:
            return await self.bounded(self._send("GET" if body is None else "POST", path, body), until, late)

        response = await patiently(self._backoff, _met_a_closed_connection, attempt)
        try:
            if response.status != 200:
                raise await self._refusal(response)
            return await Answer(response, self, until, patience_s).whole()
        finally:
            response.close()

    @asynccontextmanager
    async def relaying(self, method: str, path: str, content: bytes | AsyncIterable[bytes]) -> AsyncIterator[Relayed]:
        """Send bytes as they are, and read the answer inside, whatever its status; leaving closes the connection.

        Nothing is kept but what is on its way: a stream is read as fast as the server takes it. It may last a day,
        since models are large. A stream is sent only once.
        """
        late = UpstreamSilent(f"{self.label} sent nothing for a day")

        async def attempt() -> aiohttp.ClientResponse:
            return await self.bounded(self._request(method, path, content), _now() + _RELAY_S, late)

        again = _worth_another_try if isinstance(content, bytes) else _never
        response = await patiently(self._backoff, again, attempt)
        try:
            yield Relayed(response, lambda: self.bounded(response.content.readany(), _now() + _RELAY_S, late))
        finally:
            response.close()

    async def bounded(self, waiting: Awaitable[T], until: float, late: GreenroomError) -> T:
        """Wait, but neither past `until` (loop time) nor past the call's deadline; foreign errors are translated."""
        left, deadline = until - _now(), remaining_s()
        by_deadline = deadline is not None and deadline < left
        scope = asyncio.timeout(deadline if by_deadline else left)
        try:
            async with scope:
                return await waiting
        except FOREIGN as exc:
            if scope.expired():
                raise (OutOfTime("the model was not done in the time allowed") if by_deadline else late) from exc
            raise translated(exc, self.label, self._advice) from exc

    async def _open(self, path: str, body: dict[str, Any] | Form, until: float) -> aiohttp.ClientResponse:
        late = UpstreamSilent(f"{self.label} sent no token within {self._settings.first_token_s:g} s")
        response = await self.bounded(self._send("POST", path, body), until, late)
        if response.status == 200:
            return response
        try:
            raise await self._refusal(response)
        finally:
            response.close()

    async def _send(self, method: str, path: str, body: dict[str, Any] | Form | None) -> aiohttp.ClientResponse:
        content = msgspec.json.encode(body) if isinstance(body, dict) else body or b""
        return await self._request(method, path, content)

    async def _request(self, method: str, path: str, content: bytes | AsyncIterable[bytes]) -> aiohttp.ClientResponse:
        assert self._session is not None, f"{self.label} is asked before it was opened"
        headers = _headers_of(content)
        if self._key is not None and self._key.get_secret_value():
            headers["Authorization"] = f"Bearer {self._key.get_secret_value()}"
        reuse = SimpleNamespace(reused=False)
        try:
            return await self._session.request(
                method,
                self._url + path,
                data=content or None,
                headers=headers,
                allow_redirects=False,
                trace_request_ctx=reuse,
            )
        except aiohttp.ClientConnectionError as exc:
            if reuse.reused:
                raise _ClosedMeanwhile(str(exc)) from exc
            raise

    async def _refusal(self, response: aiohttp.ClientResponse) -> GreenroomError:
        late = UpstreamFailed(f"{self.label} answered {response.status}")
        body = await self.bounded(response.content.read(_REASON_BYTES), _now() + _GLANCE_S, late)
        return refusal(response.status, body, response.headers.get("Retry-After"), self.label)


class Answer:
    """An answer that is coming in."""

    def __init__(self, response: aiohttp.ClientResponse, upstream: Upstream, until: float, between_s: float) -> None:
        self._response = response
        self._upstream = upstream
        self._until = until
        self._between_s = between_s
        self._begun = False
        self._read_bytes = 0

    def heard(self) -> None:
        """Say that a token has come: from now on the shorter patience holds."""
        self._begun = True

    async def lines(self) -> Stream[list[bytes]]:
        """The lines of the answer, those together that came together, blank ones left out.

        Raises: UpstreamFailed, for a line beyond a megabyte.
        """
        rest = b""
        while piece := await self._piece():
            come = rest + piece
            *whole, rest = come.split(b"\n")
            if len(come) > LINE_BYTES:
                self._check_lengths([*whole, rest])
            if lines := list(filter(bytes.strip, whole)):
                yield lines
                self._wait_anew()
        if rest.strip():
            yield [rest]

    @property
    def content_type(self) -> str:
        """What kind of content the server says that it is."""
        return self._response.headers.get("Content-Type", "")

    async def pieces(self) -> Stream[bytes]:
        """The answer as it comes."""
        self.heard()
        while piece := await self._piece():
            yield piece
            self._wait_anew()

    async def whole(self) -> bytes:
        """The answer as one piece."""
        pieces = []
        while piece := await self._piece():
            pieces.append(piece)
        return b"".join(pieces)

    def failed(self, what: str) -> UpstreamFailed:
        """An error that says what the server did."""
        return UpstreamFailed(f"{self._upstream.label} {what}")

    def _wait_anew(self) -> None:
        # The reader's own time, between two lines, is not the server's silence.
        if self._begun:
            self._until = _now() + self._between_s

    async def _piece(self) -> bytes:
        silence = f"for {self._between_s:g} s" if self._begun else "in all the time that a first token may take"
        late = UpstreamSilent(f"{self._upstream.label} sent nothing {silence}")
        piece = await self._upstream.bounded(self._response.content.readany(), self._until, late)
        self._read_bytes += len(piece)
        if self._read_bytes > ANSWER_BYTES:
            raise self.failed(f"sent more than {ANSWER_BYTES} bytes")
        return piece

    def _check_lengths(self, lines: list[bytes]) -> None:
        if max(map(len, lines), default=0) > LINE_BYTES:
            raise self.failed(f"sent a line of more than {LINE_BYTES} bytes")


class _ClosedMeanwhile(aiohttp.ClientConnectionError):
    """A pooled connection was closed by the server before it took this request."""


def _headers_of(content: bytes | AsyncIterable[bytes]) -> dict[str, str]:
    if isinstance(content, Form):
        return content.headers()
    kind = "application/json" if isinstance(content, bytes) else "application/octet-stream"
    return {"Content-Type": kind} if content else {}


def _noting_reuse() -> aiohttp.TraceConfig:
    async def note(session: aiohttp.ClientSession, context: SimpleNamespace, params: Any) -> None:
        if context.trace_request_ctx is not None:
            context.trace_request_ctx.reused = True

    config = aiohttp.TraceConfig()
    config.on_connection_reuseconn.append(note)
    return config


def _worth_another_try(exc: Exception) -> bool | float:
    if isinstance(exc, Overloaded):
        pause_s = exc.extra.get("retry_after_s")
        if pause_s is None:
            return True
        # Not all who were sent away together return together, and none too early.
        pause_s *= 1 + random.random() / 10
        return pause_s if pause_s <= min(_LONGEST_RETRY_AFTER_S, remaining_s() or _LONGEST_RETRY_AFTER_S) else False
    cause = exc.__cause__
    if isinstance(cause, aiohttp.ClientConnectorError):
        return isinstance(cause.os_error, ConnectionRefusedError)
    return _met_a_closed_connection(exc)


def _met_a_closed_connection(exc: Exception) -> bool:
    return isinstance(exc.__cause__, _ClosedMeanwhile)


def _never(exc: Exception) -> bool:
    return False


def _now() -> float:
    return asyncio.get_running_loop().time()
