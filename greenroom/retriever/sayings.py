"""What chunks say: their terms, counted, and where they stand. Those that were named last are kept.

A chunk never changes: what takes its place has another number. One that was taken out is named no more.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from typing import Any

from cachetools import LRUCache
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
    def of(cls, said: Terms, **place: Any) -> "Saying":
        """What these terms are, counted."""
        heading, before, body = said
        halves: dict[str, int] = {}
        for term in chain(heading, body):  # a Counter takes twice as long for so few
            halves[term] = halves.get(term, 0) + 2
        for term in before:
            halves[term] = halves.get(term, 0) + 1
        return cls(halves, heading, dict.fromkeys(body).keys(), len(heading) + len(before) + len(body), **place)


class Sayings:
    """Reads what chunks say. Safe in threads."""

    def __init__(self) -> None:
        self._kept: LRUCache[int, Saying] = LRUCache(_KEPT)
        self._alone = threading.Lock()

    def of(self, connection: Connection, numbers: Iterable[int]) -> dict[int, Saying]:
        """What each of these says, in their order; without those that are gone."""
        wanted = list(numbers)
        with self._alone:
            kept = {number: self._kept[number] for number in wanted if number in self._kept}
        fresh = _read(connection, [number for number in wanted if number not in kept])
        with self._alone:
            self._kept.update(fresh)
        known = {**kept, **fresh}
        return {number: known[number] for number in wanted if number in known}


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
    for number, document, ordinal, title, speaker, before, text in connection.execute(
        _PLACES, {"numbers": listed(numbers)}
    ):
        if number in said:
            line = last_words(said_by(speaker, text)) if speaker else ""
            place = {"number": number, "document": document, "ordinal": ordinal, "title": title}
            found[number] = Saying.of(said[number], **place, speaker=speaker, before=before, line=line)
    return found
