"""Doing one task: it is noted that it begins, its handler does it, and it is noted how that ended."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, TypeVar

import structlog

from greenroom.background.book import Start
from greenroom.background.handling import Handling
from greenroom.clock import Clock
from greenroom.config import Backoff
from greenroom.errors import GreenroomError, Unavailable
from greenroom.lane import Lane, step, taken

R = TypeVar("R")

_MOST_INTERRUPTIONS = 20
_WHILE_AWAY = Backoff(base_s=0.2, factor=2.0, max_s=5.0)

log = structlog.get_logger(__name__)


class _Notes(Protocol):
    """Where it is noted how tasks begin and end: the book of tasks."""

    async def begin(self, run: str, worker: str) -> Start | None: ...
    async def complete(self, start: Start) -> bool: ...
    async def fail(self, start: Start, error: str, pause_s: float | None) -> bool: ...
    async def give_back(self, start: Start) -> None: ...


class Doing:
    """Does the tasks that the engine says are due, in the `lane`."""

    def __init__(
        self,
        book: _Notes,
        worker: str,
        handlings: Mapping[str, Handling],
        clock: Clock,
        lane: Lane | None,
    ) -> None:
        self._book = book
        self._lane = lane
        self._worker = worker
        self._handlings = handlings
        self._clock = clock
        self._under_way: set[asyncio.Task[None]] = set()

    async def do(self, run: str) -> None:
        """Do the task of a run, unless it is not to be done any more. A task that fails is no error here."""
        this = asyncio.current_task()
        assert this
        self._under_way.add(this)
        try:
            with taken(self._lane):
                start = await self._surely(lambda: self._book.begin(run, self._worker))
                if start:
                    await self._go(start)
        finally:
            self._under_way.discard(this)

    async def end(self) -> None:
        """Wait until those are over that have been cancelled."""
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def _go(self, start: Start) -> None:
        task = start.task
        with structlog.contextvars.bound_contextvars(task=task.id, task_kind=task.kind):
            try:
                if start.interruptions > _MOST_INTERRUPTIONS:
                    await self._give_up(start)
                    return
                await self._handlings[task.kind].handler(task)
            except asyncio.CancelledError:
                await self._give_back(start)
                raise
            except Exception as exc:
                await self._failed(start, exc)
            else:
                self._check(await self._surely(lambda: self._book.complete(start)))

    async def _failed(self, start: Start, exc: Exception) -> None:
        backoff = self._handlings[start.task.kind].backoff
        is_last = start.task.attempt >= backoff.attempts
        pause_s = None if is_last else backoff.pause_s(start.task.attempt)
        foreseen = isinstance(exc, GreenroomError)
        error = f"{type(exc).__name__}: {exc.detail if isinstance(exc, GreenroomError) else exc}"
        note = log.error if is_last else log.warning
        note("task_failed", attempt=start.task.attempt, error=error, again_in_s=pause_s, exc_info=not foreseen and exc)
        self._check(await self._surely(lambda: self._book.fail(start, error, pause_s)))

    async def _give_up(self, start: Start) -> None:
        error = f"the process has ended {start.interruptions} times in the midst of this"
        log.error("task_failed", error=error)
        self._check(await self._surely(lambda: self._book.fail(start, error, None)))

    async def _give_back(self, start: Start) -> None:
        try:
            await self._book.give_back(start)
        except GreenroomError as exc:  # it counts as an interruption then
            log.warning("task_not_given_back", error=exc.detail)

    def _check(self, is_ours: bool) -> None:
        if not is_ours:
            log.warning("task_was_taken_over")

    async def _surely(self, call: Callable[[], Awaitable[R]]) -> R:
        """Call until the database is there: what has been done must be noted, however long it is away."""
        failures = 0
        while True:
            try:
                async with step():
                    return await call()
            except Unavailable:
                failures += 1
                await self._clock.sleep(_WHILE_AWAY.pause_s(failures))
