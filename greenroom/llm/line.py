"""The line before a model server: who may call it now, who waits, and who is turned away.

Our own: a line that is bounded, knows two priorities and limits for single models, and that a caller who leaves is out
of at once, was in no library that is kept up (looked for on 2026-11-21); asyncio's semaphore knows one order only.
"""

import asyncio
from bisect import insort
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from greenroom.clock import Clock
from greenroom.errors import OutOfTime, Overloaded
from greenroom.journey import remaining_s, time_is_up

FULL = "server busy, please try again.  maximum pending requests exceeded"
"""What Ollama says. Source: ollama/ollama v0.33, server/sched.go."""

_HANDICAP_S = 30.0
"""Background work waits as if it had come so much later: people overtake it, but only those who come in that time."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many calls one server takes at a time (None: any number), in all and of single models; how many may wait
    for it, and for how long."""

    connections: int | None = None
    of_model: Mapping[str, int] = field(default_factory=dict)
    waiting: int = 512
    patience_s: float = 300.0


class Line:
    """Lets calls to one server through, and keeps the others in order.

    People go before background work; among the same, who came first goes first. A call whose own model has all the
    calls that it may have lets those for other models pass.
    """

    def __init__(self, server: str, limits: Limits, clock: Clock) -> None:
        self._server, self._limits, self._clock = server, limits, clock
        self._waiting: list[_Waiting] = []
        self._running: Counter[str] = Counter()
        self._turned_away = self._waits = 0
        self._waited_s = 0.0

    @asynccontextmanager
    async def place(self, model: str, *, background: bool = False) -> AsyncIterator[None]:
        """Wait for a place, and have it inside. A caller who is cancelled is out of the line at once.

        Raises: Overloaded, when too many wait already or it took too long; OutOfTime, by the caller's own deadline.
        """
        if self._has_room_for(model):
            self._running[model] += 1
        else:
            await self._wait(model, background)
        try:
            yield
        finally:
            self._leave(model)

    def check(self) -> None:
        """Raises: Overloaded, when nobody else may wait."""
        if len(self._waiting) >= self._limits.waiting:
            raise Overloaded(FULL)

    def how_it_is(self) -> str:
        """Who is served and who waits, in words; empty when nobody waits."""
        if not self._waiting:
            return ""
        return f"{self._server}: {len(self._waiting)} wait, one of them for {self._longest_wait_s():.0f} s"

    def figures(self) -> dict[str, float]:
        """Who is served and waits now, and how it went since the start; waiting is in seconds."""
        figures = {
            "running": self._running.total(),
            "waiting": len(self._waiting),
            "longest_wait_seconds": self._longest_wait_s(),
            "waited_seconds_sum": self._waited_s,
            "waited_seconds_count": self._waits,
            "turned_away": self._turned_away,
        }
        suffix = self._server.replace("-", "_")
        return {f"llm_{name}_{suffix}": float(value) for name, value in figures.items()}

    async def _wait(self, model: str, background: bool) -> None:
        try:
            self.check()
        except Overloaded:
            self._turned_away += 1
            raise
        waiting = _Waiting(model, self._clock.monotonic_s(), background)
        insort(self._waiting, waiting, key=_Waiting.stands_at_s)
        within_s = min(s for s in (self._limits.patience_s, remaining_s()) if s is not None)
        try:
            async with asyncio.timeout(within_s):
                await waiting.called
        except (asyncio.CancelledError, TimeoutError) as exc:
            self._give_up(waiting)
            if isinstance(exc, TimeoutError):
                raise self._late() from exc
            raise

    def _leave(self, model: str) -> None:
        """Give a place back; it goes to the first who can use it."""
        self._running[model] -= 1
        if not self._running[model]:
            del self._running[model]
        called = next((w for w in self._waiting if not w.called.done() and self._has_room_for(w.model)), None)
        if called is not None:
            self._waiting.remove(called)
            self._running[called.model] += 1
            self._waits += 1
            self._waited_s += self._clock.monotonic_s() - called.since_s
            called.called.set_result(None)

    def _give_up(self, waiting: "_Waiting") -> None:
        if waiting in self._waiting:
            self._waiting.remove(waiting)
        else:  # it was called and left in the same moment
            self._leave(waiting.model)

    def _has_room_for(self, model: str) -> bool:
        connections = self._limits.connections
        has_room = connections is None or self._running.total() < connections
        return has_room and self._running[model] < self._limits.of_model.get(model, float("inf"))

    def _longest_wait_s(self) -> float:
        return self._clock.monotonic_s() - min(w.since_s for w in self._waiting) if self._waiting else 0.0

    def _late(self) -> Exception:
        if time_is_up():
            return OutOfTime("the model was not free in the time allowed")
        return Overloaded(f"{self._server} had no place within {self._limits.patience_s:g} s; {FULL}")


@dataclass(eq=False, slots=True)
class _Waiting:
    model: str
    since_s: float
    background: bool
    called: "asyncio.Future[None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def stands_at_s(self) -> float:
        """Who has less goes first."""
        return self.since_s + (_HANDICAP_S if self.background else 0.0)
