"""What the library has of a world: notes of entities, and memories of what people said of themselves.

Each is a document for those who know it. What few know is a document of its own; what was said in private is marked, so
that it is not told in company.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Row, select, update

from greenroom.background import TaskQueue
from greenroom.lane import step
from greenroom.model import Document, DocumentRefs, Documents, Entity, EntityToWrite, Fact, Task
from greenroom.ports import Library
from greenroom.storage.database import Database
from greenroom.text import words
from greenroom.world.casting import CAST
from greenroom.world.ledger import EMBED, Ledger
from greenroom.world.rows import GONE
from greenroom.world.tables import world_entities

_MOST_TURNS = 50
_ENTITIES_AT_ONCE, _DOCUMENTS_AT_ONCE = 50, 500
_ATTEMPTS = 10
"""With the pauses between them, four minutes: for so long the library may be away."""
_TELLING = frozenset(
    [
        "allergic",
        "promise",
        "promises",
        "promised",
        "owe",
        "owes",
        "died",
        "dead",
        "married",
        "divorced",
        "pregnant",
        "birthday",
        "born",
        "afraid",
        "secret",
    ]
)
_Audience = tuple[tuple[str, ...], bool]


def collection_of(world_id: str) -> str:
    """The collection of the library that a world has."""
    return f"world:{world_id}"


class Shelving:
    """Does the tasks of embedding: the library gets what an entity is now, and loses what it is no more."""

    def __init__(self, database: Database, library: Library, ledger: Ledger, queue: TaskQueue) -> None:
        self._database, self._library, self._ledger = database, library, ledger
        queue.handle(EMBED, self._shelve, attempts=_ATTEMPTS)

    async def _shelve(self, task: Task) -> None:
        """Shelve an entity as it is now, and with it others of its world that wait: their tasks find nothing to do.

        A write that fails leaves what the library had.
        """
        order = EntityToWrite.model_validate(task.payload)
        async with step():
            rows = await self._behind(order)
        found = {row.id: tuple(documents_of(Entity.model_validate(row.entity))) for row in rows if row.basis != GONE}
        wanted = {row.id: {document.id for document in found.get(row.id, ())} for row in rows}
        collection = collection_of(order.world_id)
        # Before the library has them: what is noted can be taken out again, whatever happens in between.
        async with step():
            await self._note(order.world_id, {row.id: wanted[row.id] | set(row.shelved or ()) for row in rows})
        for part in _parts([document for documents in found.values() for document in documents]):
            async with step():
                await self._library.put(Documents(collection=collection, documents=part))
        lost = sorted(
            {id_ for row in rows for id_ in row.shelved or ()} - {id_ for ids in wanted.values() for id_ in ids}
        )
        if lost:
            async with step():
                await self._library.remove(DocumentRefs(collection=collection, ids=tuple(lost)))
        async with step():
            await self._note(order.world_id, wanted)
        for row in rows:
            async with step():
                await self._ledger.embedded(EntityToWrite(world_id=order.world_id, entity_id=row.id, basis=row.basis))

    async def _behind(self, order: EntityToWrite) -> Sequence[Row[Any]]:
        """The entities of a world that the library does not have as they are: the one that is asked for comes first."""
        behind = world_entities.c.world_id == order.world_id, world_entities.c.basis != world_entities.c.embedded
        first = world_entities.c.id != order.entity_id, world_entities.c.id
        async with self._database.read() as connection:
            wanted = select(world_entities).where(*behind).order_by(*first).limit(_ENTITIES_AT_ONCE)
            return (await connection.execute(wanted)).all()

    async def _note(self, world_id: str, shelved: Mapping[str, Collection[str]]) -> None:
        async with self._database.write() as connection:
            for entity_id, ids in shelved.items():
                which = world_entities.c.world_id == world_id, world_entities.c.id == entity_id
                await connection.execute(update(world_entities).where(*which).values(shelved=sorted(ids)))


def _parts(documents: Sequence[Document]) -> Iterator[tuple[Document, ...]]:
    for start in range(0, len(documents), _DOCUMENTS_AT_ONCE):
        yield tuple(documents[start : start + _DOCUMENTS_AT_ONCE])


def documents_of(entity: Entity) -> Iterator[Document]:
    """What the library shall have of an entity."""
    standing = [fact for fact in entity.facts if fact.valid_to is None and fact.text]
    memories = [fact for fact in standing if _is_memory(fact, entity)]
    for fact in memories:
        yield _memory(fact, entity)
    noted = sorted((fact for fact in standing if fact not in memories), key=_audience)
    groups = {audience: list(facts) for audience, facts in groupby(noted, key=_audience)}
    if entity.canon.strip() and CAST not in entity.tags:
        groups.setdefault(((), False), [])
    for (known_to, private), facts in groups.items():
        text = entity.note if not known_to and not private and CAST not in entity.tags else _in_words(facts)
        yield _document(entity, f"note:{entity.id}:{_digest(known_to, private)}", text, facts, "note")


def _is_memory(fact: Fact, entity: Entity) -> bool:
    """Whether somebody said it of themselves."""
    return bool(fact.turn_id) and not fact.invented and fact.said_by in entity.names


def _memory(fact: Fact, entity: Entity) -> Document:
    return _document(entity, f"memory:{entity.id}:{_digest(fact.turn_id, fact.text)}", fact.text, [fact], "memory")


def _document(entity: Entity, id_: str, text: str, facts: list[Fact], kind: str) -> Document:
    known_to, private = _audience(facts[0]) if facts else ((), False)
    told = [fact.told_at for fact in facts if fact.told_at]
    metadata = {
        "greenroom_world": entity.world_id,
        "entity": entity.id,
        "kind": kind,
        "turn_ids": list(dict.fromkeys(fact.turn_id for fact in facts if fact.turn_id))[-_MOST_TURNS:],
        "importance": max((importance(fact) for fact in facts), default=0.5),
        "told_at": max(told).isoformat() if told else "",
        **({"place": "private"} if private else {}),
    }
    source = "what was said" if kind == "memory" else "notes of the world"
    return Document(  # cut, for one that the library does not take would keep all others of its world waiting
        id=id_[:500],
        title=entity.name[:500],
        text=text,
        metadata=metadata,
        source=source,
        aliases=tuple(alias[:200] for alias in entity.aliases[:50]),
        known_to=known_to,
    )


def importance(fact: Fact) -> float:
    """How much a fact matters, 0-1, by what it is about; no model is asked."""
    telling = bool(_TELLING & set(words(fact.text)))
    return min(
        1.0, 0.4 + 0.2 * bool(fact.slot) + 0.3 * telling + 0.1 * any(word.isdigit() for word in words(fact.text))
    )


def _audience(fact: Fact) -> _Audience:
    return fact.known_to or (), fact.private


def _in_words(facts: Iterable[Fact]) -> str:
    said = (f"{fact.said_by} says: {fact.text}" if fact.invented and fact.said_by else fact.text for fact in facts)
    return " ".join(f"{text.rstrip('.')}." for text in said)


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
