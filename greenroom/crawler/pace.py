"""How fast a host is asked: one request at a time, with a pause between two."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field

from greenroom.clock import Clock

_LONGEST_REST_S = 3600.0
_TOO_MANY = 1000
"""Hosts of which those that may be asked at once are forgotten."""


@dataclass(slots=True)
class _Host:
    """Whose turn it is, when it may be asked again, and how many wait for that."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    next_s: float = 0.0
    waiting: int = 0


class Pace:
    """When each host may be asked again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._hosts: defaultdict[str, _Host] = defaultdict(_Host)

    def __len__(self) -> int:
        """How many hosts are remembered."""
        return len(self._hosts)

    async def wait(self, host: str, pause_s: float) -> None:
        """Wait until the host may be asked; whoever comes then waits `pause_s` more."""
        self._forget_some()
        one = self._hosts[host]
        one.waiting += 1
        try:
            async with one.turn:
                while (left_s := one.next_s - self._clock.monotonic_s()) > 0:
                    await self._clock.sleep(left_s)
                one.next_s = self._clock.monotonic_s() + pause_s
        finally:
            one.waiting -= 1

    def rest(self, host: str, seconds: float) -> None:
        """Leave a host in peace for so long, an hour at most."""
        one = self._hosts[host]
        one.next_s = max(one.next_s, self._clock.monotonic_s() + min(seconds, _LONGEST_REST_S))

    def _forget_some(self) -> None:
        """Forget hosts of which nothing is to be remembered, when there are many."""
        if len(self._hosts) < _TOO_MANY:
            return
        now_s = self._clock.monotonic_s()
        for name in [name for name, one in self._hosts.items() if not one.waiting and one.next_s <= now_s]:
            del self._hosts[name]
