"""A clock on which time flies."""

import asyncio
import time
from datetime import UTC, datetime, timedelta


class FastClock:
    """A `Clock` for tests of a whole house, which runs so many `times` as fast as the machine's own."""

    def __init__(self, times: float = 8.0) -> None:
        self._times = times
        self._began = datetime.now(UTC)
        self._began_s = time.monotonic()

    def now(self) -> datetime:
        """The moment at which the clock was made, and what has passed on it since."""
        return self._began + timedelta(seconds=self.monotonic_s())

    def monotonic_s(self) -> float:
        """Seconds that have passed on it."""
        return (time.monotonic() - self._began_s) * self._times

    async def sleep(self, seconds: float, /) -> None:
        """Wait until so much has passed on it."""
        await asyncio.sleep(seconds / self._times)
