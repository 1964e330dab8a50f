"""The three tiers in which answers are kept: memory, a Redis server, a file. The fastest is asked first."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from greenroom.errors import GreenroomError
from greenroom.llm.cache.entry import Damaged, unpacked
from greenroom.model import Chunk, TierName
from greenroom.storage.cache import Cache

_log = structlog.get_logger()


@dataclass
class Tier:
    """One cache, how long it keeps an answer, and how often it was of use."""

    name: TierName
    cache: Cache
    keeps_s: float
    hits: int = 0
    misses: int = 0
    damaged: int = 0


class Tiers:
    """Keeps answers in all tiers, finds them in the first that has them, and carries them up from there.

    None of them fails: one that is away is empty. What cannot be trusted is deleted where it was found.
    """

    def __init__(self, tiers: Sequence[Tier]) -> None:
        self.all = tuple(tiers)

    async def find(self, key: str, tiers: Sequence[Tier]) -> tuple[list[Chunk], TierName] | None:
        """The answer of a key from the first of `tiers` that has it whole."""
        for tier in tiers:
            kept = await tier.cache.get(key)
            if kept is None:
                tier.misses += 1
                continue
            try:
                chunks = unpacked(key, kept)
            except Damaged as exc:
                await self._remove(tier, key, exc)
                continue
            tier.hits += 1
            await self._keep_above(tier, key, kept)
            return chunks, tier.name
        return None

    async def look(self, key: str) -> tuple[list[Chunk], tuple[TierName, ...]] | None:
        """The answer of a key and the tiers that have it, without any effect on them."""
        found: dict[TierName, list[Chunk]] = {}
        for tier in self.all:
            if kept := await tier.cache.get(key):
                with suppress(Damaged):
                    found[tier.name] = unpacked(key, kept)
        return (next(iter(found.values())), tuple(found)) if found else None

    async def delete(self, key: str) -> None:
        """Forget one answer; the slowest first, for who finds it there meanwhile carries it up."""
        for tier in reversed(self.all):
            await tier.cache.delete(key)

    async def keep(self, key: str, content: bytes, tiers: Sequence[Tier]) -> None:
        """Keep an answer in `tiers`."""
        for tier in tiers:
            await tier.cache.set(key, content, tier.keeps_s)

    async def clear(self, prefix: str, but: str | None = None) -> None:
        """Forget all answers whose keys begin with `prefix`, and not with `but`."""
        for tier in reversed(self.all):
            await tier.cache.clear(prefix, but)

    async def problem(self, tier: Tier) -> str:
        """What is wrong with a tier; empty when nothing is."""
        try:
            await tier.cache.ping()
        except GreenroomError as exc:
            return exc.detail
        return ""

    async def _keep_above(self, found_in: Tier, key: str, kept: bytes) -> None:
        await self.keep(key, kept, self.all[: self.all.index(found_in)])

    async def _remove(self, tier: Tier, key: str, exc: Damaged) -> None:
        tier.misses += 1
        tier.damaged += 1
        _log.warning("damaged_answer_deleted", tier=tier.name, key=key, reason=str(exc))
        await tier.cache.delete(key)
