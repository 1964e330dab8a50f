"""One thing after another in each channel, different channels side by side."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

import structlog

_MOST_WAITING = 500

Work = Callable[[], Awaitable[None]]

log = structlog.get_logger(__name__)


class Lanes:
    """Work in lanes, one for each channel. While it is entered (`async with`), what is put into a lane is done."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._waiting: dict[int, deque[Work]] = {}
        self._workers: dict[int, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._waiting.clear()
        workers = list(self._workers.values())
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    def put(self, channel_id: int, work: Work) -> bool:
        """Have something done when all before it in its channel is; return False when too much waits there."""
        waiting = self._waiting.setdefault(channel_id, deque())
        if len(waiting) >= _MOST_WAITING:
            log.warning("discord.lane_full", lane=self._name, channel=channel_id)
            return False
        waiting.append(work)
        if channel_id not in self._workers:
            self._workers[channel_id] = asyncio.create_task(self._work_off(channel_id))
        return True

    async def rest(self, channel_id: int) -> None:
        """Wait until what is in a lane now is done."""
        done = asyncio.Event()

        async def tell() -> None:
            done.set()

        if channel_id in self._workers and self.put(channel_id, tell):
            await done.wait()

    async def _work_off(self, channel_id: int) -> None:
        try:
            while waiting := self._waiting.get(channel_id):
                work = waiting.popleft()
                try:
                    await work()
                except Exception:
                    log.exception("discord.lane_broke", lane=self._name, channel=channel_id)
        finally:
            self._waiting.pop(channel_id, None)
            del self._workers[channel_id]
