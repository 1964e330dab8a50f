"""Asking a server over many connections as fast as it answers, with as little work of our own as can be."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import cast
from urllib.parse import urlsplit

_HEAD_END = b"\r\n\r\n"


@dataclass
class Load:
    """What was seen: milliseconds of each answer, and of its first piece; unexpected heads; the last answer's body."""

    took_ms: list[float] = field(default_factory=list)
    first_ms: list[float] = field(default_factory=list)
    strange: list[bytes] = field(default_factory=list)
    body: bytes = b""


async def load(
    url: str, choose: Callable[[], bytes | None], connections: int, expected: bytes = b"HTTP/1.1 200"
) -> Load:
    """Ask for what `choose` gives, until it gives None. Every head of an answer must hold `expected`, in lower case."""
    place, seen, loop = urlsplit(url), Load(), asyncio.get_running_loop()
    visitors = [_Visitor(choose, seen, expected.lower(), loop.create_future()) for _ in range(connections)]
    for visitor in visitors:
        await loop.create_connection(partial(_itself, visitor), place.hostname or "", place.port or 80)
    await asyncio.gather(*(visitor.done for visitor in visitors))
    return seen


def _itself(visitor: "_Visitor") -> "_Visitor":
    return visitor


class _Visitor(asyncio.Protocol):
    """One connection, which asks again as soon as it has an answer."""

    def __init__(
        self, choose: Callable[[], bytes | None], seen: Load, expected: bytes, done: "asyncio.Future[None]"
    ) -> None:
        self._choose, self._seen, self._expected, self.done = choose, seen, expected, done
        self._got, self._begins, self._began, self._first = b"", 0, 0.0, 0.0
        self._length: int | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one, and not a subclass
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        self._got += data
        if not self._begins:
            self._read_head()
        if self._begins and not self._first and len(self._got) > self._begins:
            self._first = time.perf_counter()
        if self._begins and self._is_whole():
            self._note()
            self._ask()

    def _read_head(self) -> None:
        end = self._got.find(_HEAD_END)
        if end < 0:
            return
        head = self._got[:end].lower()
        if self._expected not in head:
            self._seen.strange.append(head)
        self._begins = end + len(_HEAD_END)
        _, found, length = head.partition(b"content-length: ")
        self._length = int(length.partition(b"\r\n")[0]) if found else None

    def _is_whole(self) -> bool:
        if self._length is None:
            return self._got.endswith(b"0\r\n\r\n")
        return len(self._got) >= self._begins + self._length

    def _note(self) -> None:
        now = time.perf_counter()
        self._seen.took_ms.append((now - self._began) * 1000)
        self._seen.first_ms.append(((self._first or now) - self._began) * 1000)
        if self._length is not None or not self._seen.body:
            self._seen.body = self._body()

    def _body(self) -> bytes:
        rest, pieces = self._got[self._begins :], []
        if self._length is not None:
            return rest
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            pieces.append(rest[: int(size, 16)])
            rest = rest[int(size, 16) + 2 :]
        return b"".join(pieces)

    def _ask(self) -> None:
        self._got, self._begins, self._first = b"", 0, 0.0
        asked = self._choose()
        self._began = time.perf_counter()
        if asked is None:
            self.done.set_result(None)
            self._transport.close()
        else:
            self._transport.write(asked)
