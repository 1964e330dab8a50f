"""What a cache could not be made to forget, because it was away: it may not be given when the cache is back."""

from collections.abc import Sequence

_MOST = 1000


class Undeleted:
    """Keys, and beginnings of keys, that are still to be deleted. Of more than `most`, what all begin with."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self.keys: set[str] = set()
        self.prefixes: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self.keys or self.prefixes)

    def add(self, key: str) -> None:
        """Remember one key."""
        self.keys.add(key)
        self._limit()

    def add_prefix(self, prefix: str) -> None:
        """Remember all keys that begin so."""
        self.prefixes.add(prefix)
        self._limit()

    def covers(self, key: str) -> bool:
        """Whether a key is among them."""
        return key in self.keys or (bool(self.prefixes) and key.startswith(tuple(self.prefixes)))

    def _limit(self) -> None:
        if len(self.keys) + len(self.prefixes) > self._most:
            self.keys, self.prefixes = set(), {_common_beginning([*self.keys, *self.prefixes])}


def _common_beginning(texts: Sequence[str]) -> str:
    first, last = min(texts), max(texts)
    return next((first[:place] for place, char in enumerate(first) if not last.startswith(char, place)), first)
