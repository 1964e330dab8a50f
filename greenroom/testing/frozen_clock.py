"""A clock that moves only when it is told to."""

import asyncio
from datetime import UTC, datetime, timedelta


class FrozenClock:
    """A `Clock` for tests. `sleep` returns at once, moves the time on and notes how long it was asked to wait."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, 12, tzinfo=UTC)) -> None:
        self._start = start
        self._passed_s = self._turned_s = 0.0
        self.slept_s: list[float] = []

    def now(self) -> datetime:
        """The start, and what has passed since; and by how much the clock was turned."""
        return self._start + timedelta(seconds=self._passed_s + self._turned_s)

    def monotonic_s(self) -> float:
        """Seconds that have passed since the start."""
        return self._passed_s

    async def sleep(self, seconds: float, /) -> None:
        """Let the time pass without waiting for it."""
        self.slept_s.append(seconds)
        self.advance(seconds)
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        """Move the time on."""
        self._passed_s += seconds

    def turn(self, seconds: float) -> None:
        """Set the time of day forward, or back, as people and time servers do: no time passes."""
        self._turned_s += seconds
