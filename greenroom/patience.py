"""Patience with services that fail: trying again after growing pauses, and leaving one in peace that keeps failing."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import stamina

from greenroom.clock import Clock
from greenroom.config import Backoff
from greenroom.errors import CircuitOpen, GreenroomError
from greenroom.journey import time_is_up

T = TypeVar("T")


def passes(exc: GreenroomError) -> bool:
    """Whether what failed may go well in a while: also what is not tried again at once, since a service rests."""
    return exc.retryable or isinstance(exc, CircuitOpen)


async def patiently(
    backoff: Backoff, worth_it: Callable[[Exception], bool | float], call: Callable[[], Awaitable[T]]
) -> T:
    """Call, and call again after each failure that is worth it, until the tries are used up; then raise the last.

    `worth_it` may also name the pause before the next try, in seconds.
    """
    try:
        return await call()  # all that most calls need; the library takes a tenth of a millisecond
    except Exception as exc:
        first = exc
    result: T
    async for attempt in stamina.retry_context(
        on=worth_it,
        attempts=backoff.attempts,
        timeout=None,
        wait_initial=backoff.base_s,
        wait_max=backoff.max_s,
        wait_exp_base=backoff.factor,
        wait_jitter=backoff.base_s if backoff.jitter else 0.0,
    ):
        with attempt:
            if attempt.num == 1:
                raise first
            result = await call()
    return result


class Breaker:
    """Counts failures in a row. At `failures` it opens: for `rest_s` nobody is let through, then one at a time tries.

    Our own, and not purgatory's: that one goes by the wall clock, which can be turned back, and imports a Redis
    client, a quarter of a second at every start (measured 2026-11-21).
    """

    def __init__(self, name: str, clock: Clock, failures: int, rest_s: float) -> None:
        self._name, self._clock = name, clock
        self._allowed, self._rest_s = failures, rest_s
        self.failures = 0
        self._open_until_s = 0.0

    def is_open(self) -> bool:
        """Whether this call must not be made. After a rest the answer is no for one call, which is the trial."""
        if not self.has_opened:
            return False
        now_s = self._clock.monotonic_s()
        if now_s < self._open_until_s:
            return True
        self._open_until_s = now_s + self._rest_s
        return False

    @property
    def has_opened(self) -> bool:
        """Whether it failed so often; the next call, after the rest, is a trial."""
        return self.failures >= self._allowed

    @property
    def rests_for_s(self) -> float:
        """Seconds until a trial may be made; 0 when nothing is in the way."""
        return max(0.0, self._open_until_s - self._clock.monotonic_s()) if self.has_opened else 0.0

    def rest(self, seconds: float) -> None:
        """Open at once, and for so long: the service has asked for it."""
        self.failures = max(self.failures, self._allowed)
        self._open_until_s = self._clock.monotonic_s() + seconds

    def failed(self) -> None:
        """Note a failure."""
        self.failures += 1
        self._open_until_s = self._clock.monotonic_s() + self._rest_s

    def answered(self) -> bool:
        """Note an answer; true when it ends a rest."""
        came_back = self.has_opened
        self.failures = 0
        return came_back

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Talk to the service under the breaker's eyes. An error in here means that this could not be done.

        What the service answers, good or bad, is to be raised outside: one that says no is well. Where the time that
        the caller was given is up, nothing is learnt of the service.
        Raises: CircuitOpen.
        """
        if self.is_open():
            raise CircuitOpen(f"{self._name} failed too often and is left in peace for a while")
        try:
            yield
        except GreenroomError:
            if not time_is_up():
                self.failed()
            raise
        self.answered()
