"""How far two rows of measurements differ, and how much of that is noise. For measurements that were made in rounds."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

_DRAWN = 2_000
_MIDDLE = (0.025, 0.975)


class Ratio(NamedTuple):
    """How one row compares to another, and between what 95 in 100 such comparisons would come to lie."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


def ratio(measured: Sequence[float], base: Sequence[float], share: float) -> Ratio:
    """Compare a quantile of two rows, of which the n-th values come from the same round; `share` is 0.95 for the p95.

    By the bootstrap: rounds are drawn anew, with replacement and with both values, and compared. It takes rounds for
    independent of one another: where one is slow because the one before was, the truth is wider.
    Source: Efron, Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.3, the percentile interval.
    """
    rounds = np.random.default_rng(0).integers(len(base), size=(_DRAWN, len(base)))
    above, below = (np.quantile(np.asarray(row)[rounds], share, axis=1) for row in (measured, base))
    low, high = np.quantile(above / below, _MIDDLE)
    return Ratio(float(np.quantile(measured, share) / np.quantile(base, share)), float(low), float(high))
