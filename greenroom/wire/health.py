"""How a service is: it asks each thing that it needs, and remembers the answers for a moment."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from greenroom import __version__
from greenroom.clock import Clock
from greenroom.errors import GreenroomError
from greenroom.model import DependencyHealth, Health, Status

_FRESH_S = 2.0
_PATIENCE_S = 4.0


Ping = Callable[[], Awaitable[str | None]]
"""Asks something whether it works, and raises what is wrong; it may return a remark."""

AskHealth = Callable[[], Awaitable[Health]]
"""Asks a service how it is."""


@dataclass(frozen=True)
class Dependency:
    """Something that a service needs. Without a `vital` one it cannot work; without another it works less well."""

    ping: Ping
    vital: bool = True


class HealthCheck:
    """The health of one service."""

    def __init__(self, service: str, dependencies: Mapping[str, Dependency], clock: Clock) -> None:
        self._service = service
        self._dependencies = dependencies
        self._clock = clock
        self._began = time.monotonic()
        self._last: Health | None = None
        self._checked_at_s = 0.0
        self._lock = asyncio.Lock()

    async def check(self) -> Health:
        """Ask all dependencies side by side; within two seconds of the last answer, return that."""
        async with self._lock:
            if self._last is None or time.monotonic() - self._checked_at_s > _FRESH_S:
                self._last = await self._ask()
                self._checked_at_s = time.monotonic()
            return self._last

    async def _ask(self) -> Health:
        answers = await asyncio.gather(*(self._ask_one(d) for d in self._dependencies.values()))
        found = dict(zip(self._dependencies, answers, strict=True))
        return Health(
            status=self._overall(found),
            service=self._service,
            version=__version__,
            uptime_seconds=round(time.monotonic() - self._began, 3),
            dependencies=found,
            timestamp=self._clock.now(),
        )

    async def _ask_one(self, dependency: Dependency) -> DependencyHealth:
        began, status, detail = time.perf_counter(), "healthy", ""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                detail = await dependency.ping() or ""
        except TimeoutError:
            status, detail = "unhealthy", f"no answer within {_PATIENCE_S:.0f} s"
        except GreenroomError as exc:
            status, detail = "unhealthy", exc.detail
        latency_ms = round((time.perf_counter() - began) * 1000, 3)
        return DependencyHealth.model_validate(
            {"status": status, "latency_ms": latency_ms, "checked_at": self._clock.now(), "detail": detail}
        )

    def _overall(self, found: dict[str, DependencyHealth]) -> Status:
        away = [name for name, health in found.items() if health.status != "healthy"]
        if any(self._dependencies[name].vital for name in away):
            return "unhealthy"
        return "degraded" if away else "healthy"
