"""What people do to a world by hand: entities are made, changed and taken out, and worlds are rolled back.

Each is an event like any other, so that it can be told and taken back.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import update

from greenroom.errors import Conflict, InvalidInput, NotFound
from greenroom.model import (
    Entity,
    EntityChange,
    EntityRemoval,
    EventKind,
    EventRef,
    NewEntity,
    NewNote,
    ProposedChange,
    RollBack,
    RollBackRef,
    RolledBack,
    Told,
    WorldEvent,
)
from greenroom.world.book import HOLDS, REMARKS, ROLLED_BACK, Book
from greenroom.world.conversations import Conversations
from greenroom.world.fold import WorldState
from greenroom.world.ledger import Ledger
from greenroom.world.names import free_id, key_of
from greenroom.world.tables import world_events, world_turns


class ByHand:
    """Writes what people do into the ledger."""

    def __init__(self, ledger: Ledger, conversations: Conversations) -> None:
        self._ledger, self._conversations = ledger, conversations

    async def make(self, new: NewEntity) -> Entity:
        """Make an entity. Raises: NotFound, Conflict; InvalidInput, for a name without letters."""
        _check_letters(new.name)
        async with self._ledger.opened(new.world_id) as book:
            _check_free(book.state, (new.name, *new.aliases), None)
            id_ = free_id(new.name, new.type, book.state.entities)
            changes = new.model_dump(mode="json", exclude={"world_id", "user_id"})
            told = Told(entity_id=id_, type=new.type, name=new.name, changes=changes)
            await book.add(_event(book, "made", told, new.user_id))
        return await self.entity(new.world_id, id_)

    async def change(self, change: EntityChange) -> Entity:
        """Change an entity. Raises: NotFound, Conflict; InvalidInput, for a name without letters."""
        if change.name is not None:
            _check_letters(change.name)
        changes = change.model_dump(mode="json", exclude={"world_id", "entity_id", "user_id"}, exclude_none=True)
        async with self._ledger.opened(change.world_id) as book:
            _check_there(book, change.entity_id)
            names = (*filter(None, [change.name]), *(change.aliases or ()))
            _check_free(book.state, names, change.entity_id)
            told = Told(entity_id=change.entity_id, changes=changes)
            await book.add(_event(book, "changed", told, change.user_id))
        return await self.entity(change.world_id, change.entity_id)

    async def remove(self, which: EntityRemoval) -> None:
        """Take an entity out. Raises: NotFound."""
        async with self._ledger.opened(which.world_id) as book:
            _check_there(book, which.entity_id)
            await book.add(_event(book, "removed", Told(entity_id=which.entity_id), which.user_id))

    async def note(self, note: NewNote) -> Entity:
        """Add a remark. Raises: NotFound."""
        knowers = None if note.known_to is None else tuple(sorted(name.casefold() for name in note.known_to))
        async with self._ledger.opened(note.world_id) as book:
            _check_there(book, note.entity_id)
            told = Told(entity_id=note.entity_id, information=note.text)
            await book.add(_event(book, "noted", told, note.user_id, known_to=knowers))
        return await self.entity(note.world_id, note.entity_id)

    async def entity(self, world_id: str, entity_id: str, as_of: int | None = None) -> Entity:
        """One entity, now or as of a place. Raises: NotFound."""
        entities = (await self._ledger.state(world_id, as_of)).entities
        if entity_id not in entities:
            raise NotFound(f"world {world_id!r} has no entity {entity_id!r}")
        return entities[entity_id]

    async def preview(self, request: RollBack) -> RolledBack:
        """What a roll-back would change. Raises: NotFound, UnknownTurn."""
        place = await self._place_of(request)
        before = (await self._ledger.state(request.world_id)).entities
        after = (await self._ledger.state(request.world_id, place)).entities
        count = await self._ledger.count_after(request.world_id, place)
        return _difference(request.world_id, place, count, before, after)

    async def roll_back(self, request: RollBack) -> RolledBack:
        """Take out all that happened after a place. Raises: NotFound, UnknownTurn."""
        found = await self.preview(request)

        def going(events: Sequence[WorldEvent], _: Mapping[str, Entity]) -> Iterator[int]:
            return (one.number for one in events if one.place > found.place and one.kind not in REMARKS)

        async with self._ledger.opened(request.world_id, going) as book:
            later = world_events.c.place > found.place
            event = await book.revoke(f"{ROLLED_BACK}{found.place}", later, cause="person", user_id=request.user_id)
            turns = world_turns.c.world_id == request.world_id, world_turns.c.rank > found.place
            out = update(world_turns).where(*turns).values(out=world_turns.c.wording)
            await book.connection.execute(out)
        return found.model_copy(update={"event": event})

    async def undo(self, which: RollBackRef) -> RolledBack:
        """Bring back what a roll-back took out, as far as the conversation still holds it. Raises: NotFound."""
        world_id, event = which.world_id, which.event
        before = await self._ledger.state(world_id)
        its = world_events.c.revoked_by == event
        async with self._ledger.opened(world_id, back=its & HOLDS) as book:
            place = await book.place_of_rollback(event)
            turns = world_turns.c.world_id == world_id, world_turns.c.rank > place
            await book.connection.execute(update(world_turns).where(*turns).values(out=""))
            reason = f"roll-back {event} was undone"
            count = await book.restore(reason, its, cause="person", user_id=which.user_id)
        after = await self._ledger.state(world_id)
        return _difference(world_id, place, count, before.entities, after.entities)

    async def take_back(self, which: EventRef) -> RolledBack:
        """Take back what was done to an entity. Raises: NotFound, for what was not done by hand or counts no more."""
        world_id = which.world_id
        before = await self._ledger.state(world_id)
        async with self._ledger.opened(world_id, lambda *_: (which.event,)) as book:
            mine = world_events.c.number == which.event, world_events.c.cause == "person"
            revoked = await book.revoke("it was taken back", *mine, cause="person", user_id=which.user_id)
            if revoked is None:
                raise NotFound(f"event {which.event} of world {world_id!r} was not done by hand, or counts no more")
            place = book.place
        after = await self._ledger.state(world_id)
        found = _difference(world_id, place, 1, before.entities, after.entities)
        return found.model_copy(update={"event": revoked})

    async def _place_of(self, request: RollBack) -> int:
        if request.place is not None:
            return request.place
        assert request.turn_id is not None
        return await self._conversations.rank_of(request.world_id, request.turn_id)


def _check_there(book: Book, entity_id: str) -> None:
    if entity_id not in book.state.entities:
        raise NotFound(f"world {book.world_id!r} has no entity {entity_id!r}")


def _check_letters(name: str) -> None:
    if not key_of(name):
        raise InvalidInput(f"name: {name!r} has no letters")


def _check_free(state: WorldState, names: tuple[str, ...], own: str | None) -> None:
    """Raises: Conflict, when somebody else is called so."""
    for name in names:
        found = state.names.exactly(name)
        if found not in {None, own}:
            raise Conflict(f"{name!r} is what entity {found!r} is called already")


def _event(book: Book, kind: EventKind, told: Told, user_id: str, **more: Any) -> ProposedChange:
    done = {"world_id": book.world_id, "kind": kind, "cause": "person", "told": told, "user_id": user_id}
    return ProposedChange.model_validate({**done, "effect_key": f"hand:{uuid.uuid4().hex}", **more})


def _difference(
    world_id: str, place: int, events: int, before: dict[str, Entity], after: dict[str, Entity]
) -> RolledBack:
    both = sorted(before.keys() & after.keys())
    return RolledBack(
        world_id=world_id,
        place=place,
        events=events,
        added=tuple(sorted(after.keys() - before.keys())),
        changed=tuple(id_ for id_ in both if before[id_].basis != after[id_].basis),
        removed=tuple(sorted(before.keys() - after.keys())),
    )
