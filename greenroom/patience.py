"""Patience with services that fail: trying again after growing pauses, and leaving one in peace that keeps failing."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import stamina
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState

from greenroom.config import Backoff
from greenroom.errors import CircuitOpen, GreenroomError

T = TypeVar("T")


async def patiently(
    backoff: Backoff, worth_it: Callable[[Exception], bool | float], call: Callable[[], Awaitable[T]]
) -> T:
    """Call, and call again after each failure that is worth it, until the tries are used up; then raise the last.

    `worth_it` may also name the pause before the next try, in seconds.
    """
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
            result = await call()
    return result


class Breaker:
    """Counts failures in a row; at the threshold it opens, and for `rest_s` calls fail at once.

    Only errors that are `retryable` count: a service that says no is well. One trial call closes it again.
    """

    def __init__(self, name: str, failures: int, rest_s: float) -> None:
        self._name = name
        self._factory = AsyncCircuitBreakerFactory(
            default_threshold=failures, default_ttl=rest_s, exclude=[(BaseException, _service_is_well)]
        )

    @asynccontextmanager
    async def guard(self) -> AsyncIterator[None]:
        """Do something under the breaker's eyes. Raises: CircuitOpen."""
        breaker = await self._factory.get_breaker(self._name)
        try:
            async with breaker:
                yield
        except OpenedState as exc:
            raise CircuitOpen(f"{self._name} failed too often and is left in peace for a while") from exc


def _service_is_well(exc: BaseException) -> bool:
    return not (isinstance(exc, GreenroomError) and exc.retryable)
