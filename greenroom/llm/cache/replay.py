"""Answers given a moment ago, as bytes that lack only the time and an id: they are sent before anything else is asked.

A request gets one only when it is the same, byte for byte, path and all headers included, as one that has come through
everything behind this layer within the last two seconds: guards, keys, the model and its digest. Every two seconds one
goes through again.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from greenroom.clock import Clock
from greenroom.journey import current_caller
from greenroom.llm.lookout import SOON_S
from greenroom.llm.stamps import Form, Marks
from greenroom.model import Chunk
from greenroom.wire.dialects import DIALECTS

Head = tuple[str, bytes, tuple[tuple[bytes, bytes], ...]]
"""Path, query and headers of a request."""

_RENEWED_AFTER_S = SOON_S * 3 / 4
_PIECE_BYTES = 64_000
_BUDGET_BYTES = 16_000_000
_OF_ONE_CALL = frozenset({b"traceparent", b"origin"})
"""With these, what stands before the dialects adds to the answer: a trace, or what a browser needs to read it."""
_OFFER = "greenroom.replay"


@dataclass(slots=True, eq=False)
class Replay:
    """An answer to be sent again. `end` is its last chunk, which says who gave it and what it took.

    `caller` is the id of the key that the request came with.
    """

    headers: list[tuple[bytes, bytes]]
    form: Form
    streams: bool
    end: Chunk
    caller: str
    size_bytes: int
    renew_at_s: float
    until_s: float

    async def send(self, send: Send) -> None:
        """Send it as an answer of now."""
        body = self.form.filled_in()
        headers = [*self.headers, (b"x-trace-id", secrets.token_hex(16).encode())]
        if not self.streams:
            headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for at in range(0, len(body), _PIECE_BYTES):
            piece = body[at : at + _PIECE_BYTES]
            await send({"type": "http.response.body", "body": piece, "more_body": at + _PIECE_BYTES < len(body)})


class Replays:
    """The answers that can be sent again now. `admits` is told of each before it is sent, and may refuse it.

    A refused request goes the whole way. When `budget_bytes` are full, all are forgotten: they are soon made again.
    """

    def __init__(
        self, clock: Clock, admits: Callable[[Replay], bool] = lambda _: True, budget_bytes: int = _BUDGET_BYTES
    ) -> None:
        self._clock, self._admits, self._budget_bytes = clock, admits, budget_bytes
        self._known: dict[Head, dict[bytes, Replay]] = {}
        self._size_bytes = 0
        self.marks = Marks(clock)
        self.generation = 0
        self.sent = 0

    def knows(self, head: Head) -> bool:
        """Whether there may be an answer to a request that begins so."""
        return head in self._known

    def find(self, head: Head, body: bytes) -> Replay | None:
        """The answer to a request. Some time before it may no longer be sent, one request is sent to make it anew."""
        replay = self._known[head].get(body) if head in self._known else None
        if replay is None:
            return None
        now_s = self._clock.monotonic_s()
        if now_s >= replay.renew_at_s:
            replay.renew_at_s = replay.until_s
            return None
        if now_s >= replay.until_s or not self._admits(replay):
            return None
        self.sent += 1
        return replay

    def keep(self, head: Head, body: bytes, headers: Mapping[str, str], form: Form, streams: bool, end: Chunk) -> None:
        """Have an answer sent again."""
        size_bytes = form.size_bytes + len(body) + sum(len(name) + len(value) + 100 for name, value in head[2])
        if size_bytes > self._budget_bytes:
            return
        if before := self._known.get(head, {}).pop(body, None):
            self._size_bytes -= before.size_bytes
        if self._size_bytes + size_bytes > self._budget_bytes:
            self._known, self._size_bytes = {}, 0
        now_s = self._clock.monotonic_s()
        told = [(name.casefold().encode(), value.encode()) for name, value in headers.items()]
        renew_at_s, until_s = now_s + _RENEWED_AFTER_S, now_s + SOON_S
        replay = Replay(told, form, streams, end, current_caller(), size_bytes, renew_at_s, until_s)
        self._size_bytes += size_bytes
        self._known.setdefault(head, {})[body] = replay

    def forget(self) -> None:
        """Send none of them again, nor any that is being made now."""
        self._known, self._size_bytes = {}, 0
        self.generation += 1


class ReplayFirst:
    """Sends what can be sent again; everything else goes the whole way, and what comes of it may be kept."""

    def __init__(self, app: ASGIApp, replays: Replays) -> None:
        self._app, self._replays = app, replays

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith(DIALECTS):
            await self._app(scope, receive, send)
            return
        head = (scope["path"], scope["query_string"], tuple(scope["headers"]))
        coming = _Coming(self._replays, head, receive)
        if self._replays.knows(head):
            body = await coming.whole()
            replay = self._replays.find(head, body) if body is not None else None
            if replay is not None:
                await replay.send(send)
                return
        scope[_OFFER] = coming.offer
        await self._app(scope, coming.receive, send)


class _Coming:
    """A request that is coming in. Its body is looked at only when it comes in one piece."""

    def __init__(self, replays: Replays, head: Head, receive: Receive) -> None:
        self._replays, self._head, self._receive = replays, head, receive
        self._generation = replays.generation
        self._first: Message | None = None
        self._seen = False
        self._body: bytes | None = None

    async def whole(self) -> bytes | None:
        """The body, if it comes in one piece; it can be received all the same."""
        self._first = await self.receive()
        return self._body

    async def receive(self) -> Message:
        """What comes in, as it came."""
        if self._first is not None:
            message, self._first = self._first, None
            return message
        message = await self._receive()
        if not self._seen:
            self._seen = True
            if message["type"] == "http.request" and not message.get("more_body", False):
                self._body = message.get("body", b"")
        return message

    def offer(self, headers: Mapping[str, str], write: Callable[[Marks], bytes], streams: bool, end: Chunk) -> None:
        """Keep the answer to this request; not when its headers are of one call only, or much was forgotten since."""
        told_apart = any(name in _OF_ONE_CALL for name, _ in self._head[2])
        if self._body is None or told_apart or self._generation != self._replays.generation:
            return
        form = self._replays.marks.form(write(self._replays.marks))
        self._replays.keep(self._head, self._body, headers, form, streams, end)


Offer = Callable[[Mapping[str, str], Callable[[Marks], bytes], bool, Chunk], None]


def offer_of(scope: Scope, first: Chunk) -> Offer | None:
    """What takes an answer to be sent again: headers, what writes it, whether it is a stream, and its last chunk.

    None where nothing does, and for answers that were not there already.
    """
    offer: Offer | None = scope.get(_OFFER)
    return offer if first.cache == "memory" else None
