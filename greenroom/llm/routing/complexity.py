"""How hard a text is: a score 0–1 and the reasons for it, without a model, in a fraction of a millisecond.

It is a hint. On subjects that it has not seen, such a score does little better than the length of the text, and so do
the routers that others sell (LLMRouterBench, arXiv 2601.07206). What a house learns of its own traffic does better.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from greenroom.llm.routing.features import FEATURES
from greenroom.llm.routing.prints import MARKS, Print

Floats = NDArray[np.float32]

WEIGHTS: dict[str, float] = {
    "length": 1.0,
    "repetition": 1.5,
    "digits": 0.4,
    "numbers": 1.0,
    "quantities": 0.4,
    "symbols": 0.6,
    "maths": 1.0,
    "code": 1.0,
    "negation": 0.2,
    "connectives": 1.0,
    "clauses": 0.5,
    "limits": 0.4,
    "steps": 0.4,
    "work": 0.6,
    "questions": 0.4,
    "foreign": 0.5,
    "before": 0.5,
    "pleasantry": -1.5,
}
"""What each feature counts before anything is learnt. Set by hand: the signs are what one would expect, and no number
is finer than one digit. docs/gateway.md says how well they do."""

_MIDDLE = 1.8
"""The weighted sum at which the score is a half."""

_REASONS = 5
_TELLING = 0.4
"""A feature below this is not worth a word."""

_LIKE_EARLIER = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """What features and marks count. `version` 0 is before anything is learnt, and knows no marks.

    The score is the logistic function of their sum, less `middle`.
    """

    version: int
    features: Floats
    marks: Floats
    middle: float

    def raw(self, seen: Print) -> float:
        """The score before it is made to lie between 0 and 1."""
        return float(np.dot(self.features, seen.features)) + self._of_marks(seen) - self.middle

    def score(self, seen: Print) -> float:
        """How hard, 0–1."""
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self.raw(seen)))))

    def reasons(self, seen: Print) -> tuple[str, ...]:
        """Why, in words, the weightiest first. What counts against what one would expect is not a reason."""
        parts = {
            name: float(weight) * value
            for name, weight, value in zip(FEATURES, self.features, seen.features, strict=True)
            if value >= _TELLING and weight * WEIGHTS.get(name, 0.0) > 0
        }
        weightiest = sorted(parts, key=lambda name: (-abs(parts[name]), name))[:_REASONS]
        found = [FEATURES[name] for name in weightiest]
        if self._of_marks(seen) > _LIKE_EARLIER:
            found.insert(0, "it is like what needed a better model before")
        return tuple(found) or ("it is short and plain",)

    def packed(self) -> bytes:
        """The weights as they are kept."""
        return np.concatenate([[self.middle], self.features, self.marks]).astype("<f4").tobytes()

    def _of_marks(self, seen: Print) -> float:
        if not self.version or not len(seen.marks):
            return 0.0
        return float(self.marks[np.asarray(seen.marks)].sum()) * seen.weight


def default_weights() -> Weights:
    """The weights before anything is learnt."""
    counts = np.array([WEIGHTS.get(name, 0.0) for name in FEATURES], np.float32)
    return Weights(0, counts, np.zeros(MARKS, np.float32), _MIDDLE)


def unpacked_weights(version: int, content: bytes) -> Weights | None:
    """The weights that were kept; None when they are for other features."""
    numbers = np.frombuffer(content, "<f4")
    if len(numbers) != 1 + len(FEATURES) + MARKS:
        return None
    return Weights(version, numbers[1 : 1 + len(FEATURES)], numbers[1 + len(FEATURES) :], float(numbers[0]))
