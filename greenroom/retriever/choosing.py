"""Of what a search found, that which is given: close enough, not twice the same, and what was left out, with why."""

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass

from greenroom.model import Passage
from greenroom.retriever.evidence import Evidence
from greenroom.retriever.query import Bounds, Found
from greenroom.retriever.said import Saying

_LIKENESS = 0.12
"""What being like a better passage costs, of 1 for the best. Source: Carbonell and Goldstein 1998, with lambda 0.88;
measured 2026-11-22, from 0 to 0.2 all did alike."""
_LEAST = 1e-4
CUT_SHOWN = 6
NO_ROOM = "no room: others bear on it more"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that may be given: what the legs say together, what speaks for it, and its terms.

    `moved` says who put it in its place, when it was a model.
    """

    chunk: Saying
    fused: float
    evidence: Evidence
    terms: Set[int]
    moved: str = ""

    @property
    def reason(self) -> str:
        """What speaks for it, for people."""
        return "; ".join(filter(None, (self.evidence.reason(), self.moved)))


def chosen(candidates: Sequence[Candidate], bounds: Bounds) -> Found:
    """The best of them."""
    floor = max(bounds.floor, _LEAST)
    close = [one for one in candidates if one.evidence.score >= floor]
    far = [one for one in candidates if one.evidence.score < floor]
    order = _diverse(close, bounds.most + CUT_SHOWN)
    passages, least = [], 1.0
    for one in order[: bounds.most]:
        least = min(least, one.evidence.score)  # what ranks lower shall not claim more
        passages.append(_passage(one, least, one.reason))
    below = f"below the floor of {bounds.floor:.2f}"
    left_out = [*((one, NO_ROOM) for one in order[bounds.most :]), *((one, below) for one in far)]
    cut = [_passage(one, one.evidence.score, why) for one, why in left_out[:CUT_SHOWN]]
    return Found(tuple(passages), tuple(cut))


def _diverse(candidates: Sequence[Candidate], most: int) -> list[Candidate]:
    """Best first, but what says the same as a better one later (maximal marginal relevance); at most so many.

    `candidates` come best first, so that most of them need not be compared: by itself already the next one is worth
    less than the best so far.
    """
    top = candidates[0].fused if candidates else 1.0
    left, order = [_Standing(one, one.fused / top * (1 - _LIKENESS)) for one in candidates], list[Candidate]()
    while left and len(order) < most:
        best, worth = left[0], -math.inf
        for one in left:
            if one.alone <= worth:
                break
            if (beside := one.worth_beside(order)) > worth:
                best, worth = one, beside
        left.remove(best)
        order.append(best.candidate)
    return order


@dataclass(slots=True, eq=False)
class _Standing:
    """What a candidate is worth by itself, and how like it is to those of `order` that it has been compared with."""

    candidate: Candidate
    alone: float
    likeness: float = 0.0
    compared: int = 0

    def worth_beside(self, order: Sequence[Candidate]) -> float:
        for better in order[self.compared :]:
            self.likeness = max(self.likeness, _overlap(self.candidate.terms, better.terms))
        self.compared = len(order)
        return self.alone - _LIKENESS * self.likeness


def _overlap(a: Set[int], b: Set[int]) -> float:
    """Shared part of two sets, 0-1."""
    return len(a & b) / math.sqrt(len(a) * len(b)) if a and b else 0.0


def _passage(one: Candidate, score: float, reason: str) -> Passage:
    chunk, of = one.chunk, one.chunk.origin
    about = {"document_id": of.id, "collection": chunk.collection, "section": chunk.section, "licence": of.licence}
    return Passage(
        id=f"{of.id}#{chunk.ordinal}",
        content=chunk.text,
        source=of.source or of.url or f"{chunk.collection}: {of.title or of.id}",
        url=of.url,
        title=of.title,
        relevance_score=round(score, 4),
        reason=reason,
        metadata={**of.facts, **{key: value for key, value in about.items() if value}},
    )
