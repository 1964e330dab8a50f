"""What became of answers that were given to similar prompts, and what that says of the next one.

Each embedder has its own. Nothing here asks or stores; see `ledger.py`.
"""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from math import sqrt
from typing import Protocol

from greenroom.model import SimilarStats

_EDGES = (0.002, 0.01, 0.03, 0.1, 0.3)
"""Pairs are counted together with those whose chance was in the same range."""
_PRIOR = 200.0
"""How many checks the chance before experience counts for."""
_REPORTED = 0.05
"""The share of wrong answers that people are taken to report: each answer served counts as so much of a check."""
_CONFIDENCE = 1.645
"""Standard deviations of a one-sided bound that holds with 95 %."""


class Observed(Protocol):
    """What is known of one pair of prompts."""

    @property
    def chance(self) -> float:
        """The chance of a wrong answer that was thought of before."""
        ...

    @property
    def served(self) -> int:
        """How often the answer was served."""
        ...

    @property
    def right(self) -> bool | None:
        """Whether it was right; None is not known."""
        ...

    @property
    def reported(self) -> bool:
        """Whether a person said so."""
        ...


@dataclass
class Tally:
    """One range of chances: answers served, and of all pairs, how many were checked, wrong, or reported."""

    served: int = 0
    chances: float = 0.0
    checked: int = 0
    wrong: int = 0
    reported: int = 0

    def estimate(self, chance: float) -> float:
        """The chance after experience: a mean of what was thought before and what was found."""
        seen = self.checked + max(_REPORTED * self.served, self.reported)
        return (_PRIOR * chance + self.wrong + self.reported) / (_PRIOR + seen)


class Experience:
    """What is known of one embedder's pairs."""

    def __init__(self) -> None:
        self._tallies: defaultdict[int, Tally] = defaultdict(Tally)
        self._checked = self._wrong = 0

    @property
    def served(self) -> int:
        """How many answers were served."""
        return sum(tally.served for tally in self._tallies.values())

    def count(self, pair: Observed, before: Observed | None = None) -> None:
        """Count a pair, in the place of what was known of it before."""
        for known, sign in ((pair, 1), (before, -1)):
            if known is None:
                continue
            tally = self._tallies[bisect_right(_EDGES, known.chance)]
            tally.served += sign * known.served
            tally.chances += sign * known.served * known.chance
            tally.reported += sign * known.reported
            if known.right is not None and not known.reported:
                tally.checked += sign
                tally.wrong += sign * (not known.right)
                self._checked += sign * (known.served > 0)
                self._wrong += sign * (known.served > 0 and not known.right)

    def estimate(self, chance: float) -> float:
        """The chance of a wrong answer after experience. No range is better than one that was thought safer."""
        place = bisect_right(_EDGES, chance)
        safer = (self._tallies[lower].estimate(min(chance, _EDGES[lower])) for lower in range(place))
        return max(self._tallies[place].estimate(chance), *safer, 0.0)

    def stats(self, embedder: str, entries: int, bound: float) -> SimilarStats:
        """The same in figures. `bound` is the chance below which answers are served."""
        tallies = self._tallies.values()
        expected = sum(t.served * t.estimate(t.chances / t.served) for t in tallies if t.served)
        return SimilarStats(
            embedder=embedder,
            entries=entries,
            served=self.served,
            checked=self._checked,
            wrong=self._wrong,
            reported=sum(tally.reported for tally in tallies),
            bound=bound,
            estimated_wrong_rate=expected / self.served if self.served else None,
            wrong_rate_at_most=upper_bound(self._wrong, self._checked),
        )


def upper_bound(wrong: int, checked: int) -> float | None:
    """What the share of wrong ones is below, with a confidence of 95 %; None without checks.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference"; one-sided.
    """
    if not checked:
        return None
    share, z = wrong / checked, _CONFIDENCE
    centre = share + z * z / (2 * checked)
    width = z * sqrt(share * (1 - share) / checked + z * z / (4 * checked * checked))
    return min(1.0, (centre + width) / (1 + z * z / checked))
