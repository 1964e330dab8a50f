"""How fast a host is asked: one request at a time, with a pause between two."""

import asyncio
from collections import defaultdict

from greenroom.clock import Clock

_LONGEST_REST_S = 3600.0


class Pace:
    """When each host may be asked again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next_s: dict[str, float] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def wait(self, host: str, pause_s: float) -> None:
        """Wait until the host may be asked; whoever comes then waits `pause_s` more."""
        async with self._turns[host]:
            while (left_s := self._next_s.get(host, 0.0) - self._clock.monotonic_s()) > 0:
                await self._clock.sleep(left_s)
            self._next_s[host] = self._clock.monotonic_s() + pause_s

    def rest(self, host: str, seconds: float) -> None:
        """Leave a host in peace for so long, an hour at most."""
        until_s = self._clock.monotonic_s() + min(seconds, _LONGEST_REST_S)
        self._next_s[host] = max(until_s, self._next_s.get(host, 0.0))
