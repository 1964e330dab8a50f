"""How likely an answer would be wrong for a prompt that was not the one it was given for, before any experience.

Measured on 2026-11-21 with pairs of our own and public ones, half of which ask for different things; see
`docs/gateway.md`. What the embedder's numbers mean differs from one to the next, so each has its own line.
"""

from dataclasses import dataclass
from math import exp

from greenroom.llm.similar.guards import Likeness

_TYPING = 0.001
_WORDS = 0.005
"""None of 389 pairs that ask for different things has the same words by our lists, but for 2 of doubtful label."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far one embedder's cosine can be trusted where words differ: 1 / (1 + exp(steepness * (cosine - middle))).

    `least` is what no cosine gets below, for words that stand in the same place of the same sentence.
    """

    middle: float
    steepness: float
    least: float


_LEXICAL = Calibration(middle=1.2, steepness=4.0, least=0.3)
"""Knows spelling only: other words are other questions."""
_UNKNOWN = Calibration(middle=1.0, steepness=8.0, least=0.2)
_MINILM = Calibration(middle=0.63, steepness=17.6, least=0.02)
_KNOWN = {"hash": _LEXICAL, "minilm": _MINILM}


def chance_of_wrong(likeness: Likeness, cosine: float, embedder: str) -> float:
    """The chance, 0 to 1, for two prompts to which no guard objects. `embedder` is a full name: `understudy/hash`."""
    if likeness == "typing":
        return _TYPING
    if likeness == "words":
        return _WORDS
    name = embedder.rpartition("/")[2].partition(":")[0]
    known = next((calibration for part, calibration in _KNOWN.items() if part in name), _UNKNOWN)
    chance = 1 / (1 + exp(known.steepness * (cosine - known.middle)))
    return max(chance, known.least) if likeness == "substituted" else chance
