"""Forgetting which message is which line, long after anybody does something with it."""

from datetime import timedelta

from greenroom.clock import Clock
from greenroom.discord.outbox import Outbox
from greenroom.following import for_ever

_LOOK_EVERY_S = 3600.0
_MOST_TURNS = 500
_MARGIN_DAYS = 7.0
"""What the log takes back at the end of its retention still has to be found, and deleted on Discord."""


class Tidying:
    """Keeps the outbox small: what was posted so many days ago is forgotten there, 500 turns at a time.

    `keep_days` 0 forgets nothing. `retention_days` is how long the log keeps lines, 0 for ever; the outbox outlasts it.
    """

    def __init__(self, outbox: Outbox, keep_days: float, retention_days: float, clock: Clock) -> None:
        self._outbox = outbox
        self._keep = timedelta(days=max(keep_days, retention_days + _MARGIN_DAYS)) if keep_days else None
        self._clock = clock

    async def tidy_for_ever(self) -> None:
        """Look every hour."""
        await for_ever(self.tidy, self._clock, "discord.tidying")

    async def tidy(self) -> float:
        """Forget some of what is old; return the seconds until there is to be looked again, 0 where more is left."""
        if self._keep is None or not await self._outbox.forget(self._clock.now() - self._keep, _MOST_TURNS):
            return _LOOK_EVERY_S
        return 0.0
