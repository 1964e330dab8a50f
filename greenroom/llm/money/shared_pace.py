"""How much was taken in this minute by all processes together: numbers on a server that they share."""

import asyncio
import math
from collections.abc import Sequence
from typing import Protocol

from greenroom.clock import Clock
from greenroom.llm.money.pace import Pace

_COUNTS_S = 62
"""A number counts for a minute and its own second; one more for clocks that differ."""


class Counters(Protocol):
    """Numbers by name that several processes add to."""

    async def count(self, name: str, amount: int, keeps_s: float, asked: Sequence[str]) -> list[int] | None:
        """Add to a number, which is kept for so long from now on, and return those `asked` for; None: nobody knows."""
        ...


class SharedPaces:
    """Lets no more through in any 60 seconds than a limit says, whoever lets it through.

    There is a number for each second of a key. What is wanted is added before the others are looked at, and taken back
    when it is too much, so that two who ask at once can never have the same room; rather both are refused. While nobody
    knows, everything is let through here: each process has a `Pace` of its own as well. Seconds are those of the time
    of day, on which processes agree as well as their clocks do.
    """

    def __init__(self, counters: Counters, clock: Clock) -> None:
        self._counters, self._clock = counters, clock
        self._settling: set[asyncio.Task[object]] = set()

    async def wait_s(self, what: str, limit: int, amount: int) -> float:
        """Take so much of `what`; or tell for how many seconds to wait, and take nothing."""
        now_s = self._clock.now().timestamp()
        seconds = range(math.floor(now_s) - 60, math.floor(now_s) + 1)
        names = [_name(what, second) for second in seconds]
        found = await self._counters.count(names[-1], amount, _COUNTS_S, names)
        if found is None:
            return 0.0
        taken = Pace(limit)
        for second, number in zip(seconds, found, strict=True):
            taken.take(number, second)
        taken.give_back(amount, seconds[-1])
        wait_s = taken.wait_s(amount, now_s)
        if wait_s:
            await self._counters.count(names[-1], -amount, _COUNTS_S, names[-1:])
        return wait_s

    def settle(self, what: str, more: int, ago_s: float) -> None:
        """Say that what was taken so many seconds ago was more after all, or less; it is not waited for."""
        name = _name(what, math.floor(self._clock.now().timestamp() - ago_s))
        task = asyncio.create_task(self._counters.count(name, more, _COUNTS_S, [name]), name="settles a shared pace")
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def settled(self) -> None:
        """Wait until all is settled."""
        if self._settling:
            await asyncio.wait(self._settling)


def _name(what: str, second: int) -> str:
    return f"pace:{what}:{second}"
