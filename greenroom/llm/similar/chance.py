"""How likely an answer would be wrong for a prompt that was not the one it was given for, before any experience.

Measured on 2026-11-21 with pairs of our own and public ones, half of which ask for different things; see
`docs/gateway.md`. What the embedder's numbers mean differs from one to the next, so each has its own line.
"""

from dataclasses import dataclass
from math import exp

from greenroom.llm.similar.guards import Likeness

_TYPING = 0.001
_WORDS = 0.005
"""None of 477 pairs that ask for different things has the same words by our lists, but for 2 of doubtful label."""


Curve = tuple[float, float]
"""Middle and steepness: the chance is 1 / (1 + exp(steepness * (cosine - middle)))."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far one embedder's cosine is trusted where words differ: anywhere, or in the same place of the sentence."""

    reworded: Curve
    substituted: Curve


_LEXICAL = Calibration(reworded=(1.2, 4.0), substituted=(1.5, 4.0))
"""Knows spelling only: other words are other questions."""
_UNKNOWN = Calibration(reworded=(1.0, 8.0), substituted=(1.2, 8.0))
_MINILM = Calibration(reworded=(0.63, 17.6), substituted=(0.806, 37.0))
"""Set so that 1 % is at the cosine above which no pair that asks for something else was found, of 577."""
_KNOWN = {"hash": _LEXICAL, "minilm": _MINILM}


def chance_of_wrong(likeness: Likeness, cosine: float, embedder: str) -> float:
    """The chance, 0 to 1, for two prompts to which no guard objects. `embedder` is a full name: `understudy/hash`."""
    if likeness == "typing":
        return _TYPING
    if likeness == "words":
        return _WORDS
    name = embedder.rpartition("/")[2].partition(":")[0]
    known = next((calibration for part, calibration in _KNOWN.items() if part in name), _UNKNOWN)
    middle, steepness = known.substituted if likeness == "substituted" else known.reworded
    return 1 / (1 + exp(steepness * (cosine - middle)))
