"""How turns went, as it is kept, and how far the log of turns has been read."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.model import CharacterId, Outcome, Performance, PerformanceStats, PersonId, TurnId
from greenroom.storage.database import Database
from greenroom.storage.upsert import add, put
from greenroom.tuning.outcomes import keep
from greenroom.tuning.tables import broken_rules, cursors, performances, ratings

FOLLOWER = "tuning"
"""Whose cursor it is; others may follow the same log."""


@dataclass(frozen=True, slots=True)
class Habit:
    """A rule that a character keeps breaking: in how many turns, and in how many drafts of theirs."""

    rule: str
    turns: int
    drafts: int


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a turn in the log: how it went, when, and what the routing should learn of it."""

    performance: Performance
    happened_at: datetime
    outcome: Outcome | None = None


class Performances:
    """The table of performances, with its broken rules and the cursor."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, performance: Performance, happened_at: datetime) -> None:
        """Keep how a turn went, in place of what was kept of it."""
        async with self._database.write() as connection:
            await _put(connection, performance, happened_at)

    async def cursor(self) -> int:
        """The position up to which the log has been recorded; 0 before the first."""
        found = await self._database.value(select(cursors.c.position).where(cursors.c.follower == FOLLOWER))
        return found or 0

    async def advance(
        self,
        read: Iterable[Read],
        cursor: int,
        withdrawn: Sequence[TurnId] = (),
        forgotten: Sequence[PersonId] = (),
    ) -> None:
        """Keep a part of the log and the cursor behind it in one transaction: both are there, or neither.

        Nothing is kept of `withdrawn` turns and of opinions on them, nor of the opinions of `forgotten` people.
        """
        async with self._database.write() as connection:
            for turn in read:
                await _put(connection, turn.performance, turn.happened_at)
                if turn.outcome:
                    await keep(connection, turn.outcome, turn.happened_at)
            for table in (performances, broken_rules, ratings) if withdrawn else ():
                await connection.execute(delete(table).where(table.c.turn_id.in_(withdrawn)))
            if forgotten:
                await connection.execute(delete(ratings).where(ratings.c.user_id.in_(forgotten)))
            await put(connection, cursors, {"follower": FOLLOWER, "position": cursor})

    async def sums(self, character: str | None) -> PerformanceStats:
        """Figures over all recorded turns of a character, or of all; the thumbs are left at 0."""
        wanted = true() if character is None else performances.c.character == character
        async with self._database.read() as connection:
            turns, succeeded, score, attempts = (await connection.execute(_figures(wanted))).one()
            rules = (await connection.execute(_rules(wanted))).all()
        return PerformanceStats(
            turns=turns,
            succeeded=succeeded,
            average_score=score,
            average_attempts=attempts,
            violations={rule: int(times) for rule, times in rules},
        )

    async def habits(self, character: CharacterId, last_turns: int) -> tuple[list[Habit], int]:
        """The rules broken in the character's last turns, most turns first, and how many turns were looked at."""
        newest = performances.c.happened_at.desc(), performances.c.turn_id.desc()
        last = select(performances.c.turn_id).where(performances.c.character == character).order_by(*newest)
        looked_at = last.limit(last_turns).subquery()
        turns = func.count()
        rules = (
            select(broken_rules.c.rule, turns, func.sum(broken_rules.c.times))
            .join(looked_at, looked_at.c.turn_id == broken_rules.c.turn_id)
            .group_by(broken_rules.c.rule)
            .order_by(turns.desc(), broken_rules.c.rule)
        )
        async with self._database.read() as connection:
            habits = [Habit(rule, turns, int(times)) for rule, turns, times in await connection.execute(rules)]
            return habits, await connection.scalar(select(func.count()).select_from(looked_at)) or 0


def _figures(wanted: ColumnElement[bool]) -> Select[int, int, float | None, float | None]:
    return select(
        func.count(),
        func.count().filter(performances.c.success),
        func.avg(performances.c.quality_score),
        func.avg(performances.c.attempts),
    ).where(wanted)


def _rules(wanted: ColumnElement[bool]) -> Select[str, int]:
    times = func.sum(broken_rules.c.times)
    return (
        select(broken_rules.c.rule, times)
        .join(performances, performances.c.turn_id == broken_rules.c.turn_id)
        .where(wanted)
        .group_by(broken_rules.c.rule)
        .order_by(times.desc(), broken_rules.c.rule)
    )


async def _put(connection: AsyncConnection, performance: Performance, happened_at: datetime) -> None:
    row = performance.model_dump(exclude={"violations"}) | {
        "character": performance.character.casefold(),
        "happened_at": happened_at,
    }
    await put(connection, performances, row)
    await connection.execute(delete(broken_rules).where(broken_rules.c.turn_id == performance.turn_id))
    broken = Counter(performance.violations)
    rows = [{"turn_id": performance.turn_id, "rule": rule, "times": times} for rule, times in broken.items()]
    await add(connection, broken_rules, rows)
