"""A cache of bytes: what it is, and the one in memory; its neighbours are on a Redis server and on the disk.

A cache may forget at any time and is never the only place of anything. What the bytes mean, and whether they can be
trusted, is the caller's business.
"""

from typing import NamedTuple, Protocol, runtime_checkable

from cachetools import TLRUCache

from greenroom.clock import Clock

_ENTRY_BYTES = 500
"""What an entry costs beside its text. Measured 2026-11-21 with tracemalloc over 100 000 entries: 483 bytes."""


class Cache(Protocol):
    """Bytes by key, for a while."""

    async def get(self, key: str, /) -> bytes | None:
        """The value, or None when it is not there, has expired, or the cache is away."""
        ...

    async def set(self, key: str, value: bytes, ttl_s: float) -> None:
        """Keep a value for `ttl_s` seconds (> 0) at most."""
        ...

    async def delete(self, key: str, /) -> None:
        """Forget a value."""
        ...

    async def clear(self, prefix: str, but: str | None = None) -> None:
        """Forget all values whose keys begin with `prefix`, except those whose keys begin with `but`."""
        ...

    async def ping(self) -> None:
        """Ask the cache for an answer. Raises: Unavailable."""
        ...


@runtime_checkable
class Weighed(Protocol):
    """A cache that has to look how much there is in it."""

    async def size(self) -> tuple[int, int]:
        """How many values there are, and how many bytes they take. Raises: Unavailable; StorageFailed."""
        ...


class _Entry(NamedTuple):
    value: bytes
    ttl_s: float
    size_bytes: int


class MemoryCache:
    """A cache in this process that keeps what was used last, within a budget of bytes; `most` entries, unless 0."""

    def __init__(self, budget_bytes: int, clock: Clock, namespace: str = "greenroom", *, most: int = 0) -> None:
        self._namespace = namespace
        self._budget_bytes, self._most = budget_bytes, most
        self._entries: TLRUCache[str, _Entry] = TLRUCache(
            budget_bytes,
            ttu=lambda _, entry, now: now + entry.ttl_s,
            timer=clock.monotonic_s,
            getsizeof=lambda entry: entry.size_bytes,
        )

    async def get(self, key: str, /) -> bytes | None:
        """The value, or None."""
        entry = self._entries.get(self._full(key))
        return None if entry is None else entry.value

    async def set(self, key: str, value: bytes, ttl_s: float) -> None:
        """Keep a value; one that is larger than the whole budget is not kept."""
        entry = _Entry(value, ttl_s, len(key) + len(value) + _ENTRY_BYTES)
        if entry.size_bytes <= self._budget_bytes:
            self._entries[self._full(key)] = entry
            while self._most and len(self._entries) > self._most:
                self._entries.popitem()
        else:
            await self.delete(key)

    async def delete(self, key: str, /) -> None:
        """Forget a value."""
        self._entries.pop(self._full(key), None)

    async def clear(self, prefix: str, but: str | None = None) -> None:
        """Forget all values whose keys begin with `prefix`, and not with `but`."""
        begins, spared = self._full(prefix), self._full(but) if but is not None else "\0"
        for key in [key for key in self._entries if key.startswith(begins) and not key.startswith(spared)]:
            self._entries.pop(key, None)

    @property
    def entries(self) -> int:
        """How many values there are now."""
        self._entries.expire()
        return len(self._entries)

    @property
    def size_bytes(self) -> int:
        """What they take, as far as it counts against the budget."""
        return int(self._entries.currsize)

    async def ping(self) -> None:
        """Memory is always there."""

    def _full(self, key: str) -> str:
        return f"{self._namespace}:{key}"
