"""How long requests took, as counts in buckets that can be added up, and percentiles from those."""

import math
from collections.abc import Mapping

_SHORTEST_S = 0.0001
_RATIO = 1.25
"""Each bucket ends a quarter later than the one before: a percentile is right to about an eighth."""
_LAST = 80
"""It ends at 5,600 seconds; longer waits are in it too."""


def bucket_of(seconds: float) -> int:
    """The bucket of a duration, from 0 for a tenth of a millisecond or less."""
    if seconds <= _SHORTEST_S:
        return 0
    return min(_LAST, math.ceil(math.log(seconds / _SHORTEST_S, _RATIO)))


def percentile_ms(counts: Mapping[int, int], share: float) -> float | None:
    """The duration that this share (0–1) of all requests did not exceed, in milliseconds; None when there are none."""
    left = share * sum(counts.values())
    for bucket in sorted(counts):
        left -= counts[bucket]
        if left <= 0:
            middle_s: float = _SHORTEST_S * _RATIO ** (bucket - 0.5)
            return round(middle_s * 1000, 3)
    return None
