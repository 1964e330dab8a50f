"""Weights that are learnt from what happened: ridge-regularised logistic regression, solved by Newton's method.

The weights before anything was learnt are where it begins and what it is drawn back to. The same rows give the same
weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from greenroom.llm.routing.complexity import Weights
from greenroom.llm.routing.features import FEATURES
from greenroom.llm.routing.prints import MARKS, Print

Vector = NDArray[np.float64]
Whole = NDArray[np.int64]

FEWEST_ROWS, FEWEST_OF_A_KIND = 100, 20
"""Below these nothing is learnt."""

_FOLDS = 5
_RIDGES = (1.0, 2.0, 4.0)
"""How strongly the weights are drawn back; which is best is found on rows that were held out."""

_FEATURE_RIDGE = 30.0
_LOOSE = 1e-2
_NEWTON_STEPS, _CONJUGATE_STEPS = 8, 40
_CLOSE = 1e-3
_BASE, _ONE = MARKS + len(FEATURES), MARKS + len(FEATURES) + 1
_COLUMNS = _ONE + 1
"""Marks, features, what the first weights say, and a constant."""


@dataclass(frozen=True, slots=True)
class Row:
    """One request, and how much it needed the better model: 0–1. `id` decides by which others it is checked."""

    id: str
    seen: Print
    needed: float


@dataclass(frozen=True, slots=True)
class Fit:
    """New weights, and how well they and the first ones order rows that they were not learnt from.

    Both are the chance that a request that needed the better model scores higher than one that did not (AUC).
    """

    weights: Weights
    rows: int
    held_out: float
    held_out_before: float

    @property
    def is_better(self) -> bool:
        """Whether the new weights are worth having."""
        return self.held_out > self.held_out_before


def fitted(rows: Sequence[Row], before: Weights, version: int) -> Fit | None:
    """Learn from rows; None while they are too few, or all alike. `before` are the weights before anything was learnt.

    Takes seconds for thousands of rows; run it in a thread.
    """
    needed = np.array([row.needed for row in rows])
    if len(rows) < FEWEST_ROWS or min((needed >= 0.5).sum(), (needed < 0.5).sum()) < FEWEST_OF_A_KIND:
        return None
    ordered = sorted(rows, key=lambda row: row.id)
    needed = np.array([row.needed for row in ordered])
    table = _table(ordered, before)
    folds = np.arange(len(ordered)) % _FOLDS
    by_ridge = {ridge: _auc(_held_out(table, needed, folds, ridge), needed) for ridge in _RIDGES}
    ridge = max(_RIDGES, key=lambda each: (by_ridge[each], each))
    found = np.zeros(_COLUMNS)
    found[table.names] = _solve(table, needed, ridge)
    base = np.array([before.raw(row.seen) for row in ordered])
    return Fit(_as_weights(found, before, version), len(rows), by_ridge[ridge], _auc(base, needed))


def _held_out(table: "_Table", needed: Vector, folds: NDArray[np.int64], ridge: float) -> Vector:
    """What each row scores with weights that were learnt from the other folds."""
    scores = np.zeros(len(needed))
    for fold in range(_FOLDS):
        inside = folds != fold
        found = _solve(table.part(inside), needed[inside], ridge)
        scores[~inside] = table.part(~inside).times(found)
    return scores


class _Table:
    """Rows as a sparse matrix (CSR). Only the columns that any row has are there; `names` says which they are."""

    def __init__(self, names: Whole, columns: Whole, values: Vector, lengths: Whole) -> None:
        self.names = names
        self._columns, self._values, self._lengths = columns, values, lengths
        self._starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])

    def part(self, which: NDArray[np.bool_]) -> "_Table":
        """Some of the rows."""
        inside = np.repeat(which, self._lengths)
        return _Table(self.names, self._columns[inside], self._values[inside], self._lengths[which])

    def times(self, weights: Vector) -> Vector:
        """The weighted sum of each row."""
        return np.add.reduceat(self._values * weights[self._columns], self._starts)

    def turned_times(self, rows: Vector) -> Vector:
        """The sum of each column, its rows weighted."""
        sums = np.bincount(self._columns, self._values * np.repeat(rows, self._lengths), len(self.names))
        return sums.astype(np.float64)


def _table(rows: Sequence[Row], before: Weights) -> _Table:
    columns = [np.array([*row.seen.marks, *range(MARKS, _COLUMNS)]) for row in rows]
    values = [_values(row.seen, before) for row in rows]
    names, places = np.unique(np.concatenate(columns), return_inverse=True)
    return _Table(names, places, np.concatenate(values), np.array([len(each) for each in columns]))


def _values(seen: Print, before: Weights) -> Vector:
    return np.array([*[seen.weight] * len(seen.marks), *seen.features, before.raw(seen), 1.0])


def _solve(table: _Table, needed: Vector, ridge: float) -> Vector:
    """The weights that explain the rows best while they stay near where they begin: the first weights, taken once."""
    begin = np.where(table.names == _BASE, 1.0, 0.0)
    is_feature, is_mark = (table.names >= MARKS) & (table.names < _BASE), table.names < MARKS
    pull = np.select([is_mark, is_feature], [ridge, _FEATURE_RIDGE], _LOOSE)
    weights = begin.copy()
    for _ in range(_NEWTON_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(table.times(weights), -30, 30)))
        slope = table.turned_times(chance - needed) + pull * (weights - begin)
        step = _conjugate(table, chance * (1 - chance), pull, slope)
        weights -= step
        if np.abs(step).max() < _CLOSE:
            break
    return weights


def _conjugate(table: _Table, curve: Vector, pull: Vector, target: Vector) -> Vector:
    """Solve for the Newton step by conjugate gradients, preconditioned by the pull alone.

    Source: J. Nocedal, S. Wright, Numerical Optimization, 2nd edition, algorithm 5.3.
    """
    found, left = np.zeros(len(target)), target.copy()
    eased = left / pull
    direction, size = eased.copy(), left @ eased
    enough = size * _CLOSE**2
    for _ in range(_CONJUGATE_STEPS):
        if size <= enough:
            break
        bent = table.turned_times(curve * table.times(direction)) + pull * direction
        far = size / (direction @ bent)
        found += far * direction
        left -= far * bent
        eased = left / pull
        size, before = left @ eased, size
        direction = eased + size / before * direction
    return found


def _as_weights(found: Vector, before: Weights, version: int) -> Weights:
    """One set of weights for features and marks; what was said of the first weights is multiplied out."""
    counts = found[MARKS:_BASE] + found[_BASE] * before.features
    middle = found[_BASE] * before.middle - found[_ONE]
    return Weights(version, counts.astype(np.float32), found[:MARKS].astype(np.float32), float(middle))


def _auc(scores: Vector, needed: Vector) -> float:
    """The chance that a row that needed the better model scores higher than one that did not; ties count half."""
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    is_needed = needed >= 0.5
    many, few = is_needed.sum(), (~is_needed).sum()
    return float((ranks[is_needed].sum() - many * (many + 1) / 2) / (many * few))
