"""How much may be taken in a minute."""

import math
from collections import deque

_MINUTE_S = 60


class Pace:
    """At most `limit` in any 60 seconds, of requests or of tokens; above 0.

    What was taken is remembered by the second, and counts until that whole second is a minute ago. Times are of a clock
    that is never turned back.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken: deque[list[int]] = deque()  # [second, amount], the oldest first
        self._sum = 0

    def wait_s(self, amount: int, now_s: float) -> float:
        """For how many seconds to wait before so much may be taken; 0 when it may be now.

        What is more than the whole limit counts as the limit, or it could never be taken.
        """
        self._forget(now_s)
        excess, wait_s = self._sum + min(amount, self._limit) - self._limit, 0.0
        for second, taken in self._taken:
            if excess <= 0:
                break
            excess -= taken
            wait_s = second + 1 + _MINUTE_S - now_s
        return wait_s

    def take(self, amount: int, now_s: float) -> None:
        """Note that so much was taken."""
        self._forget(now_s)
        second = math.floor(now_s)
        if not self._taken or self._taken[-1][0] != second:
            self._taken.append([second, 0])
        self._taken[-1][1] += amount
        self._sum += amount

    def give_back(self, amount: int, taken_at_s: float) -> None:
        """Note that of what was taken at a time so much was not needed after all."""
        for slot in self._taken:
            if slot[0] == math.floor(taken_at_s):
                slot[1] -= amount
                self._sum -= amount

    def _forget(self, now_s: float) -> None:
        while self._taken and self._taken[0][0] + 1 + _MINUTE_S <= now_s:
            self._sum -= self._taken.popleft()[1]
