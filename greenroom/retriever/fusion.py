"""What the two legs of a search named, put into one order."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from greenroom.retriever.evidence import meaning_counts
from greenroom.retriever.said import Saying
from greenroom.retriever.terms import terms

RANK_CONSTANT = 10
"""The k of reciprocal rank fusion (Cormack, Clarke and Büttcher 2009, who took 60).
Source: measured 2026-11-21; with two legs of different worth, 5 to 20 did alike and 40 worse."""
_OF_A_NEIGHBOUR = 0.2
"""How much of what speaks for a piece speaks for the one before and after it as well."""
_BY_WHO_IS_NAMED, _NEARER_BY_WHO_IS_NAMED = 2.3, 0.15
"""What a line counts that was said by somebody whom the query names: their name itself says next to nothing, since they
say half of the lines. Source: measured 2026-11-22; from 2 to 3 all did alike, 1.5 and 0.1 a little worse."""


class Fusion:
    """Chunks that were named, as far as it matters for their order: which stand side by side, and who says them."""

    def __init__(self, named: Collection[Saying], asked: Mapping[str, float], embedder: str) -> None:
        """`named` are all chunks that a leg named, `asked` the terms of the query."""
        self.speakers = {speaker: frozenset(terms(speaker)) for speaker in {one.origin.speaker for one in named}}
        called = {speaker for speaker, names in self.speakers.items() if not names.isdisjoint(asked)}
        self._by_who_is_named = [one.number for one in named if one.origin.speaker in called]
        self._neighbours = list(_neighbours(named))
        self._by_meaning = meaning_counts(embedder)

    def fused(self, words: Mapping[int, float], near: Mapping[int, float]) -> dict[int, float]:
        """What speaks for each chunk: `words` and `near` are what each leg says of those that it named.

        Reciprocal rank fusion: each leg gives its weight / (k + rank) to what it names, heard together with what
        stands beside it and with who says it.
        """
        heard, close = dict(words), dict(near)
        for one, other in self._neighbours:
            if one in words and other in words:
                heard[one] += _OF_A_NEIGHBOUR * words[other]
                heard[other] += _OF_A_NEIGHBOUR * words[one]
        for number in self._by_who_is_named:
            if number in heard:
                heard[number] *= _BY_WHO_IS_NAMED
            if number in close:
                close[number] += _NEARER_BY_WHO_IS_NAMED
        found: defaultdict[int, float] = defaultdict(float)
        for said, weight in ((heard, 1.0), (close, self._by_meaning if heard else 1.0)):
            for rank, chunk in enumerate(best_first(said), 1):
                found[chunk] += weight / (RANK_CONSTANT + rank)
        return {chunk: value for chunk, value in found.items() if value}


def best_first(said: Mapping[int, float]) -> list[int]:
    """Chunks in the order of what speaks for them, ties in the order in which they were put."""
    return sorted(sorted(said), key=said.__getitem__, reverse=True)


def _neighbours(named: Collection[Saying]) -> Iterator[tuple[int, int]]:
    """Pairs of pieces that follow each other, in a document or from line to line of a conversation."""
    lines = {(one.origin.title, one.line): one.number for one in named if one.origin.speaker}
    at = {(one.origin.number, one.ordinal): one.number for one in named}
    for one in named:
        of = one.origin
        before = at.get((of.number, one.ordinal - 1)) if one.ordinal else lines.get((of.title, one.before))
        if before is not None:
            yield before, one.number
