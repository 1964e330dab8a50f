"""Answers of models that are given again."""

from typing import Protocol

from greenroom.at import at
from greenroom.model import (
    CacheBackup,
    CacheClear,
    CacheEntry,
    CacheEntryRef,
    CacheFile,
    CacheReport,
    CacheStats,
    Nothing,
)


class ResponseCache(Protocol):
    """The answers that are kept, for those who look after them."""

    @at("POST /cache/clear", repeatable=True)
    async def clear(self, whose: CacheClear, /) -> CacheStats:
        """Forget the answers of one model, or all; what is being answered now is not kept either."""
        ...

    @at("GET /cache/stats")
    async def stats(self, nothing: Nothing, /) -> CacheStats:
        """Tell how many answers each tier has, and how often they were of use."""
        ...

    @at("GET /cache/entries/{key}")
    async def entry(self, which: CacheEntryRef, /) -> CacheEntry:
        """Return an answer that is kept. Raises: NotFound."""
        ...

    @at("DELETE /cache/entries/{key}")
    async def purge(self, which: CacheEntryRef, /) -> Nothing:
        """Forget an answer in all tiers. Raises: NotFound."""
        ...

    @at("POST /cache/report")
    async def report(self, which: CacheEntryRef, /) -> CacheReport:
        """Tell that an answer is wrong. It is forgotten, and never given again to the prompt that it came for.

        Raises: NotFound.
        """
        ...

    @at("POST /cache/backup")
    async def backup(self, file: CacheFile, /) -> CacheBackup:
        """Copy the tier on the disk into a new file, while it is used.

        Raises: Conflict, when there is one of this name; Unavailable; StorageFull; StorageFailed.
        """
        ...

    @at("POST /cache/restore", repeatable=True)
    async def restore(self, file: CacheFile, /) -> CacheStats:
        """Put a backup in the place of the tier on the disk, while it is used.

        Raises: NotFound; InvalidInput, when it is not a backup or is damaged; Unavailable; StorageFailed.
        """
        ...
