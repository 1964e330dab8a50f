"""How hard a text is: a score 0–1 and the reasons for it, from its features alone, in a fraction of a millisecond.

It is a hint. On subjects that it has not seen, such a score does little better than the length of the text, and so do
the routers that others sell (LLMRouterBench, arXiv 2601.07206). What a house learns of its own traffic does better.
"""

import math
from dataclasses import dataclass

from greenroom.llm.routing.features import FEATURES, features

WEIGHTS: dict[str, float] = {
    "length": 1.0,
    "sentence_length": 0.8,
    "digits": 0.8,
    "numbers": 0.8,
    "quantities": 0.6,
    "symbols": 0.5,
    "maths": 1.0,
    "code": 1.0,
    "negation": 0.3,
    "connectives": 1.0,
    "limits": 0.5,
    "steps": 0.5,
    "work": 0.8,
    "questions": 0.3,
    "listed": 0.2,
    "foreign": 0.5,
    "before": 0.5,
    "pleasantry": -1.5,
}
"""What each feature counts. Set by hand; the signs are what one would expect, and no number is worth more than one
digit. docs/gateway.md says how well they do."""

_MIDDLE = 2.0
"""The weighted sum at which the score is a half."""

_REASONS = 5
_TELLING = 0.4
"""A feature below this is not worth a word."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A score 0–1, and its reasons in words, the weightiest first."""

    score: float
    reasons: tuple[str, ...]


def scored(text: str, characters_before: int = 0) -> Scored:
    """How hard a text is, after so many characters of conversation."""
    found = features(text, characters_before)
    parts = {name: weight * found[name] for name, weight in WEIGHTS.items()}
    telling = [name for name in WEIGHTS if found[name] >= _TELLING]
    reasons = tuple(FEATURES[name] for name in sorted(telling, key=lambda name: (-abs(parts[name]), name))[:_REASONS])
    return Scored(_logistic(sum(parts.values()) - _MIDDLE), reasons or ("it is short and plain",))


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))
