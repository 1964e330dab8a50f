"""What is forgotten: all that a person said, when they ask for it; and what is older than the owner wants to keep.

The entry `forgotten` is written first and closed last, so that a process that is killed meanwhile is no end of it.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from greenroom.clock import Clock
from greenroom.ids import Ids
from greenroom.model import Forgotten, PersonRef
from greenroom.router.lines import Lines
from greenroom.router.rows import IS_BEGUN, change, next_position, same_rank
from greenroom.router.tables import turns
from greenroom.storage.database import Database

_AT_ONCE = 50
"""Lines of one transaction: nobody waits long for the log."""
_TOMBSTONES_KEPT = timedelta(days=30)
"""A service that was down for longer than this does not hear what was taken back."""

_BEGUN = select(turns.c.user_id, turns.c.rank).where(turns.c.state == "forgotten", turns.c.ended_at.is_(None))
_IS_LINE = turns.c.state.not_in(("withdrawn", "forgotten"))


class Forgetting:
    """Takes back many lines, a few in each transaction."""

    def __init__(self, database: Database, lines: Lines, clock: Clock, ids: Ids) -> None:
        self._database = database
        self._lines = lines
        self._clock = clock
        self._ids = ids

    async def forget(self, who: PersonRef) -> Forgotten:
        """Take back all that a person has said so far, and tell those who follow the log. Again is no harm."""
        position = await self._database.change(_enter, self._ids.new(), who.user_id, self._clock.now())
        return Forgotten(turns=await self._take_back_all(who.user_id, position))

    async def go_on(self) -> int:
        """Forget to the end whom an earlier run was forgetting; the number of people."""
        waiting = await self._database.rows(_BEGUN)
        for person in waiting:
            await self._take_back_all(person.user_id, person.rank)
        return len(waiting)

    async def expire(self, keep: timedelta | None) -> int:
        """Take back what is older than `keep` (None keeps all), and drop old tombstones; the number of lines."""
        now, gone = self._clock.now(), 0
        if keep is not None:
            while found := await self._take_back(turns.c.begun_at < now - keep, ~IS_BEGUN):
                gone += found
        old = turns.c.state.in_(("withdrawn", "forgotten")) & (turns.c.ended_at < now - _TOMBSTONES_KEPT)
        async with self._database.write() as connection:
            await connection.execute(delete(turns).where(old))
        return gone

    async def _take_back_all(self, user_id: str, before: int) -> int:
        whose, gone = (turns.c.user_id == user_id) & (turns.c.rank < before), 0
        while found := await self._take_back(whose):
            gone += found
        await self._database.change(_close, user_id, before, self._clock.now())
        return gone

    async def _take_back(self, *which: ColumnElement[bool]) -> int:
        """Take back the next few of these lines; how many there were."""
        return await self._database.change(self._take_back_here, *which)

    def _take_back_here(self, connection: Connection, *which: ColumnElement[bool]) -> int:
        next_position(connection)  # nobody else changes a turn from here on
        found = connection.scalars(select(turns.c.id).where(_IS_LINE, *which).limit(_AT_ONCE)).all()
        for turn_id in found:
            here = select(turns).where(turns.c.id.in_(same_rank(turn_id))).order_by(turns.c.position)
            self._lines.take_back(connection, connection.execute(here).all())
        return len(found)


def _enter(connection: Connection, entry_id: str, user_id: str, now: datetime) -> int:
    """Tell those who follow the log; the position of the entry."""
    position = next_position(connection)
    connection.execute(insert(turns).values(_entry(entry_id, user_id, position, now)))
    return position


def _close(connection: Connection, user_id: str, before: int, now: datetime) -> None:
    """Take the name off what a person has said before, and close the entries that told of it."""
    whose = (turns.c.user_id == user_id) & (turns.c.rank < before) & (turns.c.state == "withdrawn")
    connection.execute(update(turns).where(whose).values(user_id="", user_name=""))
    entries = (turns.c.user_id == user_id) & (turns.c.state == "forgotten") & (turns.c.rank <= before)
    for entry in connection.scalars(select(turns.c.id).where(entries)).all():
        change(connection, entry, turns.c.ended_at.is_(None), ended_at=now)


def _entry(entry_id: str, user_id: str, position: int, now: datetime) -> dict[str, Any]:
    """The entry of the log that tells those who follow it to forget a person."""
    return {
        "id": entry_id,
        "position": position,
        "rank": position,
        "channel_id": "",
        "character": "",
        "character_name": "",
        "user_id": user_id,
        "user_name": "",
        "message_type": "direct",
        "input_text": "",
        "state": "forgotten",
        "begun_at": now,
        "trace_id": "",
        "owner": "",
        "expires_at": now,
        "request": {},
    }
