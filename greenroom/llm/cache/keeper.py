"""The port `ResponseCache`: for people who look after the cache."""

import asyncio
from pathlib import Path

from greenroom.clock import Clock
from greenroom.errors import GreenroomError, StorageFailed, Unavailable
from greenroom.llm.cache.cached import CachedAnswers
from greenroom.llm.cache.tiers import Tier, Tiers
from greenroom.model import (
    CacheBackup,
    CacheClear,
    CacheEntry,
    CacheEntryRef,
    CacheFile,
    CacheReport,
    CacheStats,
    Nothing,
    TierStats,
)
from greenroom.storage.cache import MemoryCache, Weighed
from greenroom.storage.disk_cache import DiskCache


class CacheKeeper:
    """Tells how the tiers are, empties them, makes and restores backups of the file; `folder` holds the backups."""

    def __init__(self, answers: CachedAnswers, tiers: Tiers, folder: Path, clock: Clock) -> None:
        self._answers, self._tiers, self._folder, self._clock = answers, tiers, folder, clock

    async def clear(self, whose: CacheClear, /) -> CacheStats:
        """Forget the answers of one model, or all."""
        await self._answers.clear(whose.model)
        return await self.stats(Nothing())

    async def stats(self, nothing: Nothing, /) -> CacheStats:
        """Tell how many answers each tier has, and how often they were of use."""
        tiers = tuple([await self._described(tier) for tier in self._tiers.all])
        hits, misses, coalesced = sum(tier.hits for tier in tiers), self._answers.misses, self._answers.coalesced
        asked = hits + misses + coalesced
        return CacheStats(
            tiers=tiers,
            hits=hits,
            misses=misses,
            coalesced=coalesced,
            stored=self._answers.stored,
            hit_rate=(hits + coalesced) / asked if asked else None,
            similar=self._answers.similar(),
        )

    async def entry(self, which: CacheEntryRef, /) -> CacheEntry:
        """Return an answer that is kept."""
        return await self._answers.kept.entry(which.key)

    async def purge(self, which: CacheEntryRef, /) -> Nothing:
        """Forget an answer."""
        await self._answers.kept.purge(which.key)
        return Nothing()

    async def report(self, which: CacheEntryRef, /) -> CacheReport:
        """Forget an answer that is wrong, and learn from it."""
        return await self._answers.kept.report(which.key)

    async def backup(self, file: CacheFile, /) -> CacheBackup:
        """Copy the file of the cache into a new one, while it is used."""
        disk, target = self._disk(), self._folder / file.name
        try:
            await asyncio.to_thread(self._folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        except OSError as exc:
            raise StorageFailed(f"the folder {self._folder.name!r} for backups cannot be made: {exc.strerror}") from exc
        await disk.backup(target)
        size_bytes = (await asyncio.to_thread(target.stat)).st_size
        return CacheBackup(name=file.name, size_bytes=size_bytes, made_at=self._clock.now())

    async def restore(self, file: CacheFile, /) -> CacheStats:
        """Put a backup in the place of the file, while it is used."""
        await self._disk().restore(self._folder / file.name)
        self._answers.forget_digests()
        return await self.stats(Nothing())

    async def ping(self) -> None:
        """Raise what is wrong with the tiers: StorageFailed, when one cannot be used. The house can do without."""
        problems = [problem for tier in self._tiers.all if (problem := await self._tiers.problem(tier))]
        if problems:
            raise StorageFailed("; ".join(problems))

    async def _described(self, tier: Tier) -> TierStats:
        problem = await self._tiers.problem(tier)
        entries, size_bytes = await _size(tier)
        return TierStats(
            tier=tier.name,
            entries=entries,
            size_bytes=size_bytes,
            hits=tier.hits,
            misses=tier.misses,
            problem=problem,
        )

    def _disk(self) -> DiskCache:
        for tier in self._tiers.all:
            if isinstance(tier.cache, DiskCache):
                return tier.cache
        raise Unavailable("the cache has no file: llm.cache.sqlite_bytes is 0")


async def _size(tier: Tier) -> tuple[int | None, int | None]:
    """Entries and bytes of a tier; of one that is away nobody knows."""
    if isinstance(tier.cache, MemoryCache):
        return tier.cache.entries, tier.cache.size_bytes
    if not isinstance(tier.cache, Weighed):
        return None, None
    try:
        return await tier.cache.size()
    except GreenroomError:
        return None, None
