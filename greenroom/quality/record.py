"""The record of verdicts, written off the caller's path: a capped buffer, emptied in batches."""

import asyncio
from collections import Counter
from typing import Any

import structlog
from sqlalchemy import delete, func, select

from greenroom.clock import Clock
from greenroom.following import for_ever
from greenroom.model import CharacterId, ConversationAnalysis, ConversationAnalysisRequest, Verdict
from greenroom.quality.tables import verdicts
from greenroom.storage.database import Database
from greenroom.storage.upsert import add

KEPT_ROWS = 100_000
WAITING_ROWS = 2_000
TRIM_EVERY_ROWS = 1_000
COLLECT_S = 0.5

log = structlog.get_logger(__name__)


class Record:
    """Verdicts by conversation. When the database is away, the newest wait and the oldest are let go."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: list[dict[str, Any]] = []
        self._something = asyncio.Event()
        self._writing = asyncio.Lock()
        self._until_trim = 0

    def note(self, conversation_id: str, character: CharacterId, verdict: Verdict) -> None:
        """Remember a verdict; it is written soon."""
        row = {
            "conversation_id": conversation_id,
            "character": character,
            "judged_at": self._clock.now(),
            "score": verdict.overall_score,
            "threshold": verdict.adaptive_threshold,
            "passed": verdict.quality_check_passed,
            "rules": [violation.rule for violation in verdict.violations],
            "signals": {name: value for name, value in verdict.signals.items() if value},
        }
        self._keep([*self._waiting, row])
        self._something.set()

    async def write_for_ever(self) -> None:
        """Write what comes, a batch at a time."""
        await for_ever(self._write_some, self._clock, "quality.record")

    async def _write_some(self) -> None:
        await self._something.wait()
        await self._clock.sleep(COLLECT_S)
        await self.flush()

    async def flush(self) -> None:
        """Write what waits. Raises: StorageFailed, StorageFull, Unavailable; then it waits on."""
        async with self._writing:
            batch, self._waiting = self._waiting, []
            self._something.clear()
            if not batch:
                return
            try:
                await self._write(batch)
            except BaseException:
                self._keep([*batch, *self._waiting])
                self._something.set()
                raise

    async def analysis(self, request: ConversationAnalysisRequest) -> ConversationAnalysis:
        """Sum up the last verdicts of a conversation."""
        newest = (
            select(verdicts.c.score, verdicts.c.passed, verdicts.c.rules)
            .where(verdicts.c.conversation_id == request.conversation_id)
            .order_by(verdicts.c.id.desc())
            .limit(request.limit)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(newest)).all()[::-1]
        scores = tuple(row.score for row in rows)
        return ConversationAnalysis(
            conversation_id=request.conversation_id,
            replies=len(rows),
            passed=sum(row.passed for row in rows),
            average_score=round(sum(scores) / len(scores), 2) if scores else None,
            scores=scores,
            violations=dict(Counter(rule for row in rows for rule in row.rules).most_common()),
        )

    def _keep(self, rows: list[dict[str, Any]]) -> None:
        self._waiting = rows[-WAITING_ROWS:]
        if len(rows) > WAITING_ROWS:
            log.warning("quality.verdicts_dropped", count=len(rows) - WAITING_ROWS)

    async def _write(self, batch: list[dict[str, Any]]) -> None:
        async with self._database.write() as connection:
            await add(connection, verdicts, batch)
            self._until_trim -= len(batch)
            if self._until_trim <= 0:
                newest = select(func.max(verdicts.c.id)).scalar_subquery()
                await connection.execute(delete(verdicts).where(verdicts.c.id <= newest - KEPT_ROWS))
                self._until_trim = TRIM_EVERY_ROWS
