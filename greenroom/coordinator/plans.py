"""Plans as they are kept: who shall fall in on which turn, and when; where all keep quiet; how far the log was read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from greenroom.coordinator.tables import coordinator_cursors, follow_ups, quiet_channels
from greenroom.model import Mood
from greenroom.storage.database import Database
from greenroom.storage.upsert import put

FOLLOWER = "coordinator"
_KEPT_DAYS = 7
_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """A character shall fall in on a turn at a time. `reason` says why it, or why not after all."""

    turn_id: str
    channel_id: str
    character: str
    mood: Mood
    confidence: float
    due_at: datetime
    reason: str = ""


class Plans:
    """The coordinator's tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def cursor(self) -> int:
        """The position up to which the log has been read; 0 before the first."""
        wanted = select(coordinator_cursors.c.position).where(coordinator_cursors.c.follower == FOLLOWER)
        async with self._database.read() as connection:
            return await connection.scalar(wanted) or 0

    async def advance(self, plans: Iterable[Plan], cursor: int) -> None:
        """Keep plans and the cursor behind them, all or nothing. A turn that has a plan already keeps that one."""
        async with self._database.write() as connection:
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            for plan in plans:
                row = {name: getattr(plan, name) for name in Plan.__slots__} | {"state": "planned"}
                await connection.execute(insert(follow_ups).values(row).on_conflict_do_nothing())
            await put(connection, coordinator_cursors, {"follower": FOLLOWER, "position": cursor})

    async def due(self, now: datetime) -> list[Plan]:
        """Plans whose time has come, the earliest first; no more than a few at a time."""
        wanted = select(follow_ups).where(follow_ups.c.state == "planned", follow_ups.c.due_at <= now)
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted.order_by(follow_ups.c.due_at).limit(_AT_ONCE))).all()
        return [_plan(row) for row in rows]

    async def next_of(self, channel_id: str) -> Plan | None:
        """The next plan of a channel."""
        wanted = select(follow_ups).where(follow_ups.c.state == "planned", follow_ups.c.channel_id == channel_id)
        async with self._database.read() as connection:
            row = (await connection.execute(wanted.order_by(follow_ups.c.due_at).limit(1))).first()
        return _plan(row) if row else None

    async def end(self, plan: Plan, state: str, reason: str, now: datetime) -> None:
        """Note how a plan ended, and forget those that ended a week ago."""
        async with self._database.write() as connection:
            which = follow_ups.c.turn_id == plan.turn_id
            await connection.execute(update(follow_ups).where(which).values(state=state, reason=reason[:500]))
            old = (follow_ups.c.state != "planned") & (follow_ups.c.due_at < now - timedelta(days=_KEPT_DAYS))
            await connection.execute(delete(follow_ups).where(old))

    async def keep_quiet(self, channel_id: str, until: datetime | None) -> None:
        """Keep a channel quiet and drop what was planned there; None lifts it."""
        async with self._database.write() as connection:
            if until is None:
                await connection.execute(delete(quiet_channels).where(quiet_channels.c.channel_id == channel_id))
                return
            await put(connection, quiet_channels, {"channel_id": channel_id, "until": until})
            planned = (follow_ups.c.channel_id == channel_id) & (follow_ups.c.state == "planned")
            await connection.execute(
                update(follow_ups).where(planned).values(state="dropped", reason="the channel was told to be quiet")
            )

    async def quiet_until(self, channel_id: str, now: datetime) -> datetime | None:
        """Until when a channel keeps quiet; None when it does not."""
        wanted = select(quiet_channels.c.until).where(quiet_channels.c.channel_id == channel_id)
        async with self._database.read() as connection:
            until: datetime | None = await connection.scalar(wanted)
        return until if until and until > now else None


def _plan(row: Row[tuple[object, ...]]) -> Plan:
    return Plan(**{name: row._mapping[name] for name in Plan.__slots__})
