"""The answers that are kept: found, looked at, and called back in all processes that have the same slower tiers."""

from collections.abc import Awaitable, Callable, Sequence

from greenroom.errors import NotFound
from greenroom.llm.cache.key import ALL
from greenroom.llm.cache.tiers import Tier, Tiers
from greenroom.llm.dialect import as_one
from greenroom.llm.similar.prompts import SimilarPrompts
from greenroom.model import CacheEntry, CacheReport, Chunk, TierName
from greenroom.storage.recalls import Recalls


class KeptAnswers:
    """The tiers, and the prompts that may be answered from them by others' answers.

    What one process forgets at somebody's wish, it recalls: then the others empty their memory, and nobody keeps what
    was under way. `forgotten` is called when answers are.
    """

    def __init__(
        self, tiers: Tiers, similar: SimilarPrompts | None, recalls: Recalls, forgotten: Callable[[], None]
    ) -> None:
        self._tiers, self._similar, self._recalls, self._forgotten = tiers, similar, recalls, forgotten
        self._heeded = 0

    def begin(self) -> None:
        """Take what is there for good: nothing was given yet that could have been recalled."""
        self._heeded = self._recalls.by_others()

    @property
    def mark(self) -> int:
        """What stays the same until the next recall, whoever makes it."""
        return self._recalls.latest()

    @property
    def is_behind(self) -> bool:
        """Whether another process recalled something since `heed`: what was ready then shall not be given."""
        return self._recalls.by_others() != self._heeded

    async def heed(self) -> None:
        """Give nothing more from memory that was there before another process recalled something."""
        if self.is_behind:
            self._heeded = self._recalls.by_others()
            self._forgotten()
            if self._similar:
                self._similar.doubt()
            await self._tiers.all[0].cache.clear(ALL)

    async def find(self, key: str, tiers: Sequence[Tier]) -> tuple[list[Chunk], TierName] | None:
        """An answer. None where something was recalled meanwhile, for it may just have been this one."""
        mark = self.mark
        found = await self._tiers.find(key, tiers)
        if found and mark != self.mark:
            await self._tiers.delete(key)
            return None
        return found

    async def entry(self, key: str) -> CacheEntry:
        """One answer, by its own key, or else that of a prompt that it was served for. Raises: NotFound."""
        kept, found = key, await self._tiers.look(key)
        if found is None:
            kept = await self._origin(key)
            found = await self._tiers.look(kept)
        if found is None:
            raise NotFound(f"no answer is kept under {key!r}")
        whole, tiers = as_one(found[0]), found[1]
        return CacheEntry(
            key=kept,
            model=whole.model,
            text=whole.text,
            thinking=whole.thinking,
            tool_calls=whole.tool_calls,
            tiers=tiers,
            prompt=self._similar.text(kept) if self._similar else None,
        )

    async def purge(self, key: str) -> str:
        """Forget one answer; returns its own key. One that is being given now is not kept. Raises: NotFound."""
        try:
            kept = (await self.entry(key)).key
        except NotFound:
            if key.startswith(ALL):  # a tier that is away may have it all the same, or another process be keeping it
                await self._recall(lambda: self.forget(key))
            raise
        await self._recall(lambda: self.forget(kept))
        return kept

    async def report(self, key: str) -> CacheReport:
        """Forget an answer that is wrong, and learn from it where it was one to a similar prompt. Raises: NotFound."""
        is_own = await self._tiers.look(key) is not None
        if is_own or self._similar is None or not await self._similar.report(key):
            return CacheReport(deleted=await self.purge(key), similar=False)
        kept = await self._origin(key)
        await self._recall(lambda: self.forget(kept))
        return CacheReport(deleted=kept, similar=True)

    async def clear(self, prefix: str) -> None:
        """Forget all answers whose keys begin so."""
        await self._recall(lambda: self.drop(prefix))

    def replaced(self) -> None:
        """Note that a slower tier has other answers now than those that were carried up from it."""
        self._forgotten()
        self._recalls.announce()

    async def drop(self, prefix: str, but: str | None = None) -> None:
        """Delete answers that nobody will ask for again, or whose recall somebody sees to."""
        if self._similar:
            self._similar.forget_all(prefix, but)
        await self._tiers.clear(prefix, but)

    async def forget(self, key: str) -> None:
        """The same for one."""
        if self._similar:
            self._similar.forget(key)
        await self._tiers.delete(key)

    async def _recall(self, delete: Callable[[], Awaitable[None]]) -> None:
        """Delete what nobody shall get any more, in no process."""
        self._forgotten()
        for _ in range(2):  # again, for who had found it before may just have carried it into a faster tier
            await delete()
            if self._similar:
                await self._similar.written()
            self._recalls.announce()
        self._forgotten()

    async def _origin(self, key: str) -> str:
        return (await self._similar.origin(key) if self._similar else None) or key
