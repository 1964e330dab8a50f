"""How common words are in the library, and which of a query's words are worth looking up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection

from greenroom.retriever.words import words_for

_KEPT, _AHEAD = 100_000, 50_000
"""Words, and those of them that were counted before they were asked for: about 150 bytes each."""
CHANGED = 0.01
"""By how much of its size the library may change before a word is counted anew."""
_LOOKED_UP, _AND_OF_THE_LIBRARY = 270, 0.058
"""How many hits the rarer words of a query may have together: so many, and so much of the library.

Source: measured 2026-11-21 with FTS5, 1.4 µs a hit. Eight words of a text have 4,700 hits in 10,000 texts and 39,000 in
100,000 (p50), and took 190 ms (p95) there. Words beyond that are the commonest, which say least: measured 2026-11-22
with 1,463 lines, recall among ten was 0.785 with as many hits as 24 of 100 lines, 0.784 with 12 and 0.782 with 8.
"""
_AT_LEAST = 2
_NEVER = 0, -1
"""The count of a term that was not counted yet: older than any."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How large the library is: its chunks, those of them that are searched, and the number of the newest write."""

    chunks: int
    searched: int
    newest: int


class Frequency:
    """Counts words, and remembers the counts as long as the library has hardly changed. Safe in threads."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[int, int]] = {}
        """It only grows, and is begun anew when it is full."""

    def keep(self, counts: Mapping[str, int], newest: int) -> None:
        """Take over how common the words of the library are, commonest first; `newest` is that of its newest write."""
        self._kept = {term: (count, newest) for term, count in islice(counts.items(), _AHEAD)}

    def known(self, wanted: Sequence[str], extent: Extent) -> dict[str, int] | None:
        """In how many chunks each term stands, without those that stand in none; None where one must be counted."""
        kept = self._fresh(wanted, extent)
        return _above_none(kept) if len(kept) == len(wanted) else None

    def of(self, connection: Connection, wanted: Sequence[str], extent: Extent) -> dict[str, int]:
        """In how many chunks each term stands; those that stand in none are left out."""
        kept = self._fresh(wanted, extent)
        lacking = [term for term in wanted if term not in kept]
        counted = words_for(connection.dialect.name).counts(connection, lacking)
        if len(self._kept) + len(lacking) > _KEPT:
            self._kept = {}
        self._kept.update({term: (counted.get(term, 0), extent.newest) for term in lacking})
        return _above_none({**kept, **counted})

    def _fresh(self, wanted: Sequence[str], extent: Extent) -> dict[str, int]:
        oldest = extent.newest - CHANGED * extent.chunks
        kept = [(term, *self._kept.get(term, _NEVER)) for term in wanted]
        return {term: count for term, count, newest in kept if newest >= oldest}


def _above_none(counts: Mapping[str, int]) -> dict[str, int]:
    return {term: count for term, count in counts.items() if count}


def telling(counts: Mapping[str, int], extent: Extent) -> list[str]:
    """The terms that tell chunks apart, rarest first: so many that looking them up takes no long time.

    Those in half of the chunks or more do so only when there are no others.
    """
    rare = [term for term, count in counts.items() if count <= extent.chunks / 2] or list(counts)
    rare.sort(key=lambda term: (counts[term], term))
    room = (_LOOKED_UP + _AND_OF_THE_LIBRARY * extent.chunks) * extent.chunks / max(1, extent.searched)
    chosen: list[str] = []
    for term in rare:
        room -= counts[term]
        if room < 0 and len(chosen) >= _AT_LEAST:
            break
        chosen.append(term)
    return chosen
