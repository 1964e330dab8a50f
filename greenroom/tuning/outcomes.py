"""How lines did, for the gateway's routing: kept here until it was told, so that no restart loses a word."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Row, and_, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.clock import Clock
from greenroom.errors import NotFound
from greenroom.following import follow_for_ever
from greenroom.model import STAND_IN, Attempt, Decision, Outcome, Receipt
from greenroom.ports import Routing
from greenroom.storage.database import Database
from greenroom.storage.upsert import put
from greenroom.tuning.tables import untold_outcomes

_AT_ONCE = 100
_STILL_BEING_WRITTEN = timedelta(minutes=1)
"""A gateway of several processes knows a decision everywhere once it is written down, a second later."""

_log = structlog.get_logger(__name__)


class Outcomes:
    """Tells the routing what is kept for it. Telling twice does no harm: the last word of a source stands."""

    def __init__(self, database: Database, routing: Routing, clock: Clock) -> None:
        self._database = database
        self._routing = routing
        self._clock = clock

    async def tell(self) -> None:
        """Tell for ever."""
        await follow_for_ever(self.tell_some, self._clock, "routing outcomes")

    async def tell_some(self) -> bool:
        """Tell the oldest of what is kept; return whether there is probably more.

        Raises: whatever the gateway or the database raise; then what is left waits.
        """
        oldest = select(untold_outcomes).order_by(untold_outcomes.c.said_at).limit(_AT_ONCE)
        waiting = await self._database.rows(oldest)
        told = [row for row in waiting if await self._told(row)]
        if told:
            async with self._database.write() as connection:
                for row in told:
                    await connection.execute(delete(untold_outcomes).where(_is(row)))
        return len(told) == _AT_ONCE

    async def _told(self, row: Row[Any]) -> bool:
        """Whether this need not be told again. Decisions are not kept for ever; what came of an old one is let go."""
        try:
            await self._routing.record(Outcome(decision=row.decision, source=row.source, good=row.good))
        except NotFound:
            if self._clock.now() - row.said_at < _STILL_BEING_WRITTEN:
                return False
            _log.info("outcome_of_a_forgotten_decision", decision=row.decision, source=row.source)
        return True


async def keep(connection: AsyncConnection, outcome: Outcome, said_at: datetime) -> None:
    """Keep an outcome until it is told, in the place of what the same source said before."""
    row = outcome.model_dump(include={"decision", "source", "good"})
    await put(connection, untold_outcomes, row | {"said_at": said_at})


def by_quality(receipt: Receipt) -> Outcome | None:
    """What quality control thinks of the routed model: the share of its drafts that passed. None without drafts."""
    routed = [attempt for attempt in receipt.attempts if attempt.verdict and _decided(attempt)]
    if not routed:
        return None
    passed = sum(attempt.verdict is not None and attempt.verdict.quality_check_passed for attempt in routed)
    decision = routed[0].decision
    assert decision is not None
    return Outcome(decision=decision.id, source="quality", good=passed / len(routed))


def decision_behind(receipt: Receipt) -> str:
    """The id of the decision that led to the line that was said; empty when none did."""
    chosen = next((attempt for attempt in receipt.attempts if attempt.number == receipt.chosen_attempt), None)
    decision = _decided(chosen) if chosen else None
    return decision.id if decision else ""


def _decided(attempt: Attempt) -> Decision | None:
    """The decision that an attempt bears on: not where another model answered, nor where none did."""
    decision = attempt.decision
    if decision is None or attempt.model != decision.model or attempt.model.startswith(f"{STAND_IN}/"):
        return None
    return decision


def _is(row: Row[Any]) -> ColumnElement[bool]:
    """The row as it was told, and not what the same source has said since."""
    kept = untold_outcomes.c
    return and_(kept.decision == row.decision, kept.source == row.source, kept.said_at == row.said_at)
