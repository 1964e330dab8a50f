"""What the library has of a world: notes of entities, and memories of what people said of themselves.

Each is a document for those who know it. What few know is a document of its own; what was said in private is marked, so
that it is not told in company.
"""

import hashlib
from collections.abc import Iterable, Iterator
from itertools import groupby

from sqlalchemy import select, update

from greenroom.background import TaskQueue
from greenroom.model import Document, DocumentRefs, Documents, Entity, EntityToWrite, Fact, Task
from greenroom.ports import Library
from greenroom.storage.database import Database
from greenroom.text import words
from greenroom.world.casting import CAST
from greenroom.world.ledger import EMBED, Ledger
from greenroom.world.rows import GONE
from greenroom.world.tables import world_entities

_MOST_TURNS = 50
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
        queue.handle(EMBED, self._shelve)

    async def _shelve(self, task: Task) -> None:
        """Shelve an entity as it is now; the task that a later change left finds nothing to do then.

        A write that fails leaves what the library had.
        """
        order = EntityToWrite.model_validate(task.payload)
        which = world_entities.c.world_id == order.world_id, world_entities.c.id == order.entity_id
        async with self._database.read() as connection:
            row = (await connection.execute(select(world_entities).where(*which))).one_or_none()
        if row is None or row.basis == row.embedded:
            return
        entity = None if row.basis == GONE else Entity.model_validate(row.entity)
        documents = tuple(documents_of(entity)) if entity else ()
        collection = collection_of(order.world_id)
        if documents:
            await self._library.put(Documents(collection=collection, documents=documents))
        lost = set(row.shelved or ()) - {document.id for document in documents}
        if lost:
            await self._library.remove(DocumentRefs(collection=collection, ids=tuple(sorted(lost))))
        shelved = [document.id for document in documents]
        async with self._database.write() as connection:
            await connection.execute(update(world_entities).where(*which).values(shelved=shelved))
        await self._ledger.embedded(order.model_copy(update={"basis": row.basis}))


def documents_of(entity: Entity) -> Iterator[Document]:
    """What the library shall have of an entity."""
    standing = [fact for fact in entity.facts if fact.valid_to is None and fact.text]
    memories = [fact for fact in standing if _is_memory(fact, entity)]
    for fact in memories:
        yield _memory(fact, entity)
    noted = sorted((fact for fact in standing if fact not in memories), key=_audience)
    groups = {audience: list(facts) for audience, facts in groupby(noted, key=_audience)}
    if entity.canon and CAST not in entity.tags:
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
    return Document(
        id=id_[:500],
        title=entity.name,
        text=text,
        metadata=metadata,
        source=source,
        aliases=entity.aliases[:50],
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
    said = (f"{fact.said_by} says: {fact.text}" if fact.invented else fact.text for fact in facts)
    return " ".join(f"{text.rstrip('.')}." for text in said)


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
