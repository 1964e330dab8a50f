"""Where medium and hard begin: at set scores first, at percentiles of the own traffic once there is enough of it."""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable

from greenroom.config import RoutingSettings
from greenroom.model import Level

_ENOUGH = 200
"""Requests from which a percentile means something: the 70th is then known to about 6 points."""

_LOOK_AGAIN_AFTER = 50
_NEVER = 2.0


class Levels:
    """Tells the level of a score, so that no more than a set share of requests is hard.

    Scores are noted for the requests that leave the model open; the newest ones count.
    """

    def __init__(self, settings: RoutingSettings) -> None:
        self._settings = settings
        self._scores: deque[float] = deque(maxlen=settings.window)
        self._since = 0
        self.medium_from, self.high_from = settings.medium_from, settings.high_from

    @property
    def requests(self) -> int:
        """How many requests count."""
        return len(self._scores)

    @property
    def from_traffic(self) -> bool:
        """Whether there was enough traffic to go by."""
        return len(self._scores) >= _ENOUGH

    def of(self, score: float) -> Level:
        """The level of a score."""
        if score >= self.high_from:
            return "high"
        return "medium" if score >= self.medium_from else "low"

    def note(self, score: float) -> None:
        """Count one more request; now and then look where the percentiles are."""
        self._scores.append(score)
        self._since += 1
        if self._since >= _LOOK_AGAIN_AFTER:
            self._look()

    def begin_with(self, scores: Iterable[float]) -> None:
        """Count these requests and no others, the oldest first."""
        self._scores.clear()
        self._scores.extend(scores)
        self._look()

    def _look(self) -> None:
        self._since = 0
        if not self.from_traffic:
            self.medium_from, self.high_from = self._settings.medium_from, self._settings.high_from
            return
        ordered = sorted(self._scores)
        self.high_from = _top(ordered, self._settings.cloud_share)
        self.medium_from = _top(ordered, min(1.0, self._settings.cloud_share + self._settings.medium_share))


def _top(ordered: list[float], share: float) -> float:
    """The least score that no more than a share of all reaches. Scores that are alike are never torn apart."""
    allowed = int(len(ordered) * share)
    if allowed >= len(ordered):
        return 0.0
    above = bisect_right(ordered, ordered[-allowed - 1])
    return ordered[above] if above < len(ordered) else _NEVER
