"""Order in a channel: its turns are answered one after another, different channels side by side."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from greenroom.errors import Overloaded
from greenroom.model import ChannelId


@dataclass
class _Queue:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    present: int = 0


class Channels:
    """A queue per channel that has turns under way; forgotten when the last one leaves."""

    def __init__(self, max_waiting: int) -> None:
        self._max_waiting = max_waiting
        self._queues: dict[ChannelId, _Queue] = {}

    @asynccontextmanager
    async def turn_in(self, channel: ChannelId) -> AsyncIterator[None]:
        """Wait for this channel's turn, and keep it until done. Raises: Overloaded when too many wait already."""
        queue = self._queues.setdefault(channel, _Queue())
        if queue.present > self._max_waiting:
            raise Overloaded(f"{self._max_waiting} messages are waiting in this channel already; try again shortly")
        queue.present += 1
        try:
            async with queue.lock:
                yield
        finally:
            queue.present -= 1
            if not queue.present:
                del self._queues[channel]
