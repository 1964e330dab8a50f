"""The ledger: the only one who writes events, and with them what follows from them, in one transaction.

Whoever wants to change a world opens its book. Nobody else changes that world until the book is closed.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

from cachetools import LRUCache
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.background import TaskQueue
from greenroom.clock import Clock
from greenroom.errors import NotFound
from greenroom.model import Entity, EntityToWrite, EventsRequest, ProposedChange, Task, Told, WorldEvent, WorldEvents
from greenroom.storage.database import Database
from greenroom.world.book import REMARKS, Applied, Book
from greenroom.world.fold import WorldState, fold, public
from greenroom.world.kept import Kept
from greenroom.world.rows import GONE, entities_of, event_of, events_of
from greenroom.world.tables import world_entities, world_events, worlds

EMBED, REWRITE = "EMBED_ENTITY", "REWRITE_NOTE"
_PRIORITY, _PRIORITY_OF_REWRITING = 60, 65
_PLAIN_FACTS = 3
"""So many sentences may stand one after another in a note before a model makes a text of them."""
_WORLDS_IN_MEMORY = 8
_SEQUENCE = select(worlds.c.sequence)

Going = Callable[[Sequence[WorldEvent], Mapping[str, Entity]], Iterable[int]]
"""Which of the events of a world, with these entities, are going to be taken out."""


class Ledger:
    """The tables of events and entities. What follows from a change is left to be done, in the same transaction."""

    def __init__(self, database: Database, clock: Clock, queue: TaskQueue) -> None:
        self._database, self._clock, self._queue = database, clock, queue
        self._kept: LRUCache[str, Kept] = LRUCache(maxsize=_WORLDS_IN_MEMORY)

    async def apply(self, change: ProposedChange) -> Applied:
        """Make a change, unless it was made before, its turn has other words by now, or what is locked forbids it."""
        async with self.opened(change.world_id) as book:
            return await book.propose(change)

    async def rewrite(self, world_id: str, entity_id: str, basis: str, text: str) -> None:
        """Give a note in other words, which count as long as its `note_basis` is this one."""
        told = Told(entity_id=entity_id, basis=basis, information=text)
        key = f"rewritten:{world_id}:{entity_id}:{basis}"
        await self.apply(ProposedChange(world_id=world_id, kind="rewritten", cause="task", effect_key=key, told=told))

    async def has(self, world_id: str) -> bool:
        """Whether there is a world; what is still to be done for one that was deleted need not be done."""
        async with self._database.read() as connection:
            return await connection.scalar(select(worlds.c.id).where(worlds.c.id == world_id)) is not None

    async def state(self, world_id: str, as_of: int | None = None) -> WorldState:
        """What there is in a world, or was at a place. Raises: NotFound."""
        if not await self.has(world_id):
            raise NotFound(f"there is no world {world_id!r}")
        async with self._database.read() as connection:
            if as_of is not None:
                return await asyncio.to_thread(fold, world_id, await events_of(connection, world_id), as_of)
            state = WorldState(await entities_of(connection, world_id))
        for entity in state.entities.values():
            state.names.add(entity.id, entity.type, entity.names)
        return state

    async def replayed(self, world_id: str) -> WorldState:
        """What there is after all events, told again from the first; `state` must say the same."""
        async with self._database.read() as connection:
            return await asyncio.to_thread(fold, world_id, await events_of(connection, world_id))

    async def count_after(self, world_id: str, place: int) -> int:
        """How many events count that are later than a place, remarks on others left out."""
        async with self._database.read() as connection:
            events = await events_of(connection, world_id)
        return sum(event.place > place and event.kind not in REMARKS for event in events)

    async def history(self, request: EventsRequest) -> WorldEvents:
        """The events of a world, or those that an entity is made of. Raises: NotFound."""
        entity_id = request.entity_id
        numbers = None if entity_id is None else await self._numbers_of(request.world_id, entity_id)
        wanted = select(world_events).where(
            world_events.c.world_id == request.world_id, world_events.c.number > request.after
        )
        if numbers is not None:
            wanted = wanted.where(world_events.c.number.in_(numbers))
        if request.user_id is not None:
            wanted = wanted.where(world_events.c.user_id == request.user_id)
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted.order_by(world_events.c.number).limit(request.limit))).all()
        events = tuple(map(event_of, rows))
        return WorldEvents(events=events, cursor=events[-1].number if events else request.after)

    async def _numbers_of(self, world_id: str, entity_id: str) -> list[int]:
        """The events that an entity is made of, and those that tell of it and do not count. Raises: NotFound."""
        state = await self.replayed(world_id)
        if entity_id not in state.entities:
            raise NotFound(f"world {world_id!r} has no entity {entity_id!r}")
        out = world_events.c.revoked_by.is_not(None) | (world_events.c.kind == "dropped")
        wanted = select(world_events.c.number, world_events.c.told).where(world_events.c.world_id == world_id, out)
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted)).all()
        told = [(row.number, Told.model_validate(row.told)) for row in rows]
        return [*state.sources[entity_id], *(number for number, one in told if _is_of(one, entity_id, state))]

    async def embedded(self, entity: EntityToWrite) -> None:
        """Note that the library has an entity as it is on this basis, or has it no more."""
        which = world_entities.c.world_id == entity.world_id, world_entities.c.id == entity.entity_id
        async with self._database.write() as connection:
            await connection.execute(update(world_entities).where(*which).values(embedded=entity.basis))
            gone = world_entities.c.basis == GONE, world_entities.c.embedded == GONE
            await connection.execute(delete(world_entities).where(*which, *gone))

    @asynccontextmanager
    async def opened(
        self, world_id: str, going: Going | None = None, *, back: ColumnElement[bool] | None = None
    ) -> AsyncIterator["Book"]:
        """Open the book of a world, in a transaction. Raises: NotFound.

        To fold many events takes a while, in which nobody else could write. So this is done before: for a world that is
        opened for the first time, and for one of which events are `going` to be taken out, or to come `back`. Where
        something has changed in between, all is folded anew within the transaction.
        """
        if world_id not in self._kept and (first := await self._folded(world_id)):
            self._kept[world_id] = first
        foreseen = None if going is None and back is None else await self._folded(world_id, going, back)
        async with self._database.write() as connection:
            book = await self._open(connection, world_id, foreseen)
            yield book
            changed = await book.close()
            tasks = [_embedding(entity, book.kept.sequence) for entity in changed]
            there = (book.kept.entities.get(one.entity_id) for one in changed)
            long = [entity for entity in there if entity and len(public(entity)) > _PLAIN_FACTS]
            await self._queue.enqueue_within(connection, [*tasks, *map(_rewriting, long)])
        book.kept.is_open = False
        self._kept[world_id] = book.kept

    async def _folded(
        self, world_id: str, going: Going | None = None, back: ColumnElement[bool] | None = None
    ) -> Kept | None:
        """A world as it is, without what is going to be taken out of it and with what is to come back; None where it is
        none, or changes just now."""
        async with self._database.read() as connection:
            before = await connection.scalar(_SEQUENCE.where(worlds.c.id == world_id))
            entities, events = await entities_of(connection, world_id), await events_of(connection, world_id, back=back)
            if before is None or before != await connection.scalar(_SEQUENCE.where(worlds.c.id == world_id)):
                return None
        standing = [event for event in events if event.revoked_by is None]
        without = frozenset(going(standing, entities) if going else ())
        returned = frozenset(event.number for event in events if event.revoked_by is not None)
        kept = Kept(world_id, before, entities, without, returned)
        await kept.refold(events)
        return kept

    async def _open(self, connection: AsyncConnection, world_id: str, foreseen: Kept | None) -> "Book":
        mine = update(worlds).where(worlds.c.id == world_id).values(sequence=worlds.c.sequence)
        row = (await connection.execute(mine.returning(worlds.c.sequence, worlds.c.place))).one_or_none()
        if row is None:
            raise NotFound(f"there is no world {world_id!r}")
        kept = self._kept.get(world_id)
        # What is still open belonged to a transaction that failed: it may hold what was never written.
        if kept is None or kept.is_open or kept.sequence != row.sequence:
            kept = Kept(world_id, row.sequence, await entities_of(connection, world_id))
            await kept.refold(await events_of(connection, world_id))
        kept.is_open = True
        return Book(connection, self._clock, world_id, row.place, kept, foreseen)


def _embedding(entity: EntityToWrite, sequence: int) -> Task:
    """The task of embedding an entity as it is after an event."""
    key = f"{EMBED}:{entity.world_id[:60]}:{_digest(entity.entity_id)}:{sequence}"
    return Task(kind=EMBED, key=key, payload=entity.model_dump(), priority=_PRIORITY, cause=f"event {sequence}")


def _rewriting(entity: Entity) -> Task:
    """The task of writing a note in other words, as long as it is made of the same."""
    order = EntityToWrite(world_id=entity.world_id, entity_id=entity.id, basis=entity.note_basis)
    key = f"{REWRITE}:{entity.world_id[:60]}:{_digest(entity.id)}:{entity.note_basis}"
    return Task(kind=REWRITE, key=key, payload=order.model_dump(), priority=_PRIORITY_OF_REWRITING)


def _digest(entity_id: str) -> str:
    """Stands for an entity in the key of a task, which is kept for longer than a name may be."""
    return hashlib.sha256(entity_id.encode()).hexdigest()[:24]


def _is_of(told: Told, entity_id: str, state: WorldState) -> bool:
    return entity_id in {told.entity_id, state.names.exactly(told.name)}
