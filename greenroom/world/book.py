"""The book of a world: it is open to one at a time, and its events are folded in when it is closed."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Text, and_, cast, delete, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.clock import Clock
from greenroom.errors import NotFound
from greenroom.model import Entity, EntityToWrite, EventKind, ProposedChange, Told, WorldEvent
from greenroom.storage.upsert import put
from greenroom.world.canon import contradicted
from greenroom.world.kept import Kept
from greenroom.world.rows import GONE, event_row, events_of
from greenroom.world.tables import world_entities, world_events, world_turns, worlds

REMARKS = frozenset({"revoked", "restored"})
"""Events that speak of others, and stay whatever becomes of those."""

WRITTEN: frozenset[EventKind] = frozenset({"made", "changed", "noted"})
"""Events in which words of the person stand who did it by hand."""

ROLLED_BACK = "rolled back to "


class Applied(NamedTuple):
    """What became of a change: `stale` when its turn has other words by now, `dropped` with the reason."""

    outcome: Literal["done", "known", "stale", "dropped"]
    reason: str = ""


class Book:
    """A world that is being changed. `foreseen` is the fold of what will be left of it, if that was known before."""

    def __init__(
        self,
        connection: AsyncConnection,
        clock: Clock,
        world_id: str,
        place: int,
        kept: Kept,
        foreseen: Kept | None = None,
    ) -> None:
        self.connection, self.world_id, self.place, self.kept = connection, world_id, place, kept
        self.state = kept.state
        self._foreseen = foreseen
        self._out: set[int] = set()
        self._back: set[int] = set()
        self._clock = clock
        self._sequence = kept.sequence
        self._fresh: list[WorldEvent] = []
        self._past_changed = False

    async def propose(self, change: ProposedChange) -> Applied:
        """Add what a turn or a task says, if it may be added."""
        known = select(world_events.c.number).where(world_events.c.effect_key == change.effect_key)
        if await self.connection.scalar(known) is not None:
            return Applied("known")
        place = await self._place_of(change)
        if place is None:
            return Applied("stale")
        reason = self._objection(change)
        if reason:
            told = change.told.model_copy(update={"reason": reason})
            change = change.model_copy(update={"kind": "dropped", "told": told})
        await self.add(change, place)
        return Applied("dropped", reason) if reason else Applied("done")

    async def add(self, change: ProposedChange, place: int | None = None) -> int:
        """Add an event, at a place of the conversation or now; return its number."""
        self._sequence += 1
        row = event_row(change, self._sequence, self.place if place is None else place, self._clock.now())
        await self.connection.execute(insert(world_events).values(row))
        self._fresh.append(WorldEvent.model_validate(row))
        return self._sequence

    async def revoke(self, reason: str, *which: ColumnElement[bool], **cause: Any) -> int | None:
        """Take events out; return the number of the event that says so, None where there was none to take out."""
        mine = world_events.c.world_id == self.world_id, world_events.c.revoked_by.is_(None), *which
        telling = world_events.c.kind.not_in(REMARKS)
        found = (await self.connection.scalars(select(world_events.c.number).where(*mine, telling))).all()
        if not found:
            return None
        number = await self.add(self._note("revoked", reason, len(found), **cause))
        taken = update(world_events).where(*mine, telling, world_events.c.number != number)
        await self.connection.execute(taken.values(revoked_by=number))
        self._out.update(found)
        self._past_changed = True
        return number

    async def restore(self, reason: str, *which: ColumnElement[bool], **cause: Any) -> int:
        """Bring back events that were taken out, as far as their turns stand and say the same; how many."""
        mine = world_events.c.world_id == self.world_id, world_events.c.revoked_by.is_not(None), HOLDS, *which
        back = update(world_events).where(*mine).values(revoked_by=None).returning(world_events.c.number)
        found = (await self.connection.scalars(back)).all()
        if found:
            await self.add(self._note("restored", reason, len(found), **cause))
            self._back.update(found)
            self._past_changed = True
        return len(found)

    async def place_of_rollback(self, event: int) -> int:
        """To which place a roll-back went. Raises: NotFound."""
        mine = world_events.c.world_id == self.world_id, world_events.c.number == event
        done = world_events.c.kind == "revoked", world_events.c.cause == "person"
        told = await self.connection.scalar(select(world_events.c.told).where(*mine, *done))
        if told is None or not str(told["reason"]).startswith(ROLLED_BACK):
            raise NotFound(f"event {event} of world {self.world_id!r} is no roll-back")
        return int(str(told["reason"]).removeprefix(ROLLED_BACK))

    async def erase(self, *which: ColumnElement[bool]) -> None:
        """Take the words out of events that are revoked: what people take back shall not be kept."""
        gone = {"told": {}, "evidence": "", "said_by": "", "wording": ""}
        named = {"effect_key": world_events.c.effect_key + ":erased:" + world_events.c.wording}
        left = world_events.c.revoked_by.is_not(None), world_events.c.wording != ""
        mine = world_events.c.world_id == self.world_id, *left, *which
        await self.connection.execute(update(world_events).where(*mine).values(gone | named))

    async def erase_notes(self, entity_ids: Collection[str]) -> None:
        """Take the words out of notes of these entities that were written anew: they may quote words that are gone."""
        if out := await self._empty(await self._of_kind("rewritten", entity_ids)):
            self._out.update(out)
            self._past_changed = True

    async def undo_what_came_of(self, turn_ids: Collection[str], **cause: Any) -> None:
        """Take out what characters did off scene that was thought up from turns, and its words: they may quote them."""
        mine = world_events.c.world_id == self.world_id, world_events.c.kind == "acted"
        columns = world_events.c.number, world_events.c.told, world_events.c.revoked_by
        rows = (await self.connection.execute(select(*columns).where(*mine))).all()
        found = [row for row in rows if not set(turn_ids).isdisjoint(row.told.get("sources", ()))]
        if found:
            numbers = [row.number for row in found]
            await self.revoke("a line that it came from is gone", world_events.c.number.in_(numbers), **cause)
            await self._empty(found)

    async def forget(self, user_id: str, until: datetime) -> None:
        """Undo what a person wrote by hand, and keep nothing of it. What else they did stays, without saying who."""
        mine = world_events.c.world_id == self.world_id, *done_by(user_id, until)
        written = *mine, world_events.c.kind.in_(WRITTEN)
        told = (await self.connection.scalars(select(world_events.c.told).where(*written))).all()
        await self.revoke("who did it by hand was forgotten", *written, cause="person")
        entity_ids = {str(one["entity_id"]) for one in told}
        await self.erase_notes(entity_ids)
        await self._empty(await self._of_kind("dropped", entity_ids))  # the reason may quote what contradicted it
        await self.connection.execute(delete(world_events).where(*written))
        await self.connection.execute(update(world_events).where(*mine).values(user_id=""))

    async def close(self) -> tuple[EntityToWrite, ...]:
        """Fold the new events in and write down what changed; return that."""
        kept = self.kept
        numbered = update(worlds).where(worlds.c.id == self.world_id)
        await self.connection.execute(numbered.values(sequence=self._sequence, place=self.place))
        if not self._fold_in():
            await kept.refold(await events_of(self.connection, self.world_id))
        before, after = kept.entities, kept.state.entities
        for entity in after.values():
            if before.get(entity.id) is not entity and before.get(entity.id) != entity:
                await self._write(entity.id, entity.basis, entity.model_dump(mode="json"))
        gone = [id_ for id_ in before if id_ not in after]
        for id_ in gone:
            await self._write(id_, GONE, {})
        fresh = [e for e in after.values() if e.id not in before or before[e.id].basis != e.basis]
        kept.sequence, kept.entities = self._sequence, after
        named = [*((e.id, e.basis) for e in fresh), *((id_, GONE) for id_ in gone)]
        return tuple(EntityToWrite(world_id=self.world_id, entity_id=id_, basis=basis) for id_, basis in named)

    def _fold_in(self) -> bool:
        """Whether the new events could be folded in, without all others being folded anew."""
        if self._past_changed:
            foreseen, found = self._foreseen, (self.kept.sequence, frozenset(self._out), frozenset(self._back))
            if foreseen is None or (foreseen.sequence, foreseen.without, foreseen.returned) != found:
                return False
            self.kept.become(foreseen)
        return self.kept.fold_in(self._fresh)

    async def _of_kind(self, kind: EventKind, entity_ids: Collection[str]) -> list[Any]:
        """The events of a kind that tell of one of these entities."""
        mine = world_events.c.world_id == self.world_id, world_events.c.kind == kind
        columns = world_events.c.number, world_events.c.told, world_events.c.revoked_by
        rows = (await self.connection.execute(select(*columns).where(*mine))).all()
        return [row for row in rows if self._is_of(row.told, entity_ids)]

    async def _empty(self, rows: Sequence[Any]) -> set[int]:
        """Take the words out of events; the numbers of those that count."""
        which = world_events.c.world_id == self.world_id, world_events.c.number.in_([row.number for row in rows])
        key = f"erased:{self.world_id}:" + cast(world_events.c.number, Text)
        await self.connection.execute(update(world_events).where(*which).values(told={}, effect_key=key))
        return {row.number for row in rows if row.revoked_by is None}

    def _is_of(self, told: dict[str, Any], entity_ids: Collection[str]) -> bool:
        return not {told.get("entity_id"), self.state.names.exactly(told.get("name", ""))}.isdisjoint(entity_ids)

    async def _write(self, entity_id: str, basis: str, entity: dict[str, Any]) -> None:
        row = {"world_id": self.world_id, "id": entity_id, "entity": entity, "basis": basis}
        await put(self.connection, world_entities, row)

    async def _place_of(self, change: ProposedChange) -> int | None:
        """Where a change belongs; None where its turn has other words by now, or none."""
        if change.cause != "turn":
            now = self.place if change.place is None else change.place
            return now if await self._stand(change.told.sources) else None
        turn = world_turns.c.turn_id == change.turn_id, world_turns.c.wording == change.wording, world_turns.c.stands
        counts = select(world_turns.c.rank).where(*turn, world_turns.c.out != change.wording)
        rank: int | None = await self.connection.scalar(counts)
        return rank

    async def _stand(self, sources: Mapping[str, str]) -> bool:
        """Whether turns still say what they said."""
        if not sources:
            return True
        turns = select(world_turns.c.turn_id, world_turns.c.wording)
        turns = turns.where(world_turns.c.turn_id.in_(sources), world_turns.c.stands)
        return {row.turn_id: row.wording for row in await self.connection.execute(turns)} == sources

    def _objection(self, change: ProposedChange) -> str:
        """Why a change is refused; empty where it is not."""
        if change.kind not in {"told", "acted"} or not change.told.information:
            return ""
        id_ = self.state.names.find(change.told.name, change.told.type)
        if id_ is None or not (entity := self.state.entities[id_]).locked:
            return ""
        if change.invented and change.kind == "told":
            return f"{entity.name} is locked, and this was said by a character"
        known = contradicted(entity, change.told.information)
        return f"{entity.name} is locked, and it is known: {known}" if known else ""

    def _note(self, kind: Literal["revoked", "restored"], reason: str, count: int, **cause: Any) -> ProposedChange:
        return ProposedChange(
            world_id=self.world_id,
            kind=kind,
            effect_key=f"{kind}:{self.world_id}:{self._sequence + 1}",
            told=Told(reason=reason, information=str(count)),
            **{"cause": "turn", **cause},
        )


def told_by(turn_id: str, entities: Mapping[str, Entity]) -> set[str]:
    """The entities of which a turn tells."""
    return {one.id for one in entities.values() if any(fact.turn_id == turn_id for fact in one.facts)}


def done_by(user_id: str, until: datetime) -> tuple[ColumnElement[bool], ...]:
    """What a person did by hand up to a moment."""
    return world_events.c.user_id == user_id, world_events.c.cause == "person", world_events.c.made_at <= until


_TURN_STANDS = exists().where(
    and_(
        world_turns.c.turn_id == world_events.c.turn_id,
        world_turns.c.wording == world_events.c.wording,
        world_turns.c.stands,
    )
)
HOLDS = or_(world_events.c.turn_id == "", _TURN_STANDS)
"""Whether what an event comes from is still there: the words of its turn, or the hand that did it."""
