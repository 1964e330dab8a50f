"""Weights fitted to what owners said: the conditional logit again, held to the weights that it came with (ridge).

Maximises the sum of log(chance of who should have spoken) - RIDGE / 2 * (distance from the shipped weights)^2, by
Newton's method; the function is concave, so there is one answer, and the same corrections give the same weights.
Source: McFadden (1974), and Hoerl and Kennard, Ridge regression (1970), with the shipped weights in the place of zero.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from greenroom.coordinator.selection import Situation, Weights, weighed

RIDGE = 2.0
"""Twenty corrections of one kind then move a weight by about 1; a handful hardly move it."""
FOLDS = 5
_STEPS, _DAMPING = 30, 1e-9
_DIGITS = 3


@dataclass(frozen=True)
class Correction:
    """Who should have spoken in a situation; None is nobody."""

    id: str
    should: str | None
    situation: Situation


@dataclass(frozen=True)
class HeldOut:
    """How weights do on corrections that they were not fitted to: share right, and mean log of the chance."""

    right: float
    log_chance: float


def fitted(corrections: Sequence[Correction], shipped: Weights) -> Weights:
    """The weights that suit the corrections and stay near the shipped ones. Its version is made of the weights."""
    import numpy as np  # takes a tenth of a second to import, and few houses ever get here

    names = _names(shipped)
    base = np.array([_value(shipped, name) for name in names])
    rows = [(_matrix(one.situation, names), _place(one)) for one in corrections]
    weights = base.copy()
    for _ in range(_STEPS):
        gradient, curvature = -RIDGE * (weights - base), RIDGE * np.eye(len(names))
        for matrix, place in rows:
            sums = matrix @ weights
            chances = np.exp(sums - sums.max())
            chances /= chances.sum()
            mean = chances @ matrix
            gradient += matrix[place] - mean
            curvature += (matrix.T * chances) @ matrix - np.outer(mean, mean)
        step = np.linalg.solve(curvature, gradient)
        weights = weights + step / max(1.0, float(np.abs(step).max()))
        if float(np.abs(step).max()) < _DAMPING:
            break
    return _named(names, [round(float(weight), _DIGITS) for weight in weights])


def held_out(corrections: Sequence[Correction], shipped: Weights, fit: bool) -> HeldOut:
    """How the shipped weights do, or those that are fitted each time to the other four fifths."""
    right, log_chance = 0, 0.0
    for fold in range(FOLDS):
        tried = [one for one in corrections if _fold(one) == fold]
        rest = [one for one in corrections if _fold(one) != fold]
        weights = fitted(rest, shipped) if fit and tried else shipped
        for one in tried:
            chances = weighed(one.situation, weights)
            right += chances.likeliest == one.should
            log_chance += math.log(max(1e-12, chances.silence if one.should is None else chances.of[one.should]))
    count = max(1, len(corrections))
    return HeldOut(right / count, log_chance / count)


def _fold(one: Correction) -> int:
    return hashlib.sha256(one.id.encode()).digest()[0] % FOLDS


def _names(weights: Weights) -> list[tuple[str, str]]:
    columns = {"company": weights.company, "crowd": weights.crowd, "silence": weights.silence}
    return [(column, name) for column, found in columns.items() for name in found]


def _value(weights: Weights, name: tuple[str, str]) -> float:
    columns: Mapping[str, Mapping[str, float]] = vars(weights)
    return columns[name[0]][name[1]]


def _matrix(situation: Situation, names: Sequence[tuple[str, str]]) -> Any:
    """One row for each candidate and one for silence; a column for each weight."""
    import numpy as np

    here = "crowd" if situation.crowded else "company"
    rows = [[own[name] if column == here else 0.0 for column, name in names] for own in situation.features.values()]
    rows.append([situation.silence[name] if column == "silence" else 0.0 for column, name in names])
    return np.array(rows)


def _place(one: Correction) -> int:
    """The row of who should have spoken."""
    names = [*one.situation.features]
    return len(names) if one.should is None else names.index(one.should)


def _named(names: Sequence[tuple[str, str]], values: Sequence[float]) -> Weights:
    found: dict[str, dict[str, float]] = {"company": {}, "crowd": {}, "silence": {}}
    for (column, name), value in zip(names, values, strict=True):
        found[column][name] = value
    digest = hashlib.sha256(repr(sorted(zip(names, values, strict=True))).encode()).hexdigest()[:10]
    return Weights(digest, found["company"], found["crowd"], found["silence"])
