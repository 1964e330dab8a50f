"""Answers given a moment ago, as bytes that lack only the time and an id: they are sent before anything else is asked.

A request gets one only when it is the same, byte for byte, from its first line to the end of its body, as one that has
come through everything behind this within the last two seconds: guards, keys, the model and its digest. Every two
seconds one goes through again.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from starlette.types import Scope

from greenroom.clock import Clock
from greenroom.journey import current_caller
from greenroom.llm.lookout import SOON_S
from greenroom.llm.stamps import Form, Marks
from greenroom.model import Chunk
from greenroom.wire.dialects import DIALECTS
from greenroom.wire.ready import Asked

_RENEWED_AFTER_S = SOON_S * 3 / 4
_BUDGET_BYTES = 16_000_000
_LONGEST_BYTES = 64_000
"""Longer ones are sent piece by piece, as their reader takes them, and so go the whole way."""
_OF_ONE_CALL = frozenset({b"traceparent", b"origin", b"upgrade", b"expect"})
"""With these, what stands before the dialects adds to the answer: a trace, say, or what a browser needs to read it."""
_OFFER = "greenroom.replay"
_HEAD_END = b"\r\n\r\n"


@dataclass(slots=True, eq=False)
class Replay:
    """An answer to be sent again. `end` is its last chunk, which says who gave it and what it took.

    `headers` are lines as they are sent; `caller` is the id of the key that the request came with.
    """

    headers: bytes
    form: Form
    streams: bool
    end: Chunk
    caller: str
    size_bytes: int
    renew_at_s: float
    until_s: float

    def written(self) -> bytes:
        """Headers and body of an answer of now."""
        body = self.form.filled_in()
        head = b"%bx-trace-id: %b\r\n" % (self.headers, secrets.token_hex(16).encode())
        if self.streams:
            return b"%btransfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (head, len(body), body)
        return b"%bcontent-length: %d\r\n\r\n%b" % (head, len(body), body)


class Replays:
    """The answers that can be sent again now. `admits` is told of each before it is sent, and may refuse it.

    A refused request goes the whole way. When `budget_bytes` are full, all are forgotten: they are soon made again.
    """

    def __init__(
        self, clock: Clock, admits: Callable[[Replay], bool] = lambda _: True, budget_bytes: int = _BUDGET_BYTES
    ) -> None:
        self._clock, self._admits, self._budget_bytes = clock, admits, budget_bytes
        self._known: dict[bytes, Replay] = {}
        self._heads: set[bytes] = set()
        self._size_bytes = 0
        self.marks = Marks(clock)
        self.generation = 0
        self.sent = 0

    def begins(self, head: bytes, /) -> bool:
        """Whether there may be an answer to a request with this head."""
        return head in self._heads

    def answer(self, request: bytes, /) -> bytes | None:
        """The answer to a request. Some time before it may no longer be sent, one request is sent to make it anew."""
        replay = self._known.get(request)
        if replay is None:
            return None
        now_s = self._clock.monotonic_s()
        if now_s >= replay.renew_at_s:
            replay.renew_at_s = replay.until_s
            return None
        if now_s >= replay.until_s or not self._admits(replay):
            return None
        self.sent += 1
        return replay.written()

    def comes(self, scope: Scope, asked: Asked, /) -> bool:
        """Offer to keep the answer to a request, where it is one of a model."""
        is_one = scope["method"] == "POST" and scope["path"].startswith(DIALECTS) and _can_be_repeated(scope)
        if is_one:
            scope[_OFFER] = _Coming(self, asked)
        return is_one

    def keep(self, request: bytes, headers: Mapping[str, str], form: Form, streams: bool, end: Chunk) -> None:
        """Have an answer sent again."""
        size_bytes = form.size_bytes + 2 * len(request) + 1000
        if size_bytes > self._budget_bytes or form.size_bytes > _LONGEST_BYTES:
            return
        if before := self._known.pop(request, None):
            self._size_bytes -= before.size_bytes
        if self._size_bytes + size_bytes > self._budget_bytes:
            self._forget_all()
        now_s = self._clock.monotonic_s()
        told = "".join(f"{name.casefold()}: {value}\r\n" for name, value in headers.items()).encode()
        renew_at_s, until_s = now_s + _RENEWED_AFTER_S, now_s + SOON_S
        self._known[request] = Replay(told, form, streams, end, current_caller(), size_bytes, renew_at_s, until_s)
        self._heads.add(request[: request.find(_HEAD_END) + len(_HEAD_END)])
        self._size_bytes += size_bytes

    def forget(self) -> None:
        """Send none of them again, nor any that is being made now."""
        self._forget_all()
        self.generation += 1

    def _forget_all(self) -> None:
        self._known, self._heads, self._size_bytes = {}, set(), 0


class _Coming:
    """A request that goes the whole way."""

    def __init__(self, replays: Replays, asked: Asked) -> None:
        self._replays, self._asked = replays, asked
        self._generation = replays.generation

    def offer(self, headers: Mapping[str, str], write: Callable[[Marks], bytes], streams: bool, end: Chunk) -> None:
        """Keep the answer to this request; not when its bytes are not known, or much was forgotten since."""
        request = self._asked.whole()
        if request is None or self._generation != self._replays.generation:
            return
        form = self._replays.marks.form(write(self._replays.marks))
        self._replays.keep(request, headers, form, streams, end)

    def decline(self) -> None:
        """Say that there will be no such answer."""
        self._asked.forget()


def _can_be_repeated(scope: Scope) -> bool:
    """Whether an answer to the same request may be the same, on a connection that stays open."""
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    closes = any(name == b"connection" and value.lower() != b"keep-alive" for name, value in headers)
    return scope["http_version"] == "1.1" and not closes and all(name not in _OF_ONE_CALL for name, _ in headers)


Offer = Callable[[Mapping[str, str], Callable[[Marks], bytes], bool, Chunk], None]


def offer_of(scope: Scope, first: Chunk) -> Offer | None:
    """What takes an answer to be sent again: headers, what writes it, whether it is a stream, and its last chunk.

    None where nothing does, and for answers that were not there already.
    """
    coming: _Coming | None = scope.pop(_OFFER, None)
    if coming is None or first.cache == "memory":
        return coming.offer if coming else None
    coming.decline()
    return None
