"""What one process is told to forget, no other one gives any more."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from greenroom.errors import NotFound
from greenroom.llm.cache.tiers import Tier
from greenroom.storage.cache import MemoryCache
from greenroom.storage.disk_cache import DiskCache
from greenroom.storage.recalls import Recalls
from greenroom.testing import FrozenClock
from tests.llm.caching import Caching, caching, chat
from tests.waiting import until


@asynccontextmanager
async def worker(folder: Path, forgotten: Callable[[], None] = lambda: None) -> AsyncIterator[Caching]:
    """One of several processes with the same data folder."""
    clock = FrozenClock()
    async with (
        Recalls(folder / "recalls") as recalls,
        DiskCache(folder / "responses.db", 10_000_000, clock, recalls=recalls) as disk,
        caching(slower=[Tier("sqlite", disk, 1e6)], clock=clock, forgotten=forgotten, recalls=recalls) as cache,
    ):
        yield cache


async def written(cache: Caching) -> None:
    disk = cache.tiers.all[1].cache
    assert isinstance(disk, DiskCache)
    await disk.size()


VERBS: dict[str, Callable[[Caching, str], Awaitable[object]]] = {
    "purge": lambda cache, key: cache.answers.kept.purge(key),
    "report": lambda cache, key: cache.answers.kept.report(key),
    "clear": lambda cache, _: cache.answers.clear(),
    "clear the model": lambda cache, _: cache.answers.clear("model"),
}


@pytest.mark.parametrize("verb", VERBS)
async def test_what_is_forgotten_in_one_process_is_in_the_memory_of_no_other(tmp_path: Path, verb: str) -> None:
    forgotten: list[bool] = []
    async with worker(tmp_path) as one, worker(tmp_path, lambda: forgotten.append(True)) as other:
        key = (await one.ask(chat()))[0].key or ""
        await written(one)
        assert [await other.source(chat()) for _ in range(2)] == ["sqlite", "memory"]
        before = len(forgotten)
        await VERBS[verb](one, key)
        assert [await other.source(chat()), len(forgotten)] == ["miss", before + 1]
        assert await other.source(chat()) == "memory"
        assert len(forgotten) == before + 1, "one recall is heeded once"


async def test_what_others_have_just_kept_is_forgotten_with_it(tmp_path: Path) -> None:
    """The other one has it in memory, and has not yet written it."""
    async with worker(tmp_path) as one, worker(tmp_path) as other:
        key = (await one.ask(chat()))[0].key or ""
        await other.ask(chat())
        await one.answers.kept.purge(key)
        await written(other)
        assert await other.source(chat()) == "miss"


async def test_an_answer_that_is_being_given_elsewhere_meanwhile_is_not_kept(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with worker(tmp_path) as one, worker(tmp_path) as other:
        await one.ask(chat("something"))
        other.model.enqueue(gate, "hi")
        asking = asyncio.create_task(other.ask(chat()))
        await until(lambda: bool(other.model.requests))
        await one.answers.clear()
        gate.set()
        await asking
        assert await other.source(chat()) == "miss"


class Interrupted(MemoryCache):
    """A tier in which something happens right after a value was read."""

    async def get(self, key: str, /) -> bytes | None:
        found = await super().get(key)
        if found:
            await self.meanwhile()
        return found

    async def meanwhile(self) -> None:
        """Nothing, unless a test has another idea."""


async def test_an_answer_that_is_recalled_while_it_is_carried_up_stays_nowhere() -> None:
    slower, recalls = Interrupted(1_000_000, FrozenClock()), Recalls()
    async with caching(slower=[Tier("redis", slower, 1e6)], recalls=recalls) as cache:
        await cache.ask(chat())
        await cache.tiers.all[0].cache.clear("")

        async def purge() -> None:
            recalls.announce()

        slower.meanwhile = purge  # type: ignore[method-assign]
        assert await cache.source(chat()) == "miss"
        assert len(cache.model.requests) == 2


class Away(MemoryCache):
    """A tier that gives nothing, and notes what it shall delete."""

    def __init__(self) -> None:
        super().__init__(1_000_000, FrozenClock())
        self.deleted: list[str] = []

    async def get(self, key: str, /) -> bytes | None:
        return None

    async def delete(self, key: str, /) -> None:
        self.deleted.append(key)


async def test_an_answer_that_only_a_tier_that_is_away_may_have_is_deleted_there() -> None:
    away = Away()
    async with caching(slower=[Tier("redis", away, 1e6)]) as cache:
        for key in ("answer:nothing", "pace:somebody"):
            with pytest.raises(NotFound):
                await cache.answers.kept.purge(key)
    assert set(away.deleted) == {"answer:nothing"}
