"""Worlds and the conversations that belong to them: what the log says of turns, and what follows for the past."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Select, and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.clock import Clock
from greenroom.errors import Conflict, NotFound, UnknownTurn
from greenroom.model import (
    Entity,
    NewSession,
    NewWorld,
    Session,
    SessionChange,
    SessionsRequest,
    Turn,
    TurnToAnalyze,
    WorldChange,
    WorldEvent,
    WorldSummary,
)
from greenroom.storage.database import Database
from greenroom.storage.upsert import put, put_if_new
from greenroom.world.book import REMARKS
from greenroom.world.casting import Casting
from greenroom.world.ledger import Ledger
from greenroom.world.observing import going, observe, own, row_of, says_other, stands_again
from greenroom.world.rows import summary_of
from greenroom.world.tables import world_cursors, world_events, world_sessions, world_turns, worlds

MAIN = "main"
"""The world of conversations that nobody assigned to one."""
_FOLLOWER = "world"

Leave = Callable[[AsyncConnection, TurnToAnalyze], Awaitable[None]]
"""Leaves the task of reading a turn, in a transaction."""


class Conversations:
    """The tables of worlds, sessions and turns."""

    def __init__(self, database: Database, ledger: Ledger, casting: Casting, clock: Clock) -> None:
        self._database, self._ledger, self._casting, self._clock = database, ledger, casting, clock

    # Worlds -----------------------------------------------------------------------------------------------------

    async def worlds(self) -> tuple[WorldSummary, ...]:
        """All worlds; `main` is always there."""
        await self._make_main()
        rows = await self._database.rows(select(worlds).order_by(worlds.c.id))
        return tuple(map(summary_of, rows))

    async def world(self, world_id: str) -> WorldSummary:
        """One world. Raises: NotFound."""
        await self._make_main()
        async with self._database.read() as connection:
            row = (await connection.execute(select(worlds).where(worlds.c.id == world_id))).one_or_none()
        if row is None:
            raise NotFound(f"there is no world {world_id!r}")
        return summary_of(row)

    async def make_world(self, new: NewWorld) -> WorldSummary:
        """Make a world. Raises: Conflict."""
        if not await self._make(new):
            raise Conflict(f"there is a world {new.id!r} already")
        return await self.world(new.id)

    async def change_world(self, change: WorldChange) -> WorldSummary:
        """Change name or description. Raises: NotFound."""
        values = change.model_dump(exclude={"world_id"}, exclude_none=True)
        if values:
            async with self._database.write() as connection:
                await connection.execute(update(worlds).where(worlds.c.id == change.world_id).values(values))
        return await self.world(change.world_id)

    async def delete_world(self, world_id: str) -> None:
        """Delete a world with all that is in it. Raises: NotFound; Conflict, for the one that is always there."""
        if world_id == MAIN:
            raise Conflict(f"the world {MAIN!r} cannot be deleted; conversations belong to it that nobody assigned")
        async with self._ledger.opened(world_id, lambda events, _: _telling(events)) as book:
            await book.revoke("the world was deleted", cause="person")
        async with self._database.write() as connection:
            for table in (world_events, world_turns, world_sessions):
                await connection.execute(delete(table).where(table.c.world_id == world_id))
            await connection.execute(delete(worlds).where(worlds.c.id == world_id))
        self._casting.forget(world_id)

    async def _make_main(self) -> None:
        there = await self._database.value(select(worlds.c.id).where(worlds.c.id == MAIN))
        if there is None:
            await self._make(NewWorld(id=MAIN, name="Main"))

    async def _make(self, new: NewWorld) -> bool:
        row = {**new.model_dump(), "place": 0, "sequence": 0, "made_at": self._clock.now()}
        async with self._database.write() as connection:
            return await put_if_new(connection, worlds, row)

    # Sessions ---------------------------------------------------------------------------------------------------

    async def sessions(self, request: SessionsRequest) -> tuple[Session, ...]:
        """The conversations of a world, or all."""
        query = _sessions()
        if request.world_id is not None:
            query = query.where(world_sessions.c.world_id == request.world_id)
        async with self._database.read() as connection:
            return tuple(_session(row) for row in await connection.execute(query))

    async def session(self, session_id: str) -> Session:
        """One conversation. Raises: NotFound."""
        async with self._database.read() as connection:
            row = (await connection.execute(_sessions().where(world_sessions.c.id == session_id))).one_or_none()
        if row is None:
            raise NotFound(f"there is no session {session_id!r}; one begins with the first turn in its channel")
        return _session(row)

    async def open_session(self, new: NewSession) -> Session:
        """Assign a channel to a world. Raises: NotFound; Conflict."""
        await self.world(new.world_id)
        async with self._database.write() as connection:
            row = {**new.model_dump(), "made_at": self._clock.now()}
            if not await put_if_new(connection, world_sessions, row):
                raise Conflict(f"session {new.id!r} belongs to a world already; delete it first")
        return await self.session(new.id)

    async def change_session(self, change: SessionChange) -> Session:
        """Give it another name. Raises: NotFound."""
        async with self._database.write() as connection:
            named = update(world_sessions).where(world_sessions.c.id == change.session_id)
            await connection.execute(named.values(name=change.name))
        return await self.session(change.session_id)

    async def delete_session(self, session_id: str) -> None:
        """Take what came from a conversation out of its world. Raises: NotFound."""
        session, turns = await self.session(session_id), world_turns.c.channel_id == session_id
        async with self._database.read() as connection:
            turn_ids = set(await connection.scalars(select(world_turns.c.turn_id).where(turns)))

        def said_there(events: Sequence[WorldEvent], _: Mapping[str, Entity]) -> Iterator[int]:
            there = (e for e in events if e.channel_id == session_id or turn_ids & e.told.sources.keys())
            return _telling(there)

        async with self._ledger.opened(session.world_id, said_there) as book:
            await book.revoke(
                "the session was deleted",
                world_events.c.channel_id == session_id,
                cause="person",
                channel_id=session_id,
            )
            await book.undo_what_came_of(turn_ids, channel_id=session_id)
            await book.connection.execute(delete(world_turns).where(turns))
            await book.connection.execute(delete(world_sessions).where(world_sessions.c.id == session_id))

    # Turns ------------------------------------------------------------------------------------------------------

    async def cursor(self) -> int:
        """How far the log has been read."""
        wanted = select(world_cursors.c.position).where(world_cursors.c.follower == _FOLLOWER)
        return await self._database.value(wanted) or 0

    async def advance(self, cursor: int) -> None:
        """Note how far the log has been read."""
        async with self._database.write() as connection:
            await put(connection, world_cursors, {"follower": _FOLLOWER, "position": cursor})

    async def observe(self, turn: Turn, leave: Leave | None) -> None:
        """Take in what the log says of a turn: what was read of words that are gone goes out of the world.

        `leave` is told of a turn that is to be read, in the same transaction; without it nothing comes into the world.
        The same turn again is no harm.
        """
        world_id = await self._world_of(turn)
        if leave is not None:
            await self._casting.keep(world_id)
        async with self._database.read() as connection:
            stood = await row_of(connection, turn.id)
        out = partial(going, turn) if says_other(stood, turn) else None
        back = and_(*own(turn)) if stands_again(stood, turn) else None
        async with self._ledger.opened(world_id, out, back=back) as book:
            to_read = await observe(book, turn)
            if to_read is not None and leave is not None:
                await leave(book.connection, to_read)

    async def rank_of(self, world_id: str, turn_id: str) -> int:
        """The place of a turn. Raises: UnknownTurn."""
        wanted = select(world_turns.c.rank).where(world_turns.c.world_id == world_id, world_turns.c.turn_id == turn_id)
        rank: int | None = await self._database.value(wanted)
        if rank is None:
            raise UnknownTurn(f"world {world_id!r} knows of no turn {turn_id!r}")
        return rank

    async def last_turns(self, channel_id: str, count: int, turn_id: str | None) -> list[TurnToAnalyze]:
        """The last turns of a conversation that stand, newest first, or the one that is named."""
        columns = select(world_turns.c.turn_id, world_turns.c.wording)
        wanted = columns.where(world_turns.c.channel_id == channel_id, world_turns.c.stands)
        if turn_id is not None:
            wanted = wanted.where(world_turns.c.turn_id == turn_id)
        rows = await self._database.rows(wanted.order_by(world_turns.c.rank.desc()).limit(count))
        return [TurnToAnalyze(turn_id=row.turn_id, wording=row.wording) for row in rows]

    async def mark_read(self, connection: AsyncConnection, turn: TurnToAnalyze) -> None:
        """Note that the words of a turn were read."""
        which = world_turns.c.turn_id == turn.turn_id, world_turns.c.wording == turn.wording
        await connection.execute(update(world_turns).where(*which).values(read=turn.wording))

    async def world_of(self, turn: TurnToAnalyze) -> str | None:
        """The world of a turn that stands with this wording; None where it does not."""
        which = world_turns.c.turn_id == turn.turn_id, world_turns.c.wording == turn.wording, world_turns.c.stands
        found: str | None = await self._database.value(select(world_turns.c.world_id).where(*which))
        return found

    async def _world_of(self, turn: Turn) -> str:
        """The world of a turn's channel; a thread belongs to that of the channel it hangs on."""
        sessions = world_sessions.c
        channels = filter(None, (turn.channel_id, turn.parent_id))
        wanted = select(sessions.id, sessions.world_id).where(sessions.id.in_(channels))
        known: dict[str, str] = {row.id: row.world_id for row in await self._database.rows(wanted)}
        if turn.channel_id in known:
            return known[turn.channel_id]
        await self._make_main()
        world_id = known.get(turn.parent_id or "", MAIN)
        row = {"id": turn.channel_id, "world_id": world_id, "name": "", "made_at": self._clock.now()}
        async with self._database.write() as connection:
            await put_if_new(connection, world_sessions, row)
        return world_id


def _telling(events: Iterable[WorldEvent]) -> Iterator[int]:
    """Those that are taken out with all others: remarks stay."""
    return (event.number for event in events if event.kind not in REMARKS)


def _sessions() -> Select[Any]:
    turns = func.count(world_turns.c.turn_id).filter(world_turns.c.stands).label("turns")
    joined = world_sessions.outerjoin(world_turns, world_turns.c.channel_id == world_sessions.c.id)
    return select(world_sessions, turns).select_from(joined).group_by(world_sessions.c.id).order_by(world_sessions.c.id)


def _session(row: Any) -> Session:
    return Session.model_validate({name: getattr(row, name) for name in Session.model_fields})
