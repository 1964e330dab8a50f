"""Plans as they are kept: who shall say something unasked, and when; where all keep quiet; how far the log was read."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, bindparam, delete, func, select, update

from greenroom.coordinator.tables import coordinator_cursors, plans, quiet_channels
from greenroom.model import Cause
from greenroom.storage.database import Database
from greenroom.storage.upsert import put, put_if_new

FOLLOWER = "coordinator"
_KEPT_DAYS = 7
_AT_ONCE = 20
_QUIET = "the channel was told to be quiet"


@dataclass(frozen=True, slots=True)
class Plan:
    """A character shall say something at `due_at`, and not after `stale_at`.

    It follows the turn `turn_id` (None where nothing was said yet), perhaps `side_by_side` with others.
    """

    id: str
    channel_id: str
    turn_id: str | None
    character: str
    cause: Cause
    due_at: datetime
    stale_at: datetime
    side_by_side: bool = False


class Plans:
    """The tables of plans, of channels that keep quiet, and of the place in the log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def cursor(self) -> int:
        """The position up to which the log has been read; 0 before the first."""
        return await self._database.value(_CURSOR) or 0

    async def add(self, new: Iterable[Plan], cursor: int | None = None) -> None:
        """Keep plans, and the cursor behind them if there is one: all or nothing. What is planned already stays."""
        async with self._database.write() as connection:
            for plan in new:
                row = {name: getattr(plan, name) for name in Plan.__slots__}
                row |= {"cause": plan.cause.model_dump(mode="json"), "state": "planned", "reason": ""}
                await put_if_new(connection, plans, row)
            if cursor is not None:
                await put(connection, coordinator_cursors, {"follower": FOLLOWER, "position": cursor})

    async def due(self, now: datetime) -> list[Plan]:
        """Plans whose time has come, the earliest first; no more than a few at a time."""
        return [_plan(row) for row in await self._database.rows(_DUE, now=now)]

    async def next_of(self, channel_id: str) -> Plan | None:
        """The next plan of a channel."""
        wanted = select(plans).where(plans.c.state == "planned", plans.c.channel_id == channel_id)
        async with self._database.read() as connection:
            row = (await connection.execute(wanted.order_by(plans.c.due_at).limit(1))).first()
        return _plan(row) if row else None

    async def begun_since(self, channel_id: str, since: datetime) -> int:
        """How often characters have begun a conversation of their own in a channel, or are about to."""
        began = plans.c.id.startswith("starter:") & (plans.c.state != "dropped") & (plans.c.due_at > since)
        wanted = select(func.count()).select_from(plans).where(plans.c.channel_id == channel_id, began)
        return await self._database.value(wanted) or 0

    async def postpone(self, plan: Plan, until: datetime) -> None:
        """Try a plan again later."""
        async with self._database.write() as connection:
            await connection.execute(update(plans).where(plans.c.id == plan.id).values(due_at=until))

    async def end(self, plan: Plan, state: str, reason: str, now: datetime) -> None:
        """Note how a plan ended, and forget those that ended a week ago."""
        async with self._database.write() as connection:
            which = plans.c.id == plan.id
            await connection.execute(update(plans).where(which).values(state=state, reason=reason[:500]))
            old = (plans.c.state != "planned") & (plans.c.due_at < now - timedelta(days=_KEPT_DAYS))
            await connection.execute(delete(plans).where(old))

    async def keep_quiet(self, channel_id: str, until: datetime | None, now: datetime) -> None:
        """Keep a channel quiet and drop what was planned there; None lifts it. Where it is over, that is forgotten."""
        over = (quiet_channels.c.channel_id == channel_id) | (quiet_channels.c.until <= now)
        async with self._database.write() as connection:
            await connection.execute(delete(quiet_channels).where(over))
            if until is None:
                return
            await put(connection, quiet_channels, {"channel_id": channel_id, "until": until})
            planned = (plans.c.channel_id == channel_id) & (plans.c.state == "planned")
            await connection.execute(update(plans).where(planned).values(state="dropped", reason=_QUIET))

    async def hushed(self, plan_ids: Collection[str]) -> list[str]:
        """Those of the plans that were dropped because their channel was told to be quiet."""
        wanted = select(plans.c.id).where(
            plans.c.id.in_(plan_ids), plans.c.state == "dropped", plans.c.reason == _QUIET
        )
        async with self._database.read() as connection:
            return list(await connection.scalars(wanted))

    async def quiet_until(self, channel_id: str, now: datetime) -> datetime | None:
        """Until when a channel keeps quiet; None when it does not."""
        until: datetime | None = await self._database.value(_QUIET_UNTIL, channel=channel_id)
        return until if until and until > now else None


_DUE = (
    select(plans)
    .where(plans.c.state == "planned", plans.c.due_at <= bindparam("now"))
    .order_by(plans.c.due_at)
    .limit(_AT_ONCE)
)
_CURSOR = select(coordinator_cursors.c.position).where(coordinator_cursors.c.follower == FOLLOWER)
_QUIET_UNTIL = select(quiet_channels.c.until).where(quiet_channels.c.channel_id == bindparam("channel"))


def _plan(row: Row[tuple[object, ...]]) -> Plan:
    kept = row._mapping
    return Plan(**{name: kept[name] for name in Plan.__slots__} | {"cause": Cause.model_validate(kept["cause"])})
