"""Which chunks a search may find at all: by what a character may know, and by the values of the metadata.

Both legs are told by number. What a document's number stands for never changes, so that it is looked up once a search.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import msgspec
from pydantic import JsonValue
from sqlalchemy import Connection, TextClause, select, text

from greenroom.retriever.tables import chunks, document_facts
from greenroom.storage.lists import listed

_MOST_VALUES = 100
# SQLite keeps the order of a CROSS JOIN: by itself it would go through all chunks, 5 ms of a turn for each 10,000.
_HIDDEN = """
    SELECT c.number FROM documents AS d CROSS JOIN chunks AS c
    WHERE c.document = d.number AND d.restricted AND NOT EXISTS (
        SELECT 1 FROM document_knowers AS k WHERE k.document = d.number AND k.character = :character
    )
"""
_TOLD_IN_PRIVATE = """
    SELECT c.number FROM document_facts AS f JOIN chunks AS c ON c.document = f.document
    WHERE f.key = 'place' AND f.value = '"private"'
"""
_NOT_TOLD = """
    AND NOT EXISTS (SELECT 1 FROM document_knowers AS k WHERE k.document = f.document AND k.character = :hearer{n})
"""
_OF_OTHER_WORLDS = """
    SELECT c.number FROM document_facts AS f JOIN chunks AS c ON c.document = f.document
    WHERE f.key = 'greenroom_world' AND f.value <> :world
"""
_MOST_HEARERS = 50


@dataclass(frozen=True, slots=True)
class Numbers:
    """Chunks by number. `only` None means all; what is `hidden` is out in any case."""

    only: frozenset[int] | None = None
    hidden: frozenset[int] = frozenset()

    @property
    def lists(self) -> dict[str, str | None]:
        """The same as values of a statement: `hidden` and `only` in JSON, None for what says nothing."""
        lists = {"hidden": self.hidden or None, "only": self.only}
        return {name: None if numbers is None else listed(numbers) for name, numbers in lists.items()}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What one search is narrowed to: what a character may know, and say before those who hear it, and to filters.

    Before `hearers` (ids; None is everybody) nothing is given that was said in private, but to those who know it. What
    belongs to another world than `world` is left out; None is no matter of worlds.
    """

    character: str | None = None
    filters: Mapping[str, JsonValue] = field(default_factory=dict)
    hearers: tuple[str, ...] | None = ()
    world: str | None = None

    def numbers(self, connection: Connection) -> Numbers:
        """The chunks, as they are now. What is written later has higher numbers than there are, and may be hidden."""
        hidden, only = frozenset[int](), None
        if secrets := dict(self.secrets()):
            values = {name: value for given in secrets.values() for name, value in given.items()}
            hidden = frozenset(connection.execute(_statement(" UNION ALL ".join(secrets)), values).scalars())
        for key, wanted in self.filters.items():
            with_fact = (
                select(chunks.c.number)
                .join(document_facts, document_facts.c.document == chunks.c.document)
                .where(document_facts.c.key == key, document_facts.c.value.in_(facts_of(wanted)))
            )
            found = frozenset(connection.execute(with_fact).scalars())
            only = found if only is None else only & found
        return Numbers(only, hidden)

    def secrets(self) -> Iterator[tuple[str, dict[str, str]]]:
        """What the character does not know or must not say there, each as SQL for the chunks, with its values."""
        if self.character is not None:
            yield _HIDDEN, {"character": self.character}
        if self.world is not None:
            yield _OF_OTHER_WORLDS, {"world": facts_of(self.world)[0]}
        if self.hearers is None or len(self.hearers) > _MOST_HEARERS:
            yield _TOLD_IN_PRIVATE, {}
            return
        for n, hearer in enumerate(self.hearers):
            yield _TOLD_IN_PRIVATE + _NOT_TOLD.format(n=n), {f"hearer{n}": hearer}


@lru_cache(4 * _MOST_HEARERS)
def _statement(sql: str) -> TextClause:
    """A statement; reading it takes longer than asking it."""
    return text(sql)


def facts_of(value: JsonValue) -> list[str]:
    """A value as it is kept and asked for: each entry of a list by itself, as JSON."""
    entries = value if isinstance(value, list) else [value]
    return list(dict.fromkeys(msgspec.json.encode(entry).decode() for entry in entries[:_MOST_VALUES])) or [""]
