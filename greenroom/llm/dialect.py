"""What outsiders' dialects share over HTTP: an endpoint that notices who leaves, and answers whole or as a stream.

What the words are, is the dialect's own: it writes the chunks, and the errors.
"""

import secrets
import string
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from typing import Any, Protocol

import msgspec
import structlog
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from greenroom.errors import GreenroomError, TooLarge, UpstreamFailed
from greenroom.llm.cache.replay import Offer, offer_of
from greenroom.llm.headers import told_of, wishes_of
from greenroom.llm.stamps import Stamps
from greenroom.model import Chunk, Stream
from greenroom.wire.access import open_to
from greenroom.wire.presence import CallerGone, while_present
from greenroom.wire.problem import retry_after

_log = structlog.get_logger()

_THERE_ALREADY = frozenset({"memory", "redis", "sqlite"})
_AT_ONCE_BYTES = 32_000


class Writer(Protocol):
    """Writes one answer in the words of a dialect. `media_type` is that of its stream."""

    media_type: str

    def whole(self, chunk: Chunk, /) -> Any:
        """The answer as one object; `chunk` is all of it."""
        ...

    def pieces(self, chunk: Chunk, /) -> Iterable[bytes]:
        """What a chunk of a stream becomes."""
        ...

    def failure(self, status: int, text: str, /) -> bytes:
        """The last piece of a stream that fails."""
        ...

    def afresh(self, stamps: Stamps, /) -> "Writer":
        """A writer of the same answer with other stamps, from the beginning."""
        ...


@open_to("caller")
class Endpoint:
    """One path: its methods, errors as `refusal` writes them, and an end when the client leaves.

    `answer` gets the body, and by name what stands in the path; what it raises becomes a refusal.
    """

    def __init__(
        self, methods: set[str], answer: Callable[..., Awaitable[ASGIApp]], refusal: Callable[[int, str], Response]
    ) -> None:
        self.methods = methods
        self._answer = answer
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] not in self.methods:
            await self._refusal(405, "method not allowed")(scope, receive, send)
            return
        try:
            contents = [await Request(scope, receive).body()]
        except ClientDisconnect:
            return
        except TooLarge as exc:
            await self._refusal(exc.status, exc.detail)(scope, receive, send)
            return
        try:
            await while_present(receive, lambda: self._respond(contents.pop(), scope, receive, send))
        except CallerGone:
            _log.info("caller_left", path=scope["path"])

    async def _respond(self, content: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._asked(content, scope)
        except Exception as exc:
            refusal = self._refusal(*told(exc))
            refusal.headers.update(retry_after(exc))
            response = refusal
        del content  # an answer lasts, and a request may be large
        await response(scope, receive, send)

    async def _asked(self, content: bytes, scope: Scope) -> ASGIApp:
        return await self._answer(content, **scope["path_params"])


class ModelEndpoint(Endpoint):
    """A path at which a model is asked: `answer` also gets as `wishes` what the headers say of the call."""

    async def _asked(self, content: bytes, scope: Scope) -> ASGIApp:
        return await self._answer(content, wishes=wishes_of(Headers(scope=scope)), **scope["path_params"])


async def answered(stream: Stream[Chunk], writer: Writer, streams: bool) -> ASGIApp:
    """The answer to a request, in one piece or as a stream. Raises: UpstreamFailed; whatever comes before a chunk."""
    if not streams:
        return _Whole(await joined(stream), writer)
    # The first chunk is awaited here: an error before it has a status of its own.
    first = await anext(stream, None)
    if first is None:
        raise UpstreamFailed
    return _Streamed(first, stream, writer)


class _Whole:
    """An answer in one piece."""

    def __init__(self, chunk: Chunk, writer: Writer) -> None:
        self._chunk, self._writer = chunk, writer
        self._response = as_json(writer.whole(chunk), headers=told_of(chunk))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._response(scope, receive, send)
        if offer := offer_of(scope, self._chunk):
            told = {"content-type": self._response.headers["content-type"], **told_of(self._chunk)}
            offer(told, self._written, False, self._chunk)

    def _written(self, stamps: Stamps) -> bytes:
        return msgspec.json.encode(self._writer.afresh(stamps).whole(self._chunk))


class _Streamed:
    """A stream of chunks as the writer writes them; an error inside it is its last piece."""

    def __init__(self, first: Chunk, stream: Stream[Chunk], writer: Writer) -> None:
        self._first = first
        self._stream = stream
        self._writer = writer
        self._offer: Offer | None = None
        self._given: list[Chunk] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._offer = offer_of(scope, self._first)
        told = {"content-type": self._writer.media_type, **told_of(self._first)}
        headers = [(name.casefold().encode(), value.encode()) for name, value in told.items()]
        given = self._pieces()
        async with aclosing(_gathered(given) if self._first.cache in _THERE_ALREADY else given) as pieces:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            async for piece in pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        if self._offer and self._given[-1].done:
            self._offer(told, self._written, True, self._given[-1])

    async def _pieces(self) -> Stream[bytes]:
        async with aclosing(self._stream):
            try:
                for piece in self._pieces_of(self._first):
                    yield piece
                async for chunk in self._stream:
                    for piece in self._pieces_of(chunk):
                        yield piece
            except Exception as exc:
                yield self._writer.failure(*told(exc))

    def _pieces_of(self, chunk: Chunk) -> Iterable[bytes]:
        if self._offer:
            self._given.append(chunk)
        return self._writer.pieces(chunk)

    def _written(self, stamps: Stamps) -> bytes:
        writer = self._writer.afresh(stamps)
        return b"".join(piece for chunk in self._given for piece in writer.pieces(chunk))


async def _gathered(pieces: Stream[bytes]) -> Stream[bytes]:
    """Pieces that need not be waited for, in fewer and larger ones."""
    waiting = b""
    async with aclosing(pieces):
        async for piece in pieces:
            waiting += piece
            if len(waiting) > _AT_ONCE_BYTES:
                yield waiting
                waiting = b""
    if waiting:
        yield waiting


async def joined(stream: Stream[Chunk]) -> Chunk:
    """All chunks of an answer as one. Raises: UpstreamFailed, when there are none."""
    async with aclosing(stream) as chunks:
        found = [chunk async for chunk in chunks]
    if not found:
        raise UpstreamFailed
    return as_one(found)


def as_one(chunks: Sequence[Chunk]) -> Chunk:
    """All chunks of an answer as one: from where the first one comes, with the last one's end."""
    return chunks[-1].model_copy(
        update={
            "text": "".join(chunk.text for chunk in chunks),
            "thinking": "".join(chunk.thinking for chunk in chunks),
            "tool_calls": tuple(call for chunk in chunks for call in chunk.tool_calls),
            "logprobs": tuple(entry for chunk in chunks for entry in chunk.logprobs),
            "cache": chunks[0].cache,
            "instead_of": chunks[0].instead_of,
            "route": chunks[0].route,
            "key": chunks[0].key,
            "similarity": chunks[0].similarity,
        }
    )


def told(exc: Exception) -> tuple[int, str]:
    """Status and text of an error as clients know them. What is not an error of ours goes to the log."""
    if isinstance(exc, GreenroomError):
        return 400 if exc.status == 422 else exc.status, exc.detail
    _log.error("request failed", exc_info=exc)
    return 500, "something went wrong in Greenroom; its log says what"


def as_json(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer in one piece."""
    return Response(msgspec.json.encode(content), status, headers, media_type="application/json; charset=utf-8")


def new_call_id() -> str:
    """An id for a tool call whose server gave it none."""
    return "call_" + "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(8))
