"""HTTP that sends an answer which is ready before the request is even parsed, and goes the whole way for all others."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from greenroom.wire.protocol import LimitedHeads

_MOST_BYTES, _MOST_PIECES = 64_000, 8
_BODY_SOON_S = 1.0
"""Many clients send head and body one after the other; who takes longer goes the whole way."""


class Asked:
    """The bytes of one request, as far as they have come. Of one that is long, or comes in crumbs, none are kept."""

    __slots__ = ("_pieces", "_size_bytes", "begun", "complete", "spoilt")

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size_bytes = 0
        self.begun = False
        self.complete = False
        self.spoilt = False
        """Whether its bytes are of no use: another request stands in them, they are too many, nobody wants them."""

    def add(self, piece: bytes) -> None:
        """Take one more piece."""
        self._size_bytes += len(piece)
        if self.spoilt or self._size_bytes > _MOST_BYTES or len(self._pieces) == _MOST_PIECES:
            self.forget()
        else:
            self._pieces.append(piece)

    def forget(self) -> None:
        """Keep none of it: the answer may last, and the request be large."""
        self.spoilt, self._pieces = True, []

    def whole(self) -> bytes | None:
        """All of it, head and body; None where it is not known, or not complete."""
        return b"".join(self._pieces) if self.complete and not self.spoilt else None


class ReadyAnswers(Protocol):
    """Answers that are ready, each for a request that is the same in all its bytes."""

    def begins(self, head: bytes, /) -> bool:
        """Whether one may be ready to a request with exactly this head, whose body is still to come."""
        ...

    def answer(self, request: bytes, /) -> bytes | None:
        """What is sent with status 200 behind the server's own headers: the other headers, an empty line, the body."""
        ...

    def comes(self, scope: Scope, asked: Asked, /) -> bool:
        """Take note of a request that goes the whole way, whose body may still be coming; or say that it is no use."""
        ...


class ReadyFirst(LimitedHeads):
    """Looks for a ready answer where a request begins on a connection that is quiet."""

    __slots__ = ("_asked", "_begun", "_in_request", "_pass_on_soon", "_ready")

    def __init__(self, *given: Any, ready: ReadyAnswers, **named: Any) -> None:
        super().__init__(*given, **named)
        self._ready = ready
        self._asked: Asked | None = None
        self._in_request = False
        self._begun = b""
        self._pass_on_soon: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """Answer at once, or read on."""
        if not self._is_quiet:
            if self._asked is not None and not self._asked.complete:
                self._asked.add(data)
            super().data_received(data)
            return
        if self._begun:
            data = self._taken_back() + data
        answer = self._ready.answer(data)
        if answer is not None:
            self._send(answer)
        elif self._ready.begins(data):
            self._begun, self._pass_on_soon = data, self.loop.call_later(_BODY_SOON_S, self._pass_on)
            self._unset_keepalive_if_required()
        else:
            self._begin(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what was held back."""
        self._taken_back()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Note which request the bytes belong to; bytes of two are of no use."""
        super().on_message_begin()
        self._in_request = True
        if self._asked is not None:
            self._asked.spoilt = self._asked.spoilt or self._asked.begun
            self._asked.begun = True

    def on_headers_complete(self) -> None:
        """The request goes the whole way."""
        super().on_headers_complete()
        asked = self._asked
        if asked is not None and not (asked.spoilt or self._ready.comes(self.scope, asked)):  # type: ignore[arg-type]
            asked.forget()

    def on_message_complete(self) -> None:
        """The bytes are all there."""
        self._in_request = False
        if self._asked is not None:
            self._asked.complete = True
        super().on_message_complete()

    @property
    def _is_quiet(self) -> bool:
        """Whether every request that has begun is complete and answered, and its reader has taken the answers."""
        return not (self._in_request or self._is_answering or self.flow.write_paused or self.transport.is_closing())

    def _begin(self, data: bytes) -> None:
        self._asked = Asked()
        self._asked.add(data)
        super().data_received(data)

    def _pass_on(self) -> None:
        self._begin(self._taken_back())

    def _taken_back(self) -> bytes:
        if self._pass_on_soon is not None:
            self._pass_on_soon.cancel()
            self._pass_on_soon = None
        begun, self._begun = self._begun, b""
        return begun

    def _send(self, answer: bytes) -> None:
        self._unset_keepalive_if_required()
        self._stop_waiting()
        own = [b"%b: %b\r\n" % header for header in self.server_state.default_headers]
        self.transport.write(b"".join((STATUS_LINE[200], *own, answer)))
        self.server_state.total_requests += 1
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)


def protocol(ready: ReadyAnswers | None) -> Callable[..., LimitedHeads]:
    """How uvicorn is to speak HTTP; with `ready` answers, those first."""
    return LimitedHeads if ready is None else partial(ReadyFirst, ready=ready)
