"""A cache forgets in time, never fails its caller, and never gives one caller what belongs to another."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis

from greenroom.clock import SystemClock
from greenroom.errors import Unavailable, WrongSetting
from greenroom.storage.cache import Cache, MemoryCache
from greenroom.storage.recalls import Recalls
from greenroom.storage.redis_cache import RedisCache
from greenroom.storage.undeleted import Undeleted
from greenroom.testing.frozen_clock import FrozenClock
from tests.servers import free_port, redis_server, running_redis
from tests.waiting import until


@pytest.fixture(params=["memory", "redis"])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[Cache]:
    if request.param == "memory":
        yield MemoryCache(1_000_000, FrozenClock())
        return
    url = request.getfixturevalue("redis_url")
    async with RedisCache(url, SystemClock(), secrets.token_hex(4), limit_s=5) as redis:
        yield redis


async def test_a_value_is_there_until_it_is_deleted(cache: Cache) -> None:
    await cache.ping()
    assert await cache.get("brian") is None
    await cache.set("brian", b"\x00martini\xff", ttl_s=60)
    assert await cache.get("brian") == b"\x00martini\xff"
    await cache.delete("brian")
    assert await cache.get("brian") is None


async def test_a_later_value_replaces_an_earlier_one(cache: Cache) -> None:
    await cache.set("brian", b"martini", ttl_s=60)
    await cache.set("brian", b"water", ttl_s=60)
    assert await cache.get("brian") == b"water"


async def test_memory_forgets_each_value_at_its_own_time() -> None:
    clock = FrozenClock()
    cache = MemoryCache(1_000_000, clock)
    await cache.set("soon", b"1", ttl_s=10)
    await cache.set("later", b"2", ttl_s=20)
    clock.advance(10)
    assert (await cache.get("soon"), await cache.get("later")) == (None, b"2")


async def test_memory_stays_within_its_budget_and_keeps_what_was_used_last() -> None:
    cache = MemoryCache(10_000, FrozenClock())
    await cache.set("first", b"x" * 1000, ttl_s=60)
    for number in range(20):
        await cache.set(str(number), b"x" * 1000, ttl_s=60)
        assert await cache.get("first") is not None
    kept = [number for number in range(20) if await cache.get(str(number)) is not None]
    assert kept == [15, 16, 17, 18, 19]


async def test_a_value_larger_than_the_budget_is_not_kept_nor_is_the_one_that_it_replaces() -> None:
    cache = MemoryCache(10_000, FrozenClock())
    await cache.set("brian", b"old", ttl_s=60)
    await cache.set("brian", b"x" * 20_000, ttl_s=60)
    assert await cache.get("brian") is None


async def test_memory_keeps_so_many_at_most_those_used_last() -> None:
    cache = MemoryCache(1_000_000, FrozenClock(), most=2)
    for name in ("brian", "peter"):
        await cache.set(name, b"here", ttl_s=60)
    await cache.get("brian")
    await cache.set("stewie", b"here", ttl_s=60)
    assert [await cache.get(name) for name in ("brian", "peter", "stewie")] == [b"here", None, b"here"]


async def test_redis_tells_how_much_it_holds(redis_url: str) -> None:
    async with RedisCache(redis_url, SystemClock(), secrets.token_hex(4), limit_s=5) as cache:
        await cache.set("brian", b"martini", ttl_s=60)
        values, size_bytes = await cache.size()
        assert values >= 1
        assert size_bytes > 1000
    async with RedisCache(f"redis://127.0.0.1:{free_port()}", SystemClock()) as away:
        with pytest.raises(Unavailable):
            await away.size()


async def test_redis_keeps_a_value_for_its_time_under_its_namespace(redis_url: str) -> None:
    async with RedisCache(redis_url, SystemClock(), "house", limit_s=5) as cache, Redis.from_url(redis_url) as redis:
        await cache.set("brian", b"martini", ttl_s=1.5)
        assert 1000 < await redis.pttl("house:brian") <= 1500


async def test_a_cancelled_call_never_leaves_its_reply_to_the_next_caller(redis_url: str) -> None:
    """Each value repeats its key, so that a reply that was meant for another caller is seen."""
    chance = random.Random(7)
    async with RedisCache(redis_url, SystemClock(), secrets.token_hex(4), limit_s=5, connections=4) as cache:
        keys = [f"key {number}" for number in range(50)]
        for key in keys:
            await cache.set(key, key.encode() * 200, ttl_s=60)

        async def cancelled_at_random() -> bool:
            asked = asyncio.create_task(cache.get(chance.choice(keys)))
            for _ in range(chance.randrange(60)):
                await asyncio.sleep(0)
            asked.cancel()
            await asyncio.wait({asked})
            return asked.cancelled()

        cancelled: list[bool] = []
        for _ in range(80):
            async with asyncio.TaskGroup() as tasks:
                leaving = [tasks.create_task(cancelled_at_random()) for _ in range(50)]
                answers = {key: tasks.create_task(cache.get(key)) for key in chance.sample(keys, 5)}
            assert {key: task.result() for key, task in answers.items()} == {key: key.encode() * 200 for key in answers}
            cancelled += [task.result() for task in leaving]
        assert 400 < sum(cancelled) < 4_000


async def test_a_server_that_is_away_costs_no_call_until_it_is_asked_again() -> None:
    clock, port = FrozenClock(), free_port()
    async with RedisCache(f"redis://127.0.0.1:{port}", clock, failures=3, rest_s=5, limit_s=5) as cache:
        for _ in range(3):
            assert await cache.get("brian") is None
        silent = await listening(port)
        async with silent.server:
            for _ in range(100):
                assert await cache.get("brian") is None
            assert silent.visits == 0
            clock.advance(5)
            assert await cache.get("brian") is None
            assert silent.visits == 1


async def test_a_server_that_comes_back_is_used_again() -> None:
    program = redis_server()
    if program is None:
        pytest.skip("no Redis server is installed (apt-get install redis-server)")
    clock, port = FrozenClock(), free_port()
    async with RedisCache(f"redis://127.0.0.1:{port}", clock, failures=3, rest_s=5, limit_s=5) as cache:
        for _ in range(3):
            await cache.set("brian", b"martini", ttl_s=60)
        with pytest.raises(Unavailable):
            await cache.ping()
        with running_redis(program, port):
            assert await cache.get("brian") is None
            clock.advance(5)
            await cache.set("brian", b"martini", ttl_s=60)
            assert await cache.get("brian") == b"martini"
            await cache.ping()
        assert await cache.get("brian") is None


async def test_a_server_that_never_answers_holds_nobody_longer_than_the_limit() -> None:
    silent = await listening(0, answers=False)
    async with silent.server, RedisCache(f"redis://127.0.0.1:{silent.port}", SystemClock(), limit_s=0.05) as cache:
        async with asyncio.timeout(30):
            assert await cache.get("brian") is None
        with pytest.raises(Unavailable):
            await cache.ping()


async def test_a_full_server_refuses_values_and_still_gives_those_it_has() -> None:
    program = redis_server()
    if program is None:
        pytest.skip("no Redis server is installed (apt-get install redis-server)")
    with running_redis(program) as url:
        async with RedisCache(url, FrozenClock(), limit_s=5) as cache, Redis.from_url(url) as redis:
            await cache.set("brian", b"martini", ttl_s=60)
            await redis.config_set("maxmemory", "1")
            for _ in range(10):
                await cache.set("peter", b"x" * 1000, ttl_s=60)
            assert await cache.get("brian") == b"martini"
            assert await cache.get("peter") is None


async def test_what_a_server_could_not_be_told_to_delete_is_not_given_and_deleted_later(own_redis: str) -> None:
    recalls, keys = Recalls(), ("brian", "peter 1", "peter 2", "lois")
    async with (
        RedisCache(own_redis, FrozenClock(), "house", recalls=recalls, limit_s=5) as cache,
        Redis.from_url(own_redis, decode_responses=True) as redis,
    ):
        for key in keys:
            await cache.set(key, b"martini", ttl_s=60)
        await redis.acl_setuser("default", enabled=True, commands=["-unlink"], keys=["*"], nopass=True)
        await cache.delete("brian")
        await cache.clear("peter")
        assert [await cache.get(key) for key in keys] == [None, None, None, b"martini"]
        assert await redis.get("house:brian") == "martini"
        before = recalls.latest()
        await redis.acl_setuser("default", enabled=True, commands=["+unlink"], keys=["*"], nopass=True)
        await until(lambda: recalls.latest() != before)
        assert [await redis.exists(f"house:{key}") for key in keys] == [0, 0, 0, 1]
        await cache.set("brian", b"water", ttl_s=60)
        assert await cache.get("brian") == b"water"


async def test_others_and_who_is_started_again_do_not_give_what_a_server_could_not_be_told_to_delete(
    own_redis: str, tmp_path: Path
) -> None:
    @asynccontextmanager
    async def process() -> AsyncIterator[RedisCache]:
        async with (
            Recalls(tmp_path / "recalls") as recalls,
            RedisCache(own_redis, SystemClock(), "house", recalls=recalls, limit_s=5, rest_s=0.01) as cache,
        ):
            yield cache

    async with process() as other, Redis.from_url(own_redis) as redis:
        async with process() as one:
            await one.set("brian", b"martini", ttl_s=60)
            assert await other.get("brian") == b"martini"
            await redis.acl_setuser("default", enabled=True, commands=["-unlink"], keys=["*"], nopass=True)
            await one.delete("brian")
            assert await other.get("brian") is None
        async with process() as restarted:
            assert await restarted.get("brian") is None
            assert await redis.get("house:brian") == b"martini"
            await redis.acl_setuser("default", enabled=True, commands=["+unlink"], keys=["*"], nopass=True)
            async with asyncio.timeout(60):
                while await redis.exists("house:brian"):  # noqa: ASYNC110 - the server tells nobody
                    await asyncio.sleep(0.01)


async def test_a_new_value_takes_the_place_of_one_that_could_not_be_deleted(own_redis: str) -> None:
    async with (
        RedisCache(own_redis, SystemClock(), "house", limit_s=5, rest_s=600) as cache,
        Redis.from_url(own_redis) as redis,
    ):
        await cache.set("brian", b"martini", ttl_s=60)
        await redis.acl_setuser("default", enabled=True, commands=["-unlink"], keys=["*"], nopass=True)
        await cache.delete("brian")
        assert await cache.get("brian") is None
        await cache.set("brian", b"water", ttl_s=60)
        assert await cache.get("brian") == b"water"


def test_of_too_much_that_could_not_be_deleted_all_is_that_begins_alike() -> None:
    left = Undeleted(most=3)
    for key in ("answer:a:1", "answer:a:2", "answer:b:1"):
        left.add(key)
    assert not left.covers("answer:b:2")
    left.add_prefix("answer:c:")
    assert (left.covers("answer:b:2"), left.covers("search:1")) == (True, False)


def test_an_unreadable_url_is_refused_without_showing_it() -> None:
    with pytest.raises(WrongSetting) as caught:
        RedisCache("http://:hunter2@host", SystemClock())
    assert "hunter2" not in caught.value.detail


class Listener:
    """A server that counts its visitors and hangs up, or says nothing."""

    def __init__(self, answers: bool) -> None:
        self.visits = 0
        self._answers = answers
        self.server: asyncio.Server

    async def visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        if not self._answers:
            await reader.read()
        writer.close()

    @property
    def port(self) -> int:
        port: int = self.server.sockets[0].getsockname()[1]
        return port


async def listening(port: int, *, answers: bool = True) -> Listener:
    listener = Listener(answers)
    listener.server = await asyncio.start_server(listener.visit, "127.0.0.1", port)
    return listener
