"""What is looked for in the library, how much of it is wanted, and what was found."""

from collections.abc import Mapping
from dataclasses import dataclass

from greenroom.model import Passage
from greenroom.retriever.terms import terms
from greenroom.retriever.words import distinct

_TERMS = 24


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: `text` for its meaning, and `terms` for its words, each with its weight (0-1]."""

    text: str
    terms: Mapping[str, float]

    @classmethod
    def of(cls, text: str) -> "Query":
        """A query as it was written."""
        return cls(text, dict.fromkeys(distinct(terms(text))[:_TERMS], 1.0))


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is wanted, and how close it must be."""

    most: int
    floor: float


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, best first, and what was close and left out, with reasons."""

    passages: tuple[Passage, ...] = ()
    cut: tuple[Passage, ...] = ()
