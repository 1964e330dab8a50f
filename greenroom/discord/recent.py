"""Ids that were seen not long ago."""

from collections.abc import Hashable

from cachetools import LRUCache

_MOST = 10_000


class Recent:
    """A set that forgets the oldest of ten thousand."""

    def __init__(self) -> None:
        self._kept: LRUCache[Hashable, bool] = LRUCache(_MOST)

    def add(self, one: Hashable) -> bool:
        """Put something in; return whether it is new."""
        is_new = one not in self._kept
        self._kept[one] = True
        return is_new

    def __contains__(self, one: Hashable) -> bool:
        return one in self._kept
