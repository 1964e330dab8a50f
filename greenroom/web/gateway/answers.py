"""The answers that are kept."""

from greenroom.model import CacheClear, CacheStats, Nothing, TierStats
from greenroom.ports import ResponseCache
from greenroom.web.card import Card
from greenroom.web.figures import bar, big, count, percent, size
from greenroom.web.look import box, text
from greenroom.web.notices import Notices
from greenroom.web.sure import asking_first

_TIERS = {
    "memory": ("Memory", "for a minute or so"),
    "redis": ("Redis", "shared by several processes"),
    "sqlite": ("Disk", "outlives a restart"),
}


class AnswersCard:
    """How often a kept answer saved a call, and the way to forget them all."""

    def __init__(self, cache: ResponseCache, notices: Notices) -> None:
        self._cache, self._notices = cache, notices
        self._card = Card("Kept answers", "card-answers", lambda: cache.stats(Nothing()), _draw)
        with self._card.frame:
            asking_first(
                "Forget all",
                "Forget all kept answers, on the disk too? The next requests ask the models again.",
                notices.guarded(self._clear),
            )

    async def _clear(self) -> None:
        await self._cache.clear(CacheClear())
        self._notices.tell("All kept answers are forgotten.")
        await self._card.look()


def _draw(stats: CacheStats) -> None:
    looked = stats.hits + stats.misses + stats.coalesced
    big(percent(stats.hit_rate), f"of {count(looked, 'request')} since the start needed no call of their own")
    for tier in stats.tiers:
        _tier(tier, stats)
    if stats.coalesced:
        text(f"{count(stats.coalesced, 'request')} joined a call that was under way.", "g-dim")


def _tier(tier: TierStats, stats: CacheStats) -> None:
    name, about = _TIERS[tier.tier]
    with box("g-tier", testid=f"tier-{tier.tier}"):
        with box("g-attempt-head"):
            text(name, "g-strong", "span")
            text(about, "g-dim g-task", "span")
            text(count(tier.hits, "hit"), "g-number", "span")
        bar(tier.hits / stats.hits if stats.hits else 0.0)
        known = [] if tier.entries is None else [count(tier.entries, "answer")]
        known += [] if tier.size_bytes is None else [size(tier.size_bytes)]
        text(" · ".join(known) or "how many answers lie there is not known", "g-dim")
        if tier.problem:
            text(tier.problem, "g-problem")
