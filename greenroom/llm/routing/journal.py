"""What the routing remembers over restarts. Written in batches, off the path of requests, from a capped buffer."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cachetools import LRUCache
from sqlalchemy import Table, delete, func, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.clock import Clock
from greenroom.llm.routing.complexity import Weights, unpacked_weights
from greenroom.llm.routing.fitting import Fit
from greenroom.llm.routing.prints import Print, unpacked
from greenroom.llm.routing.tables import routed_comparisons, routed_outcomes, routed_requests, routing_weights
from greenroom.model import Comparison, Comparisons, Page, Side
from greenroom.storage.database import Database
from greenroom.storage.upsert import add, put

_MOST_WAITING = 2000
_MOST_OUTCOMES = 8000
_MOST_COMPARISONS = 1000
_COMPARISONS_KEPT = timedelta(days=7)
_KEPT_VERSIONS = 5
_MOST_FORGOTTEN = 10_000
_CLEAN_UP_AFTER = 500


@dataclass(frozen=True, slots=True)
class Routed:
    """A request that was answered."""

    id: str
    side: Side
    seen: Print
    at: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """How well a request was answered, says a source; without `good` it takes back what it said."""

    request_id: str
    side: Side
    source: str
    good: float | None
    seen: Print
    at: datetime


@dataclass(frozen=True, slots=True)
class Learnt:
    """Weights that were kept, with what was said of them then."""

    weights: Weights
    rows: int
    held_out: float
    held_out_before: float
    at: datetime


class Journal:
    """Notes at once, writes later; `has_news` is set while there is something to write.

    `window` is how many requests it keeps; `lost` counts what found no room.
    """

    def __init__(self, database: Database, clock: Clock, window: int) -> None:
        self._database = database
        self._clock = clock
        self._window = window
        self._waiting: deque[Routed | Judged] = deque()
        self._since_clean_up = 0
        self._forgotten: LRUCache[str, bool] = LRUCache(_MOST_FORGOTTEN)
        self._one_at_a_time = asyncio.Lock()
        self.has_news = asyncio.Event()
        self.lost = 0

    def note(self, record: Routed | Judged) -> None:
        """Have a record written down, unless too many wait already."""
        if len(self._waiting) >= _MOST_WAITING:
            self.lost += 1
            return
        self._waiting.append(record)
        self.has_news.set()

    async def write(self) -> None:
        """Write down what waits. What cannot be written waits on. Raises: StorageFailed, Unavailable."""
        async with self._one_at_a_time:
            self.has_news.clear()
            batch = list(self._waiting)
            if not batch:
                return
            async with self._database.write() as connection:
                await self._drop_old(connection)
                await _write_routed(connection, [record for record in batch if isinstance(record, Routed)])
                await _write_judged(connection, [record for record in batch if isinstance(record, Judged)])
                self._since_clean_up += len(batch)
                if self._since_clean_up >= _CLEAN_UP_AFTER:
                    await _keep_newest(connection, routed_requests, self._window)
                    await _keep_newest(connection, routed_outcomes, _MOST_OUTCOMES)
                    self._since_clean_up = 0
            for _ in batch:
                self._waiting.popleft()

    async def requests(self) -> list[Routed]:
        """The newest requests, the oldest of them first."""
        newest = select(routed_requests).order_by(routed_requests.c.happened_at.desc()).limit(self._window)
        async with self._database.read() as connection:
            rows = (await connection.execute(newest)).all()
        found = [Routed(r.id, r.side, seen, r.happened_at) for r in rows if (seen := unpacked(r.print))]
        return found[::-1]

    async def request(self, id_: str) -> Routed | None:
        """One request, while it is kept."""
        for record in self._waiting:
            if isinstance(record, Routed) and record.id == id_:
                return record
        async with self._database.read() as connection:
            row = (await connection.execute(select(routed_requests).where(routed_requests.c.id == id_))).first()
        seen = unpacked(row.print) if row else None
        return Routed(row.id, row.side, seen, row.happened_at) if row and seen else None

    async def outcomes(self) -> list[Judged]:
        """The newest outcomes."""
        newest = select(routed_outcomes).order_by(routed_outcomes.c.happened_at.desc()).limit(_MOST_OUTCOMES)
        async with self._database.read() as connection:
            rows = (await connection.execute(newest)).all()
        return [
            Judged(r.request_id, r.side, r.source, r.good, seen, r.happened_at)
            for r in rows
            if (seen := unpacked(r.print))
        ]

    async def keep_comparison(self, comparison: Comparison) -> None:
        """Keep what two models said, unless it was forgotten meanwhile, and let go of what is too old."""
        if comparison.decision in self._forgotten:
            return
        async with self._database.write() as connection:
            await put(connection, routed_comparisons, comparison.model_dump())
            await _keep_newest(connection, routed_comparisons, _MOST_COMPARISONS)
            await self._drop_old(connection)

    async def forget_comparison(self, decision: str) -> None:
        """Let go of a comparison, and keep none of this decision that is still being made."""
        self._forgotten[decision] = True
        async with self._database.write() as connection:
            await connection.execute(delete(routed_comparisons).where(routed_comparisons.c.decision == decision))

    async def drop_old_comparisons(self) -> None:
        """Let go of comparisons that are older than a week: they hold in full what people said."""
        async with self._database.write() as connection:
            await self._drop_old(connection)

    async def _drop_old(self, connection: AsyncConnection) -> None:
        too_old = routed_comparisons.c.happened_at < self._clock.now() - _COMPARISONS_KEPT
        await connection.execute(delete(routed_comparisons).where(too_old))

    async def comparisons(self, page: Page) -> Comparisons:
        """A part of what is kept, the newest first; what is too old goes first."""
        await self.drop_old_comparisons()
        kept = routed_comparisons
        newest = select(kept).order_by(kept.c.happened_at.desc(), kept.c.decision).offset(page.after).limit(page.limit)
        async with self._database.read() as connection:
            rows = (await connection.execute(newest)).mappings().all()
            total = await connection.scalar(select(func.count()).select_from(kept)) or 0
        return Comparisons(comparisons=tuple(Comparison.model_validate(dict(row)) for row in rows), total=total)

    async def learnt(self) -> Learnt | None:
        """The newest weights that can be read."""
        async with self._database.read() as connection:
            rows = (await connection.execute(select(routing_weights).order_by(routing_weights.c.version.desc()))).all()
        for row in rows:
            weights = unpacked_weights(row.version, row.weights)
            if weights:
                return Learnt(weights, row.rows, row.held_out, row.held_out_before, row.happened_at)
        return None

    async def keep(self, fit: Fit) -> Learnt:
        """Keep new weights, and a few of those before."""
        version, content = fit.weights.version, fit.weights.packed()
        weights = unpacked_weights(version, content)  # as they will be read, to the last digit
        assert weights is not None
        learnt = Learnt(weights, fit.rows, fit.held_out, fit.held_out_before, self._clock.now())
        row = {
            "version": version,
            "weights": content,
            "rows": fit.rows,
            "held_out": fit.held_out,
            "held_out_before": fit.held_out_before,
            "happened_at": learnt.at,
        }
        async with self._database.write() as connection:
            kept = routing_weights.c.version
            await connection.execute(delete(routing_weights).where(kept <= version - _KEPT_VERSIONS))
            await connection.execute(delete(routing_weights).where(kept == version))
            await connection.execute(insert(routing_weights).values(row))
        return learnt


async def _write_routed(connection: AsyncConnection, records: Sequence[Routed]) -> None:
    rows = [{"id": r.id, "side": r.side, "print": r.seen.packed(), "happened_at": r.at} for r in records]
    if rows:  # deleted first: a stop between commit and notice would bring them again
        await connection.execute(delete(routed_requests).where(routed_requests.c.id.in_([r.id for r in records])))
        await add(connection, routed_requests, rows)


async def _write_judged(connection: AsyncConnection, records: Sequence[Judged]) -> None:
    rows = {
        (r.request_id, r.side, r.source): {
            "request_id": r.request_id,
            "side": r.side,
            "source": r.source,
            "good": r.good,
            "print": r.seen.packed(),
            "happened_at": r.at,
        }
        for r in records
    }
    if rows:
        key = tuple_(routed_outcomes.c.request_id, routed_outcomes.c.side, routed_outcomes.c.source)
        await connection.execute(delete(routed_outcomes).where(key.in_(list(rows))))
        await add(connection, routed_outcomes, [row for row in rows.values() if row["good"] is not None])


async def _keep_newest(connection: AsyncConnection, table: Table, count: int) -> None:
    happened = table.c.happened_at
    last = select(happened).order_by(happened.desc()).offset(count).limit(1).scalar_subquery()
    await connection.execute(delete(table).where(happened <= last))
