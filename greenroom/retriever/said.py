"""What chunks say: their terms, counted, for many chunks at once."""

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from greenroom.retriever.words import Terms

_MOST_HALVES = 2**16 - 1
_NUMBER_BYTES = 4

Whole = NDArray[np.int64]
Counts = NDArray[np.float64]


class Vocabulary:
    """Terms by number, from 0 in the order in which they came. Safe in threads."""

    def __init__(self) -> None:
        self._terms: list[str] = []
        self._numbers: dict[str, int] = {}
        self._growing = Lock()

    def __len__(self) -> int:
        return len(self._terms)

    def __getitem__(self, number: int) -> str:
        return self._terms[number]

    def learn(self, terms: Iterable[str]) -> list[int]:
        """The number of each term; one that is new is given the next."""
        with self._growing:
            return [self._number(term) for term in terms]

    def known(self, terms: Iterable[str]) -> dict[str, int]:
        """The numbers of those terms that have one."""
        return {term: self._numbers[term] for term in terms if term in self._numbers}

    def _number(self, term: str) -> int:
        number = self._numbers.get(term)
        if number is None:
            number = len(self._terms)
            self._terms.append(term)
            self._numbers[term] = number
        return number


@dataclass(frozen=True, slots=True)
class Origin:
    """The document that a chunk is of, as it was when the chunk was written. `facts` are its metadata."""

    number: int = 0
    id: str = ""
    title: str = ""
    speaker: str = ""
    source: str = ""
    url: str = ""
    licence: str = ""
    facts: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(slots=True, eq=False)  # being frozen would take as long as all the counting
class Saying:
    """A chunk: what it says, and what is shown of it.

    `terms` are all that it has, each once, by number, those of its own text first: so many are `own`. `halves` says how
    often each comes, in halves: what went before counts half. Both are packed (int32, uint16), since many are kept.
    `before` is what went before as it was said, and `line` what the chunk after it has as that, in a conversation.
    """

    terms: bytes
    halves: bytes
    own: int
    heading: Sequence[str]
    length: int
    origin: Origin = Origin()
    number: int = 0
    ordinal: int = 0
    collection: str = ""
    section: str = ""
    text: str = ""
    before: str = ""
    line: str = ""

    @classmethod
    def of(cls, said: Terms, vocabulary: Vocabulary, *place: Any) -> "Saying":
        """What these terms are, counted; `place` are the fields from `origin` on."""
        heading, before, body = said
        halves = dict.fromkeys(sorted(body), 0)  # PostgreSQL tells them in another order than SQLite
        own = len(halves)
        for term in chain(body, heading):  # a Counter takes twice as long for so few
            halves[term] = halves.get(term, 0) + 2
        for term in before:
            halves[term] = halves.get(term, 0) + 1
        terms = array("i", vocabulary.learn(halves))
        counted = array("H", [min(many, _MOST_HALVES) for many in halves.values()])
        length = len(heading) + len(before) + len(body)
        return cls(terms.tobytes(), counted.tobytes(), own, tuple(heading), length, *place)

    @property
    def own_bytes(self) -> bytes:
        """The terms of its own text, packed like all of them."""
        return self.terms[: self.own * _NUMBER_BYTES]

    @property
    def own_terms(self) -> frozenset[int]:
        """The terms of its own text."""
        return frozenset(memoryview(self.own_bytes).cast("i").tolist())


class Said(dict[int, Saying]):
    """What some chunks say, by the number of each, and counted for all of them at once."""

    def __init__(self, sayings: Mapping[int, Saying], vocabulary: Vocabulary) -> None:
        super().__init__(sayings)
        self.vocabulary = vocabulary

    def lengths(self) -> Counts:
        """How many terms each chunk has, one that comes twice counted twice; shape (chunks,)."""
        return np.array([one.length for one in self.values()], np.float64)

    def times(self, wanted: Sequence[str]) -> Counts:
        """How often each chunk has each term, what went before counting half; shape (chunks, terms)."""
        known = self.vocabulary.known(wanted)
        columns = np.zeros(len(self.vocabulary), np.int32)
        for column, term in enumerate(wanted, 1):
            if term in known:
                columns[known[term]] = column
        column_of = columns[np.frombuffer(b"".join([one.terms for one in self.values()]), np.int32)]
        halves = np.frombuffer(b"".join([one.halves for one in self.values()]), np.uint16)
        ends = np.cumsum([len(one.terms) // _NUMBER_BYTES for one in self.values()])
        there = np.flatnonzero(column_of)
        found = np.zeros((len(self), len(wanted)))
        found[np.searchsorted(ends, there, "right"), column_of[there] - 1] = halves[there] / 2
        return found

    def shared(self, first: Iterable[int], left_out: Iterable[str]) -> tuple[Whole, Whole, Whole]:
        """The terms of the own texts of some chunks, by number, chunk by chunk, without those that are `left_out`.

        Beside each: how many of these chunks have it in their own text, and how many of all.
        """
        without = self.vocabulary.known(left_out).values()
        held = Counter(_own(self[chunk] for chunk in first).tolist())
        for term in without:
            del held[term]
        terms = np.array(list(held), np.int64)
        everywhere = np.bincount(_own(self.values()), minlength=len(self.vocabulary))[terms]
        return terms, np.array(list(held.values()), np.int64), everywhere

    def common(self) -> dict[str, int]:
        """In how many of the chunks each term stands, the commonest first; terms that stand in none are left out."""
        counts = np.bincount(np.frombuffer(b"".join([one.terms for one in list(self.values())]), np.int32))
        order = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
        return dict(zip(map(self.vocabulary.__getitem__, order.tolist()), counts[order].tolist(), strict=True))


def _own(some: Iterable[Saying]) -> NDArray[np.int32]:
    return np.frombuffer(b"".join([one.own_bytes for one in some]), np.int32)
