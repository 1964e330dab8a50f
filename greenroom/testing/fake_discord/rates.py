"""How often a bot may do a thing. Source: Discord's documentation, "Rate Limits"; the figures of the buckets are not
published, and are what clients have met."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

_MOST_WINDOWS = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls in so many seconds."""

    limit: int
    per_s: float


OF_DISCORD = {
    "messages": Rate(5, 5.0),
    "edits": Rate(5, 5.0),
    "deletes": Rate(5, 1.0),
    "reactions": Rate(1, 0.25),
    "typing": Rate(5, 5.0),
    "webhooks": Rate(5, 2.0),
}
GLOBAL = Rate(50, 1.0)


@dataclass(slots=True)
class _Window:
    ends_at_s: float
    used: int = 0


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a call may pass, with the headers to tell; `retry_after_s` when it may not."""

    headers: dict[str, str] = field(default_factory=dict)
    retry_after_s: float | None = None
    is_global: bool = False


class Rates:
    """The limits in force: `of` has them by bucket, `all` is for all calls of a bot together; None lifts it."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self.of: dict[str, Rate] = dict(OF_DISCORD)
        self.all: Rate | None = GLOBAL
        self.refused = 0
        self._now_s = now_s
        self._windows: dict[tuple[str, str], _Window] = {}
        self._calls: dict[str, deque[float]] = {}

    def admit(self, caller: str, bucket: str, place: str) -> Admission:
        """Count a call of `caller` for `bucket` at `place`, such as a channel; only the first kind has buckets."""
        over_s = self._over_global(caller)
        if over_s is not None:
            self.refused += 1
            return Admission({"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}, over_s, True)
        rate = self.of.get(bucket)
        return Admission() if rate is None else self._within(rate, bucket, f"{caller} {place}")

    def _within(self, rate: Rate, bucket: str, place: str) -> Admission:
        now_s = self._now_s()
        window = self._windows.get((bucket, place))
        if window is None or window.ends_at_s <= now_s:
            self._forget_old(now_s)
            window = self._windows[(bucket, place)] = _Window(now_s + rate.per_s)
        is_over = window.used >= rate.limit
        window.used += not is_over
        left_s = window.ends_at_s - now_s
        headers = {
            "X-RateLimit-Bucket": f"bucket-of-{bucket}",
            "X-RateLimit-Limit": str(rate.limit),
            "X-RateLimit-Remaining": str(rate.limit - window.used),
            "X-RateLimit-Reset-After": f"{left_s:.3f}",
            "X-RateLimit-Reset": f"{time.time() + left_s:.3f}",
        }
        if not is_over:
            return Admission(headers)
        self.refused += 1
        return Admission(headers | {"X-RateLimit-Scope": "user"}, left_s)

    def _over_global(self, caller: str) -> float | None:
        if self.all is None or not caller:
            return None
        now_s = self._now_s()
        calls = self._calls.setdefault(caller, deque())
        while calls and calls[0] <= now_s - self.all.per_s:
            calls.popleft()
        if len(calls) >= self.all.limit:
            return calls[0] + self.all.per_s - now_s
        calls.append(now_s)
        return None

    def _forget_old(self, now_s: float) -> None:
        if len(self._windows) >= _MOST_WINDOWS:
            self._windows = {key: one for key, one in self._windows.items() if one.ends_at_s > now_s}
