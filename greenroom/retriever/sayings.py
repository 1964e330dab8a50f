"""What chunks say: their terms, counted, and where they stand. Those that were named of late are kept.

A chunk never changes: what takes its place has another number. One that was taken out is named no more.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import Connection, case, select

from greenroom.retriever.pieces import last_words, said_by
from greenroom.retriever.tables import chunks, documents
from greenroom.retriever.words import Terms, words_for
from greenroom.storage.lists import among, listed

_KEPT = 5000
"""About 8 kB each."""


@dataclass(slots=True, eq=False)  # being frozen would take as long as all the counting
class Saying:
    """A chunk, as far as it matters for its place among others.

    `halves` says how often each term comes, in halves: what went before counts half. `heading` and `body` are parts of
    it. `before` is what went before as it was said, and `line` what the chunk after it has as that, in a conversation.
    """

    halves: Mapping[str, int]
    heading: Sequence[str]
    body: Set[str]
    length: int
    number: int = 0
    document: int = 0
    ordinal: int = 0
    title: str = ""
    speaker: str = ""
    before: str = ""
    line: str = ""

    @classmethod
    def of(cls, said: Terms, *place: Any) -> "Saying":
        """What these terms are, counted; `place` are the fields from `number` on."""
        heading, before, body = said
        halves: dict[str, int] = {}
        for term in chain(heading, body):  # a Counter takes twice as long for so few
            halves[term] = halves.get(term, 0) + 2
        for term in before:
            halves[term] = halves.get(term, 0) + 1
        return cls(halves, heading, frozenset(body), len(heading) + len(before) + len(body), *place)


class Sayings:
    """Reads what chunks say. Safe in threads."""

    def __init__(self) -> None:
        self._kept: dict[int, Saying] = {}
        """It only grows, and is begun anew when it is full: keeping count of who was named last would take longer
        than reading them again now and then."""

    def of(self, connection: Connection, numbers: Iterable[int]) -> dict[int, Saying]:
        """What each of these says, in their order; without those that are gone."""
        wanted, kept = list(numbers), self._kept
        fresh = _read(connection, [number for number in wanted if number not in kept])
        if len(kept) + len(fresh) > _KEPT:
            self._kept = {}
        self._kept.update(fresh)
        return {number: one for number in wanted if (one := kept.get(number) or fresh.get(number))}


_PLACES = (
    select(
        *(chunks.c.number, chunks.c.document, chunks.c.ordinal, documents.c.title, documents.c.speaker),
        *(case((documents.c.speaker == "", ""), else_=c).label(c.name) for c in (chunks.c.before, chunks.c.text)),
    )
    .join(documents, documents.c.number == chunks.c.document)
    .where(among(chunks.c.number, "numbers"))
)
"""Where each stands; the texts of lines of a conversation only."""


def _read(connection: Connection, numbers: list[int]) -> dict[int, Saying]:
    if not numbers:
        return {}
    said = words_for(connection.dialect.name).said(connection, numbers)
    found: dict[int, Saying] = {}
    rows = connection.execute(_PLACES, {"numbers": listed(numbers)}).all()
    for number, document, ordinal, title, speaker, before, text in rows:
        if number in said:
            line = last_words(said_by(speaker, text)) if speaker else ""
            found[number] = Saying.of(said[number], number, document, ordinal, title, speaker, before, line)
    return found
