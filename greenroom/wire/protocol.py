"""HTTP as uvicorn speaks it, with an end to what comes before a body and to waiting for those who do not read.

uvicorn itself reads request lines and headers of any size into memory, and for ever.
"""

import asyncio
import socket
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

MAX_HEAD_BYTES = 512_000
"""More than one read of the event loop (256 kB), which may hold the end of one request and the head of the next."""

HEAD_THERE_S = "greenroom.head_there_s"
"""Where a scope says since when (loop time) its body is waited for."""

_UNSENT_BYTES = 128_000
"""With the 64 kB that asyncio holds, an answer that is not read takes less than 256 kB."""

_HELD_BYTES = 32_000
"""Half of what uvicorn reads ahead before it waits for a reader."""

BODY_S = 30.0
"""How long a body may be waited for, beside the time that its length takes on a slow line."""

_HEAD_S = 20.0
_SILENT_S = 45.0
_STALLED_S = 300.0
_TOO_LATE = b'{"error":"the head of the request did not come in time"}'


def hold_little(listener: socket.socket) -> None:
    """Have the system take little ahead of each reader: it would hold megabytes of an answer that nobody reads."""
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT_BYTES)


class LimitedHeads(HttpToolsProtocol):
    """Closes a connection whose request line and headers do not come to an end, and one that nobody reads from.

    A head has to be there after `head_s`, or 408 is answered; a head that is too large gets 400. While a body comes,
    there may be silence for `silent_s`; how slowly it may come, `guard` knows. An answer waits in
    memory for its reader, 64 kB of it, while the service stops writing; who takes nothing for `stalled_s` is cut off.

    The application gets a request when its body is there, so that those who send slowly wait where it costs least; but
    not later than after `held_s`, and longer bodies as they come.
    """

    head_s = _HEAD_S
    silent_s = _SILENT_S
    held_s = BODY_S
    stalled_s = _STALLED_S

    # With these in its dictionary as well, Python would not share the keys of the dictionary: 2 kB for each connection.
    __slots__ = ("_head_bytes", "_held", "_held_too_long", "_in_head", "_late", "_stalled")

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._head_bytes = 0
        self._in_head = False
        self._late: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._held: tuple[RequestResponseCycle, Any] | None = None
        self._held_too_long: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._late = self.loop.call_later(self.head_s, self._head_is_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._stop_waiting()
        self._taken()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless it is too much already."""
        super().data_received(data)
        if self not in self.connections:  # it has become a websocket, whose connection is another's now
            return
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self.send_400_response("The headers are too large.")
        if self._late is None and (self._in_head or not self._is_answering):
            self._late = self.loop.call_later(self.head_s, self._head_is_late)
        elif self._is_answering and self.cycle.more_body:
            self._stop_waiting()
            self._late = self.loop.call_later(self.silent_s, self._body_is_late)

    def on_message_begin(self) -> None:
        """Count anew."""
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """The body is there."""
        self._stop_waiting()
        super().on_message_complete()
        self._hold_no_longer()

    def on_body(self, body: bytes) -> None:
        """A piece of it is there."""
        super().on_body(body)
        if self._held is not None and len(self.cycle.body) > _HELD_BYTES:
            self._hold_no_longer()

    def on_headers_complete(self) -> None:
        """Count no further: bodies have limits of their own."""
        self._in_head = False
        self._stop_waiting()
        super().on_headers_complete()

    def pause_writing(self) -> None:
        """Begin to wait for the reader."""
        super().pause_writing()
        self._stalled = self._stalled or self.loop.call_later(self.stalled_s, self.transport.abort)

    def resume_writing(self) -> None:
        """The reader has read."""
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Hold the request, unless its body is there already, or who sends it wants to be told to."""
        if not cycle.more_body or cycle.waiting_for_100_continue:
            super()._start_asgi_task(cycle, app)
            return
        now_s = self.loop.time()
        cycle.scope[HEAD_THERE_S] = now_s  # type: ignore[literal-required]
        self._held = cycle, app
        self._held_too_long = self.loop.call_at(now_s + self.held_s, self._hold_no_longer)

    def _hold_no_longer(self) -> None:
        held = self._taken()
        if held is not None:
            super()._start_asgi_task(*held)

    def _taken(self) -> tuple[RequestResponseCycle, Any] | None:
        """What is held, which is not held any more."""
        if self._held_too_long is not None:
            self._held_too_long.cancel()
            self._held_too_long = None
        held, self._held = self._held, None
        return held

    @property
    def _is_answering(self) -> bool:
        return not getattr(self.cycle, "response_complete", True)  # before the first request there is no cycle

    def _stop_waiting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _body_is_late(self) -> None:
        if self.flow.read_paused:  # it is we who do not read
            self._late = self.loop.call_later(self.silent_s, self._body_is_late)
        else:
            self.transport.close()

    def _head_is_late(self) -> None:
        if self.transport.is_closing():
            return
        if self._in_head and not self._is_answering:
            head = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-type: application/json\r\n"
            self.transport.write(head + b"content-length: %d\r\n\r\n" % len(_TOO_LATE) + _TOO_LATE)
        self.transport.close()
