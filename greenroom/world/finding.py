"""Finding entities by words: in their names, tags and notes, also where a word has another ending or a slip."""

from collections.abc import Iterable

from greenroom.model import Entity
from greenroom.text import content_words, plain, words
from greenroom.world.names import key_of

_NAME, _TAG, _NOTE = 4.0, 2.0, 1.0
_BEGINNING = 3
"""Letters of a word that is being typed before it finds longer ones."""


def found(entities: Iterable[Entity], query: str) -> list[Entity]:
    """The entities that have words of the query, best first; without words all, by name."""
    wanted = words(plain(query))
    named = sorted(entities, key=lambda entity: (key_of(entity.name), entity.id))
    if not wanted:
        return named
    scored = [(_score(entity, wanted), entity) for entity in named]
    return [entity for score, entity in sorted(scored, key=lambda pair: -pair[0]) if score]


def _score(entity: Entity, wanted: list[str]) -> float:
    names = {word for name in entity.names for word in key_of(name).split()}
    tags = {word for tag in entity.tags for word in words(tag)}
    note = {word for text in (entity.note, *(fact.text for fact in entity.facts)) for word in content_words(text)}
    weighed = ((names, _NAME), (tags, _TAG), (note, _NOTE))
    return sum(weight for word in wanted for there, weight in weighed if _has(there, word))


def _has(there: set[str], word: str) -> bool:
    begins = len(word) >= _BEGINNING
    return word in there or (begins and any(known.startswith(word) for known in there))
