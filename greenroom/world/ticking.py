"""The clock of the worlds: when characters off scene go on, and when a world that nobody visits goes to sleep."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Update, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.background import TaskQueue
from greenroom.clock import Clock
from greenroom.config import WorldSettings
from greenroom.errors import NotFound
from greenroom.following import to_its_end
from greenroom.model import Task, WorldToSimulate
from greenroom.storage.database import Database
from greenroom.storage.upsert import put_if_new
from greenroom.world.simulation import SIMULATE
from greenroom.world.tables import world_ticks, world_turns, worlds

_LOOK_EVERY_S = 15.0
_PRIORITY = 70


class Ticking:
    """Counts turns and minutes. A tick and its task are written together, so that none is lost or comes twice."""

    def __init__(self, database: Database, work: TaskQueue, settings: WorldSettings, clock: Clock) -> None:
        self._database, self._work = database, work
        self._settings, self._clock = settings, clock

    async def look(self) -> float:
        """Let those worlds go on for which it is time; returns seconds until it is worth looking again."""
        await to_its_end(self._look_at_all())
        return _LOOK_EVERY_S

    async def tick(self, world_id: str) -> int:
        """Let a world go on now; how many tasks that is. Raises: NotFound."""
        async with self._database.write() as connection:
            if await connection.scalar(select(worlds.c.id).where(worlds.c.id == world_id)) is None:
                raise NotFound(f"there is no world {world_id!r}")
            return await self._tick(
                connection, world_id, await self._last(connection, world_id), alone=0, cause="asked"
            )

    async def _look_at_all(self) -> None:
        async with self._database.read() as connection:
            ids = list(await connection.scalars(select(worlds.c.id)))
        for world_id in ids:
            await self._look_at(world_id)

    async def _look_at(self, world_id: str) -> None:
        async with self._database.write() as connection:
            last = await self._last(connection, world_id)
            spoken = await _turns(connection, world_id) - last.turns
            if spoken < 0:  # lines were taken back, or a conversation was deleted: count on from what is left
                await connection.execute(_of(world_id).values(turns=last.turns + spoken))
            elif self._settings.simulate_every_turns and spoken >= self._settings.simulate_every_turns:
                await self._tick(connection, world_id, last, alone=0, cause=f"{spoken} turns")
            elif self._is_time(last.ticked_at) and (spoken > 0 or (last.turns > 0 and last.alone < self._most_alone)):
                alone = 0 if spoken > 0 else last.alone + 1
                await self._tick(connection, world_id, last, alone=alone, cause="time")

    @property
    def _most_alone(self) -> int:
        return self._settings.simulate_alone

    def _is_time(self, last: datetime) -> bool:
        minutes = self._settings.simulate_every_minutes
        return bool(minutes) and self._clock.now() - last >= timedelta(minutes=minutes)

    async def _last(self, connection: AsyncConnection, world_id: str) -> Any:
        """The last tick of a world; its first time begins when it is looked at first."""
        first = {"world_id": world_id, "ticks": 0, "turns": 0, "alone": 0, "ticked_at": self._clock.now()}
        await put_if_new(connection, world_ticks, first)
        mine = select(world_ticks).where(world_ticks.c.world_id == world_id).with_for_update()
        return (await connection.execute(mine)).one()

    async def _tick(self, connection: AsyncConnection, world_id: str, last: Any, *, alone: int, cause: str) -> int:
        values = {"ticks": last.ticks + 1, "turns": await _turns(connection, world_id), "alone": alone}
        await connection.execute(_of(world_id).values(values | {"ticked_at": self._clock.now()}))
        wanted = WorldToSimulate(world_id=world_id, tick=last.ticks + 1)
        task = Task(
            kind=SIMULATE,
            key=f"simulate:{last.ticks + 1}:{world_id}"[:200],
            payload=wanted.model_dump(mode="json"),
            priority=_PRIORITY,
            cause=cause,
        )
        return await self._work.enqueue_within(connection, [task])


def _of(world_id: str) -> Update:
    return update(world_ticks).where(world_ticks.c.world_id == world_id)


async def _turns(connection: AsyncConnection, world_id: str) -> int:
    """How many turns of a world stand."""
    standing = world_turns.c.world_id == world_id, world_turns.c.stands
    return await connection.scalar(select(func.count()).select_from(world_turns).where(*standing)) or 0
