"""Ids that are known beforehand."""

from itertools import count


class NumberedIds:
    """Ids for tests: `turn-1`, `turn-2` and so on. Another `prefix` throws other dice wherever ids decide."""

    def __init__(self, prefix: str = "turn") -> None:
        self._prefix = prefix
        self._numbers = count(1)

    def new(self) -> str:
        """The next one."""
        return f"{self._prefix}-{next(self._numbers)}"
