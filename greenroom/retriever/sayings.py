"""Reads chunks, and keeps them: all of them where there is room, else those that were named of late.

A chunk never changes, nor what its document was then: what takes its place has another number. One that was taken out
is named no more.
"""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import Connection, case, select

from greenroom.retriever.pieces import last_words, said_by
from greenroom.retriever.said import Origin, Said, Saying, Vocabulary
from greenroom.retriever.tables import chunks, documents
from greenroom.retriever.words import words_for
from greenroom.storage.lists import among, listed

ROOM, _MOST_TERMS = 25_000, 250_000
"""Chunks, 1 to 2 kB each, and the words of all of them, about 150 bytes each."""
_MOST_FACTS = 4000
"""Bytes of a document's metadata. Chunks of one that has more are read at each search: it may have any number."""


class Sayings:
    """Reads what chunks say. Safe in threads."""

    def __init__(self) -> None:
        self._kept = Said({}, Vocabulary())
        """It is begun anew when it is full: keeping count of who was named last would take longer than reading them
        again now and then."""

    def __len__(self) -> int:
        """Of how many chunks it is known."""
        return len(self._kept)

    def known(self, numbers: Sequence[int]) -> Said | None:
        """What each of these says, in their order; None where one of them was not read, or is gone."""
        kept = self._kept
        found = {number: one for number in numbers if (one := kept.get(number))}
        return Said(found, kept.vocabulary) if len(found) == len(numbers) else None

    def of(self, connection: Connection, numbers: Iterable[int]) -> Said:
        """What each of these says, in their order; without those that are gone."""
        wanted, kept = list(numbers), self._kept
        read = _read(connection, [number for number in wanted if number not in kept], kept.vocabulary)
        kept.update({number: one for number, one in read.items() if _is_small(one)})
        if len(kept) > ROOM or len(kept.vocabulary) > _MOST_TERMS:
            self._kept = Said({}, Vocabulary())
        found = {number: one for number in wanted if (one := kept.get(number) or read.get(number))}
        return Said(found, kept.vocabulary)

    def forget(self, numbers: Iterable[int]) -> None:
        """Chunks were taken out."""
        for number in numbers:
            self._kept.pop(number, None)

    def keep_only(self, numbers: Iterable[int]) -> list[int]:
        """Forget all but these, whoever took the others out. Returns those of them that are not known yet."""
        kept = self._kept
        self._kept = Said({number: kept[number] for number in numbers if number in kept}, kept.vocabulary)
        return [number for number in numbers if number not in kept]

    def counted(self) -> dict[str, int]:
        """In how many of the chunks that are kept each term stands."""
        return self._kept.common()


_WHOLE = (
    select(
        *(chunks.c.number, chunks.c.ordinal, chunks.c.collection, chunks.c.section, chunks.c.text),
        case((documents.c.speaker == "", ""), else_=chunks.c.before),
        *(documents.c.number, documents.c.id, documents.c.title, documents.c.speaker),
        *(documents.c.source, documents.c.url, documents.c.licence, documents.c.metadata),
    )
    .join(documents, documents.c.number == chunks.c.document)
    .where(among(chunks.c.number, "numbers"))
)
"""What went before only of lines of a conversation."""


def _is_small(one: Saying) -> bool:
    return len(msgspec.json.encode(one.origin.facts)) <= _MOST_FACTS


def _read(connection: Connection, numbers: Sequence[int], vocabulary: Vocabulary) -> dict[int, Saying]:
    if not numbers:
        return {}
    said = words_for(connection.dialect.name).said(connection, numbers)
    found, origins = dict[int, Saying](), dict[int, Origin]()
    rows = connection.execute(_WHOLE, {"numbers": listed(numbers)}).all()
    for number, ordinal, collection, section, text, before, *of in rows:
        if number in said:
            origin = origins.setdefault(of[0], Origin(*of))
            line = last_words(said_by(origin.speaker, text)) if origin.speaker else ""
            place = (origin, number, ordinal, collection, section, text, before, line)
            found[number] = Saying.of(said[number], vocabulary, *place)
    return found
