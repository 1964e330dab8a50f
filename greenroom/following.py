"""Work in the background that never ends: following the log of turns page after page, and whatever else comes round."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import structlog

from greenroom.clock import Clock
from greenroom.config import Backoff
from greenroom.errors import GreenroomError, UnknownTurn
from greenroom.lane import Lane, taken
from greenroom.model import Receipt, TurnRef
from greenroom.ports import Turns

T = TypeVar("T")

_LOOK_EVERY_S = 1.0
_AFTER_A_FAILURE = Backoff(base_s=1.0, factor=2.0, max_s=30.0)
_FAILURES_COUNTED = 10

log = structlog.get_logger(__name__)


async def follow_for_ever(
    read_page: Callable[[], Awaitable[bool]], clock: Clock, who: str, lane: Lane | None = None
) -> None:
    """Read page after page; `read_page` returns whether there is probably more, and keeps its own cursor.

    With a `lane`, pages are read in it. Otherwise as `for_ever`.
    """

    async def step() -> float:
        with taken(lane):
            return 0.0 if await read_page() else _LOOK_EVERY_S

    await for_ever(step, clock, who)


async def for_ever(step: Callable[[], Awaitable[float | None]], clock: Clock, who: str) -> None:
    """Do a step again and again, until cancelled; it may return the seconds to rest before the next.

    What it raises is logged once, and it is tried again more and more seldom. `who` names the work in the log.
    """
    failures = 0
    while True:
        try:
            pause_s = await step() or 0.0
            if failures:
                log.info("work_resumed", who=who)
            failures = 0
        except Exception as exc:
            leave_if_cancelled()
            failures = min(failures + 1, _FAILURES_COUNTED)
            if failures == 1:
                _report(who, exc)
            pause_s = _AFTER_A_FAILURE.pause_s(failures)
        await clock.sleep(pause_s)


async def receipt_of(turns: Turns, turn_id: str) -> Receipt | None:
    """The receipt of a turn that the log told of; None where the log was cleared behind us."""
    try:
        return await turns.explain(TurnRef(id=turn_id))
    except UnknownTurn:
        return None


async def to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Do a step to its end even when its caller is cancelled: cut off inside, a driver may lose its connection."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def leave_if_cancelled() -> None:
    """Let a cancellation take its course that came while something was done to the end, or that a library has turned
    into another error: a transaction that is cancelled may end with any.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _report(who: str, exc: Exception) -> None:
    """Log it: in one line what was foreseen, with its traceback what was not."""
    if isinstance(exc, GreenroomError):
        log.warning("work_failed", who=who, error=type(exc).__name__, detail=exc.detail)
    else:
        log.error("work_failed", who=who, exc_info=exc)
