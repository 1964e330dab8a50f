"""Looking after the cache, over the port."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import ValidationError

from greenroom.clock import SystemClock
from greenroom.errors import Conflict, NotFound, StorageFailed, Unavailable
from greenroom.llm.cache.keeper import CacheKeeper
from greenroom.llm.cache.tiers import Tier
from greenroom.model import CacheClear, CacheFile, Nothing
from greenroom.ports import ResponseCache
from greenroom.storage.disk_cache import DiskCache
from greenroom.storage.redis_cache import RedisCache
from greenroom.testing import FrozenClock
from tests.conftest import Reach
from tests.llm.caching import Caching, caching, chat
from tests.servers import free_port


@asynccontextmanager
async def saved(file: Path) -> AsyncIterator[Caching]:
    """A cache with a file."""
    async with (
        DiskCache(file, 10_000_000, FrozenClock()) as disk,
        caching(slower=[Tier("sqlite", disk, 1e6)]) as cache,
    ):
        yield cache


async def test_the_tiers_tell_what_they_have_and_can_be_emptied_saved_and_restored(
    reach: Reach, tmp_path: Path
) -> None:
    async with saved(tmp_path / "responses.db") as cache:
        keeper = await reach(
            ResponseCache, CacheKeeper(cache.answers, cache.tiers, tmp_path / "backups", FrozenClock())
        )
        assert (await keeper.stats(Nothing())).hit_rate is None
        for words in ("one", "two", "one"):
            await cache.ask(chat(words))
        made = await keeper.backup(CacheFile(name="friday.db"))
        assert made.size_bytes > 4096
        stats = await keeper.stats(Nothing())
        assert [(tier.tier, tier.entries, tier.hits, tier.misses) for tier in stats.tiers] == [
            ("memory", 2, 1, 2),
            ("sqlite", 2, 0, 2),
        ]
        assert (stats.hits, stats.misses, stats.stored) == (1, 2, 2)
        assert stats.hit_rate == pytest.approx(1 / 3)
        cleared = await keeper.clear(CacheClear(model="model"))
        assert [tier.entries for tier in cleared.tiers] == [0, 0]
        restored = await keeper.restore(CacheFile(name="friday.db"))
        assert [tier.entries for tier in restored.tiers] == [0, 2]
        assert await cache.source(chat("two")) == "sqlite"
        with pytest.raises(Conflict):
            await keeper.backup(CacheFile(name="friday.db"))
        with pytest.raises(NotFound):
            await keeper.restore(CacheFile(name="monday.db"))


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/b", "a\\b", "..", "", ".hidden", "a\x00b", "%2e%2e"])
def test_a_backup_has_a_name_and_never_a_path(name: str) -> None:
    with pytest.raises(ValidationError):
        CacheFile(name=name)


async def test_what_is_wrong_with_a_tier_is_told_and_the_others_work(tmp_path: Path) -> None:
    async with saved(tmp_path / "nowhere" / "responses.db") as cache:
        keeper = CacheKeeper(cache.answers, cache.tiers, tmp_path, FrozenClock())
        assert [await cache.source(chat()) for _ in range(2)] == ["miss", "memory"]
        with pytest.raises(StorageFailed, match=r"responses\.db cannot be used"):
            await keeper.ping()
        stats = await keeper.stats(Nothing())
        assert [bool(tier.problem) for tier in stats.tiers] == [False, True]
        with pytest.raises(Unavailable):
            await keeper.backup(CacheFile(name="friday.db"))


async def test_without_a_file_there_is_nothing_to_save(tmp_path: Path) -> None:
    async with caching() as cache:
        keeper = CacheKeeper(cache.answers, cache.tiers, tmp_path, FrozenClock())
        with pytest.raises(Unavailable, match="sqlite_bytes"):
            await keeper.backup(CacheFile(name="friday.db"))


async def test_what_redis_holds_is_told_and_that_it_is_away(redis_url: str, tmp_path: Path) -> None:
    away = RedisCache(f"redis://127.0.0.1:{free_port()}", SystemClock())
    async with RedisCache(redis_url, SystemClock(), secrets.token_hex(4), limit_s=5) as redis, away:
        for server, known in ((redis, True), (away, False)):
            async with caching(slower=[Tier("redis", server, 3600)]) as cache:
                await cache.ask(chat())
                keeper = CacheKeeper(cache.answers, cache.tiers, tmp_path, FrozenClock())
                tier = (await keeper.stats(Nothing())).tiers[1]
                assert bool(tier.entries) is bool(tier.size_bytes) is (tier.problem == "") is known
