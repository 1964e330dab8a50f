"""Lines that were being answered when a process was killed: while they are young, they are answered after all."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta

import structlog

from greenroom.clock import Clock
from greenroom.config import Backoff, TurnSettings
from greenroom.errors import GreenroomError, TurnFailed, UnknownDeadLetter
from greenroom.model import TurnReply
from greenroom.patience import passes
from greenroom.router.log import Buried

_WHILE_AWAY = Backoff(base_s=1.0, factor=2.0, max_s=15.0)

Replay = Callable[[str], Awaitable[TurnReply]]
"""Replays the dead letter of this id."""

log = structlog.get_logger(__name__)


class TakingUp:
    """Replays the letters of people's lines. What nobody asked for is the coordinator's to have said again, or not."""

    def __init__(self, replay: Replay, settings: TurnSettings, clock: Clock) -> None:
        self._replay = replay
        self._young = timedelta(seconds=settings.take_up_s)
        self._clock = clock
        self._under_way: set[asyncio.Task[None]] = set()

    def add(self, buried: Iterable[Buried]) -> None:
        """Take these up, unless they are too old; each by itself."""
        for turn in buried:
            until = turn.begun_at + self._young
            if turn.is_asked and self._clock.now() < until:
                task = asyncio.create_task(self._take_up(turn.letter_id, until))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)

    async def end(self) -> None:
        """Leave what is not taken up yet as a dead letter, to the owner."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _take_up(self, letter_id: str, until: datetime) -> None:
        """Have it answered; while services that a turn needs are still starting, try again."""
        failures = 0
        while self._clock.now() < until:
            try:
                await self._replay(letter_id)
            except UnknownDeadLetter:
                return  # who asked has asked again, and it is answered
            except GreenroomError as exc:
                log.info("not_taken_up", letter=letter_id, error=type(exc).__name__, detail=exc.detail)
                if isinstance(exc, TurnFailed) or not passes(exc):
                    return
            except Exception:
                log.exception("taking_up_broke", letter=letter_id)
                return
            else:
                log.info("taken_up", letter=letter_id)
                return
            failures += 1
            await self._clock.sleep(_WHILE_AWAY.pause_s(failures))
