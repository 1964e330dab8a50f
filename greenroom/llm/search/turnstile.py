"""How often an engine is asked, and for how long it is left in peace after it failed."""

from collections import deque

from greenroom.clock import Clock
from greenroom.errors import SearchFailed
from greenroom.patience import Breaker

_FAILURES = 3
_REST_S = 30.0
_LONGEST_PEACE_S = 600.0
_MINUTE_S = 60.0


class Turnstile:
    """Lets searches through to one engine: not too many in a minute, and none while it rests.

    After three failures in a row it rests for 30 s, then one search tries; an engine that names a time itself
    (`Retry-After`) is left in peace for that long, ten minutes at most.
    """

    def __init__(self, name: str, per_minute: int, clock: Clock) -> None:
        self._name, self._per_minute, self._clock = name, per_minute, clock
        self._breaker = Breaker(name, clock, _FAILURES, _REST_S)
        self._passed_s: deque[float] = deque(maxlen=per_minute)
        self._peace_until_s = 0.0
        self.trouble = ""

    def admit(self) -> None:
        """Let one search through. Raises: SearchFailed, with the trouble that the engine had last."""
        now_s = self._clock.monotonic_s()
        if now_s < self._peace_until_s or self._breaker.is_open():
            raise SearchFailed(f"{self._name} is left in peace for a while after this: {self.trouble}")
        if len(self._passed_s) == self._per_minute and now_s - self._passed_s[0] < _MINUTE_S:
            limit = f"{self._per_minute} searches in a minute; llm.search.per_minute allows more"
            raise SearchFailed(f"there were {limit}")
        self._passed_s.append(now_s)

    def failed(self, trouble: SearchFailed) -> None:
        """Note that the engine failed, and why."""
        self._breaker.failed()
        self.trouble = trouble.detail
        peace_s = min(trouble.extra.get("retry_after_s") or 0.0, _LONGEST_PEACE_S)
        self._peace_until_s = self._clock.monotonic_s() + peace_s

    def answered(self) -> None:
        """Note that the engine answered."""
        self._breaker.answered()
        self.trouble = ""
