"""The upkeep of the log, off everybody's path: forgetting to the end, retention, answers that caches must give up."""

import asyncio
from datetime import timedelta
from types import TracebackType
from typing import Self

import structlog

from greenroom.clock import Clock
from greenroom.config import TurnSettings
from greenroom.errors import NotFound
from greenroom.following import follow_for_ever
from greenroom.model import CacheEntryRef, DecisionRef
from greenroom.ports import ResponseCache, Routing
from greenroom.router.answers import DECISION, AnswersToForget
from greenroom.router.forgetting import Forgetting
from greenroom.storage.database import Database

_EXPIRE_EVERY_S = 300.0

log = structlog.get_logger(__name__)


class Upkeep:
    """Looks after the log while it is entered (`async with`)."""

    def __init__(
        self,
        forgetting: Forgetting,
        cache: ResponseCache,
        routing: Routing,
        database: Database,
        settings: TurnSettings,
        clock: Clock,
    ) -> None:
        self._forgetting = forgetting
        self._cache = cache
        self._routing = routing
        self._answers = AnswersToForget(database)
        self._keep = timedelta(days=settings.retention_days) if settings.retention_days else None
        self._clock = clock
        self._expire_at_s = 0.0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(follow_for_ever(self.tidy, self._clock, "upkeep"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    async def tidy(self) -> bool:
        """Do what there is to do; whether there may be more. What is left after an error is done the next time.

        Raises: StorageFailed, Unavailable, ServiceAway.
        """
        await self._forgetting.go_on()
        if self._clock.monotonic_s() >= self._expire_at_s:
            gone = await self._forgetting.expire(self._keep)
            if gone:
                log.info("lines_expired", count=gone)
            self._expire_at_s = self._clock.monotonic_s() + _EXPIRE_EVERY_S
        return await self._purge()

    async def _purge(self) -> bool:
        """Have the gateway forget the answers, and the comparisons, whose prompts held what was taken back."""
        waiting = await self._answers.waiting()
        for key in waiting:
            if key.startswith(DECISION):
                await self._routing.forget_comparison(DecisionRef(decision=key.removeprefix(DECISION)))
            else:
                await self._purge_answer(key)
            await self._answers.gone(key)
        return bool(waiting)

    async def _purge_answer(self, key: str) -> None:
        try:
            await self._cache.purge(CacheEntryRef(key=key))
        except NotFound:
            log.debug("answer_was_forgotten_already", key=key)
