"""The fold of events: from what happened to what there is. Nothing here knows of a database.

Events count in the order in which things happened in the conversation, whenever they were read out of it, so that a
world in which a line was edited is the world in which the new words had been said at once.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from greenroom.model import Entity, EntityType, Fact, WorldEvent
from greenroom.text import words
from greenroom.world.names import ARTICLES, Names, free_id, key_of

_MOST_ALIASES, _MOST_TAGS, _MOST_FACTS = 20, 20, 500
_TOLD = frozenset({"told", "acted"})


@dataclass
class WorldState:
    """What there is in a world: entities by id, who is called what, and the numbers of the events behind each."""

    entities: dict[str, Entity] = field(default_factory=dict)
    names: Names = field(default_factory=Names)
    sources: dict[str, list[int]] = field(default_factory=dict)


def fold(world_id: str, events: Iterable[WorldEvent], as_of: int | None = None) -> WorldState:
    """What there is after these events, or was at the place `as_of`."""
    folding = Folding(world_id)
    standing = (e for e in events if e.revoked_by is None and (as_of is None or e.place <= as_of))
    for event in sorted(standing, key=order):
        folding.take(event)
    return folding.state()


def order(event: WorldEvent) -> tuple[int, bool, int, int]:
    """Where an event stands: with its turn, what was done by hand or by a task after it."""
    return event.place, event.cause != "turn", event.ordinal, event.number


@dataclass
class _Growing:
    """An entity while events are being folded."""

    id: str
    type: EntityType
    name: str
    since: int
    aliases: list[str] = field(default_factory=list)
    canon: str = ""
    tags: list[str] = field(default_factory=list)
    related: list[str] = field(default_factory=list)
    locked: bool = False
    facts: list[Fact] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    sources: list[int] = field(default_factory=list)


class Folding:
    """A fold that goes on: events are taken in their order, and the state is asked for at any time."""

    def __init__(self, world_id: str) -> None:
        self.names = Names()
        self._world_id = world_id
        self._growing: dict[str, _Growing] = {}
        self._finished: dict[str, Entity] = {}
        self._touched: set[str] = set()

    def take(self, event: WorldEvent) -> None:
        """Fold one more event in, which is after all those before."""
        if event.kind in _TOLD:
            self._told(event)
        elif event.kind in {"made", "changed"}:
            self._set(event)
        elif event.kind in {"noted", "removed", "rewritten"} and event.told.entity_id in self._growing:
            self._by_id(event, self._growing[event.told.entity_id])

    def state(self) -> WorldState:
        """What there is. Only what has changed since it was asked for last is made anew."""
        for id_ in self._touched:
            if id_ in self._growing:
                self._finished[id_] = self._made(self._growing[id_])
            else:
                self._finished.pop(id_, None)
        self._touched.clear()
        sources = {one.id: one.sources for one in self._growing.values()}
        return WorldState(dict(self._finished), self.names, sources)

    def _told(self, event: WorldEvent) -> None:
        told = event.told
        known = self.names.find(told.name, told.type)
        one = self._growing[known] if known else self._new(event)
        if one is None:
            return
        called = [name for name in (told.name, *told.aliases) if key_of(name) not in map(key_of, _names(one))]
        one.aliases = (one.aliases + called)[:_MOST_ALIASES]
        one.tags = list(dict.fromkeys([*one.tags, *told.tags]))[:_MOST_TAGS]
        one.related = list(dict.fromkeys([*one.related, *told.connections]))[:_MOST_TAGS]
        self._touch(one, event)
        if told.information or told.ends:
            _learn(one, _fact(event), told.ends)

    def _new(self, event: WorldEvent) -> _Growing | None:
        if event.told.type is None or not key_of(event.told.name):
            return None
        id_ = free_id(event.told.name, event.told.type, self._growing)
        self._growing[id_] = _Growing(id_, event.told.type, event.told.name, event.place)
        return self._growing[id_]

    def _set(self, event: WorldEvent) -> None:
        told, id_ = event.told, event.told.entity_id
        if id_ not in self._growing:
            if event.kind == "changed":
                return  # what was changed came from words that are gone
            self._growing[id_] = _Growing(id_, told.type or "concept", told.name, event.place)
        one = self._growing[id_]
        self.names.remove(id_)
        fields = {"note": "canon", "connections": "related"}
        for name, value in told.changes.items():
            setattr(one, fields.get(name, name), list(value) if isinstance(value, list) else value)
        self._touch(one, event)

    def _by_id(self, event: WorldEvent, one: _Growing) -> None:
        self._touch(one, event)
        if event.kind == "removed":
            del self._growing[one.id]
            self.names.remove(one.id)
        elif event.kind == "noted":
            _learn(one, _fact(event), ends=False)
        else:
            one.notes[event.told.basis] = event.told.information

    def _touch(self, one: _Growing, event: WorldEvent) -> None:
        """Note that somebody has changed, and with it those who are connected to whom a name means now."""
        one.sources.append(event.number)
        self.names.add(one.id, one.type, _names(one))
        self._touched |= {one.id, *(other.id for other in self._growing.values() if other.related)}

    def _made(self, one: _Growing) -> Entity:
        others = (self.names.find(name) for name in one.related)
        related = tuple(dict.fromkeys(id_ for id_ in others if id_ in self._growing and id_ != one.id))
        entity = Entity(
            id=one.id,
            world_id=self._world_id,
            type=one.type,
            name=one.name,
            aliases=tuple(one.aliases),
            tags=tuple(one.tags),
            connections=related,
            locked=one.locked,
            facts=tuple(one.facts),
            canon=one.canon,
            since=one.since,
        )
        note_basis = _digest([entity.name, entity.type, entity.canon, [_essence(f) for f in public(entity)]])
        bases = {"note_basis": note_basis, "basis": _basis(entity, one.notes.get(note_basis, ""))}
        return entity.model_copy(update={"note": one.notes.get(note_basis) or plain_note(entity), **bases})


def public(entity: Entity) -> list[Fact]:
    """What everybody may know of an entity and still holds."""
    return [fact for fact in entity.facts if fact.is_public and fact.valid_to is None]


def plain_note(entity: Entity) -> str:
    """What everybody may know, one sentence after another; what characters said of it by name and at the end."""
    facts = public(entity)
    told = [_sentence(fact.text) for fact in facts if not fact.invented]
    claimed = [f"{fact.said_by or 'Somebody'} says: {_sentence(fact.text)}" for fact in facts if fact.invented]
    return " ".join(filter(None, [entity.canon, *told, *claimed]))


@lru_cache(maxsize=10_000)
def said(text: str) -> tuple[str, ...]:
    """The words of a remark, by which it is known again: what was a compass before is the compass now."""
    return tuple(word for word in words(text) if word not in ARTICLES)


def _learn(one: _Growing, fact: Fact, ends: bool) -> None:
    """Add a fact: in the place of one that says the same, and after the one whose place it takes."""
    if fact.slot:
        one.facts = [_closed(known, fact) if _gives_way(known, fact) else known for known in one.facts]
    if ends and not fact.text:
        return
    same = next((known for known in one.facts if known.valid_to is None and _says_the_same(known, fact)), None)
    if same is None:
        one.facts = [*one.facts, fact][-_MOST_FACTS:]
    elif _tells_more(fact, same):
        one.facts[one.facts.index(same)] = fact


def _gives_way(known: Fact, fact: Fact) -> bool:
    """Whether a fact holds no more once another is known: by all who know it, and by a word that counts as much."""
    if known.slot != fact.slot or known.valid_to is not None or (fact.invented and not known.invented):
        return False
    return not _says_the_same(known, fact) and _is_as_open(fact, known)


def _is_as_open(fact: Fact, known: Fact) -> bool:
    """Whether all who know one know the other as well."""
    if fact.is_public:
        return True
    if known.is_public or (fact.private and not known.private):
        return False
    return fact.known_to is None or (known.known_to is not None and set(known.known_to) <= set(fact.known_to))


def _closed(known: Fact, fact: Fact) -> Fact:
    return known.model_copy(update={"valid_to": fact.valid_from})


def _says_the_same(known: Fact, fact: Fact) -> bool:
    return known.text == fact.text or said(known.text) == said(fact.text)


def _tells_more(fact: Fact, same: Fact) -> bool:
    """Whether it is known to more, or by a better source: a person rather than a character."""
    if fact.invented != same.invented:
        return same.invented and _is_as_open(fact, same)
    return not _is_as_open(same, fact) and _is_as_open(fact, same)


def _fact(event: WorldEvent) -> Fact:
    return Fact(
        text=event.told.information,
        slot=event.told.slot,
        evidence=event.evidence,
        event=event.number,
        turn_id=event.turn_id,
        said_by=event.said_by,
        invented=event.invented,
        known_to=event.known_to,
        private=event.private,
        valid_from=event.place,
        told_at=event.made_at,
    )


def _names(one: _Growing) -> list[str]:
    return [one.name, *one.aliases]


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _essence(fact: Fact) -> list[Any]:
    return [fact.text, fact.invented, fact.said_by if fact.invented else ""]


def _basis(entity: Entity, note: str) -> str:
    facts = [
        fact.model_dump(mode="json", exclude={"event", "valid_from", "valid_to", "told_at"}) for fact in entity.facts
    ]
    still = [fact.valid_to is None for fact in entity.facts]
    known = entity.model_dump(mode="json", exclude={"facts", "since", "note", "basis", "note_basis"})
    return _digest([known, facts, still, note])


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:24]
