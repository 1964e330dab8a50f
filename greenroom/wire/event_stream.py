"""Streams as server-sent events: one `data:` line of JSON per item, an `end` event when all is said.

An error inside a stream is an `error` event with problem details. A stream that stops without `end` or `error` was
cut off. Source: WHATWG HTML, section 9.2 "Server-sent events".
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import structlog
from pydantic import BaseModel
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from greenroom.errors import GreenroomError, ServiceAway
from greenroom.wire.dialects import error_response
from greenroom.wire.presence import CallerGone, while_present
from greenroom.wire.problem import error_of, problem

MEDIA_TYPE = "text/event-stream"
MAX_EVENT_BYTES = 8_000_000
_END = b"event: end\ndata: {}\n\n"

log = structlog.get_logger(__name__)


class EventStream(Response):
    """Sends a stream. An error before the first item is an ordinary answer with its own status."""

    media_type = MEDIA_TYPE

    def __init__(self, stream: AsyncGenerator[BaseModel, None]) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all items, and close the stream at once when the reader goes away."""

        async def work() -> None:
            async with aclosing(self._stream) as items:
                await self._send_all(items, scope, receive, send)

        try:
            await while_present(receive, work)
        except CallerGone:
            log.info("reader_left", path=scope["path"])

    async def _send_all(
        self, items: AsyncGenerator[BaseModel, None], scope: Scope, receive: Receive, send: Send
    ) -> None:
        begun = False
        try:
            async for item in items:
                if not begun:
                    await self._begin(send)
                    begun = True
                await _send(send, b"data: " + item.model_dump_json().encode() + b"\n\n")
        except Exception as exc:  # a door: whatever went wrong inside, the reader is told and the log has the rest
            error = as_ours(exc)
            if not begun:
                await error_response(scope, error)(scope, receive, send)
                return
            await _send(send, b"event: error\ndata: " + json.dumps(problem(error)).encode() + b"\n\n", more=False)
            return
        if not begun:
            await self._begin(send)
        await _send(send, _END, more=False)

    async def _begin(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})


async def _send(send: Send, body: bytes, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})


def as_ours(exc: Exception) -> GreenroomError:
    """The error to show: our own as it is, anything else as an inner error whose traceback is in the log alone."""
    if isinstance(exc, GreenroomError):
        return exc
    log.exception("inner_error", exc_info=exc)
    return GreenroomError("Something went wrong inside; the log has the details under this trace.")


async def read_events(pieces: AsyncIterator[bytes], whose: str) -> AsyncGenerator[Any, None]:
    """The JSON of each item of a stream; at its end the error, as a `GreenroomError`, where it ends with one.

    Raises: ServiceAway, when it breaks off or is no such stream.
    """
    waiting = b""
    async for piece in pieces:
        waiting += piece
        if len(waiting) > MAX_EVENT_BYTES:
            raise ServiceAway(f"{whose} sent an event larger than {MAX_EVENT_BYTES} bytes")
        *events, waiting = waiting.split(b"\n\n")
        for event in events:
            kind, data = _parse(event, whose)
            if kind == "end":
                return
            if kind == "error":
                yield error_of(data, 500, whose)
                return
            if data is not None:
                yield data
    raise ServiceAway(f"{whose} broke off in the middle of its answer")


def _parse(event: bytes, whose: str) -> tuple[str, Any]:
    kind, data = b"message", []
    for line in event.split(b"\n"):
        name, _, value = line.partition(b":")
        if name == b"event":
            kind = value.strip()
        elif name == b"data":
            data.append(value.removeprefix(b" "))
    try:
        return kind.decode(), json.loads(b"\n".join(data)) if data else None
    except ValueError as exc:
        raise ServiceAway(f"{whose} sent something that is not a stream of ours") from exc
