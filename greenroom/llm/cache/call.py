"""One call of a model that any number of readers share."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import structlog

from greenroom.errors import GreenroomError, OutOfTime, Unavailable, UpstreamFailed
from greenroom.journey import remaining_s, unhurried
from greenroom.model import Chunk, Stream

_AHEAD_BYTES = 256_000
"""How far the model may be ahead of its fastest reader."""
_CHUNK_BYTES = 200
"""What a chunk costs beside its text; a floor for counting."""

_log = structlog.get_logger()


class SharedCall:
    """The record of one answer while it is being given. Each reader gets all of it, whenever it came, at its own pace.

    The work is done in a task of its own that knows no deadline: every reader has its own. It begins with the first
    reader, is cancelled at once when the last one leaves before the end, and waits where even the fastest reader is far
    behind. An answer of more than `limit_bytes` ends with UpstreamFailed.
    """

    def __init__(self, work: Callable[["SharedCall"], Stream[Chunk]], limit_bytes: int) -> None:
        self._work, self._limit_bytes = work, limit_bytes
        self._task: asyncio.Task[None] | None = None
        self._read_on, self._news = asyncio.Event(), asyncio.Event()
        self._ends: list[int] = []
        self._furthest = 0
        self._readers = 0
        self._error: Exception | None = None
        self.chunks: list[Chunk] = []
        self.ended = False
        self.left: Callable[[], None] = lambda: None

    def begin(self) -> asyncio.Task[None]:
        """Begin the work; the task is the caller's to keep."""
        with unhurried():
            self._task = asyncio.create_task(self._run(), name="a shared call of a model")
        return self._task

    async def read(self) -> Stream[Chunk]:
        """The whole answer from its beginning. Raises: OutOfTime, for this reader alone; whatever the call raised."""
        self._readers += 1
        try:
            at = 0
            while True:
                news = self._news
                while at < len(self.chunks):
                    self._note(at)
                    at += 1
                    yield self.chunks[at - 1]
                if self.ended and at == len(self.chunks):
                    break
                if not self.ended:
                    await _wait(news)
            if self._error is not None:
                raise _again(self._error) from self._error
        finally:
            self._leave()

    def stop(self) -> None:
        """End the work, unless the answer is complete: what follows it may still be done."""
        if self._task is not None and not self.ended:
            self._task.cancel()

    async def _run(self) -> None:
        try:
            async with aclosing(self._work(self)) as chunks:
                async for chunk in chunks:
                    await self._record(chunk)
        except asyncio.CancelledError:
            self._error = None if self.ended else Unavailable("Greenroom is closing")
            raise
        except Exception as exc:
            if self.ended:
                _log.exception("what follows an answer failed")
            else:
                self._error = exc
        finally:
            self.end()

    async def _record(self, chunk: Chunk) -> None:
        size_bytes = (self._ends[-1] if self._ends else 0) + _size_bytes(chunk)
        if size_bytes > self._limit_bytes:
            raise UpstreamFailed(f"{chunk.model} gave an answer of more than {self._limit_bytes} bytes")
        self.chunks.append(chunk)
        self._ends.append(size_bytes)
        self.ended = self.ended or chunk.done
        self._tell()
        while not self.ended and size_bytes - self._furthest > _AHEAD_BYTES:
            self._read_on.clear()
            await self._read_on.wait()

    def end(self) -> None:
        """Note that nothing more will come."""
        if not self.ended:
            self.ended = True
            self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def _note(self, at: int) -> None:
        if self._ends[at] > self._furthest:
            self._furthest = self._ends[at]
            self._read_on.set()

    def _leave(self) -> None:
        self._readers -= 1
        if not self._readers and not self.ended:
            self.left()
            self.stop()


async def _wait(news: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(remaining_s()):
            await news.wait()
    except TimeoutError as exc:
        raise OutOfTime("the model was not done in the time allowed") from exc


def _again(exc: Exception) -> Exception:
    """The error for one more reader: an exception that is raised in several tasks would gather all their traces."""
    return type(exc)(exc.detail, **exc.extra) if isinstance(exc, GreenroomError) else exc


def _size_bytes(chunk: Chunk) -> int:
    beside_text = sum(len(str(part)) for part in (*chunk.tool_calls, *chunk.logprobs))
    return _CHUNK_BYTES + len(chunk.text) + len(chunk.thinking) + beside_text
