"""Which answers are kept, where they are found, and what happens when a tier fails or lies."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis

from greenroom.clock import SystemClock
from greenroom.config import RoleSettings
from greenroom.errors import NoUpstream, UpstreamFailed
from greenroom.llm.cache.key import answer_key
from greenroom.llm.cache.tiers import Tier
from greenroom.model import Chunk, GenerateRequest, ModelCard, Models, Nothing, Options, ToolCall, ToolFunction, Usage
from greenroom.ports import Llm
from greenroom.storage.disk_cache import DiskCache
from greenroom.storage.redis_cache import RedisCache
from greenroom.testing import FrozenClock, ScriptedModel
from tests.conftest import Reach
from tests.llm.caching import FREE, SURE, Caching, caching, chat, generate
from tests.llm.reading import collect, every
from tests.servers import free_port, redis_server, running_redis
from tests.waiting import until

CARD = ModelCard(name="model", provider="scripted")


def spoken(chunks: list[Chunk]) -> str:
    return "".join(chunk.text for chunk in chunks)


async def test_an_answer_is_given_once_and_found_again(reach: Reach) -> None:
    async with caching(ScriptedModel("Hello there")) as cache:
        llm = await reach(Llm, cache.answers)
        first, second = [await every(llm.chat(chat())) for _ in range(2)]
        assert (spoken(first), spoken(second)) == ("Hello there", "Hello there")
        assert (first[0].cache, second[0].cache) == ("miss", "memory")
        assert second[-1].usage == first[-1].usage
        assert {chunk.model for chunk in second} == {"scripted/model"}
        assert len(cache.model.requests) == 1


async def test_thinking_tool_calls_and_log_probabilities_come_again() -> None:
    call = ToolCall(function=ToolFunction(name="look", arguments={"at": "the Clam"}), id="call_1")
    model = ScriptedModel()
    model.enqueue(
        Chunk(model="scripted/model", thinking="hm"),
        Chunk(model="scripted/model", text="Let me see", logprobs=({"token": "Let", "logprob": -0.5},)),
        Chunk(model="scripted/model", tool_calls=(call,)),
        Chunk(model="scripted/model", done=True, done_reason="stop", usage=Usage(prompt_tokens=3), context=(1, 2)),
    )
    async with caching(model) as cache:
        live, replayed = [await cache.ask(chat()) for _ in range(2)]
        assert [chunk.model_copy(update={"cache": None}) for chunk in live] == [
            chunk.model_copy(update={"cache": None}) for chunk in replayed
        ]


@pytest.mark.parametrize(
    ("options", "use_cache", "sampled", "kept"),
    [
        (SURE, None, False, True),
        (Options(temperature=0.8, seed=1), None, False, True),
        (FREE, None, False, False),
        (Options(), None, False, False),
        (FREE, True, False, True),
        (FREE, None, True, True),
        (SURE, False, True, False),
    ],
)
async def test_what_comes_out_the_same_is_kept_and_else_what_is_asked_for(
    options: Options, use_cache: bool | None, sampled: bool, kept: bool
) -> None:
    async with caching(sampled=sampled) as cache:
        request = chat(options=options, use_cache=use_cache)
        assert await cache.source(request) == ("miss" if kept else None)
        assert await cache.source(request) == ("memory" if kept else None)
        assert len(cache.model.requests) == (1 if kept else 2)


async def test_the_defaults_of_the_role_count_as_options() -> None:
    async with caching() as cache:
        assert RoleSettings().temperature > 0
        request = chat(options=Options()).model_copy(update={"role": "generation"})
        assert [await cache.source(request) for _ in range(2)] == [None, None]


async def test_no_cache_asks_anew_and_keeps_and_no_store_the_other_way_round() -> None:
    model = ScriptedModel()
    for text in ("first", "second"):
        model.enqueue(text)
    async with caching(model) as cache:
        assert spoken(await cache.ask(chat())) == "first"
        assert spoken(await cache.ask(chat(cache_control="no-cache"))) == "second"
        assert spoken(await cache.ask(chat())) == "second"
        model.enqueue("third")
        model.enqueue("fourth")
        assert await cache.source(chat("other", cache_control="no-store")) == "miss"
        assert await cache.source(chat("other")) == "miss"
        assert await cache.source(chat("other", cache_control="no-store")) == "memory"


async def test_loading_a_model_is_never_answered_from_the_cache() -> None:
    async with caching(ScriptedModel("")) as cache:
        assert [await cache.source(generate("", use_cache=True)) for _ in range(2)] == [None, None]
        assert len(cache.model.requests) == 2


async def test_a_failure_is_not_kept_nor_is_an_answer_that_breaks_off() -> None:
    model = ScriptedModel()
    model.enqueue(NoUpstream("away"))
    model.enqueue("Hel", UpstreamFailed("broke off"))
    model.enqueue("Hello")
    async with caching(model) as cache:
        with pytest.raises(NoUpstream, match="away"):
            await cache.ask(chat())
        found: list[Chunk] = []
        with pytest.raises(UpstreamFailed, match="broke off"):
            await collect(cache.answers.chat(chat()), found)
        assert spoken(found) == "Hel"
        assert await cache.source(chat()) == "miss"
        assert await cache.source(chat()) == "memory"


async def test_an_answer_that_is_too_large_is_not_kept() -> None:
    async with caching(ScriptedModel("x" * 2000), entry_bytes=1000) as cache:
        assert [await cache.source(chat()) for _ in range(2)] == ["miss", "miss"]


async def test_callers_of_different_namespaces_never_share() -> None:
    async with caching() as cache:
        assert [await cache.source(chat(namespace=name)) for name in ("a", "b", "a")] == ["miss", "miss", "memory"]


async def test_memory_forgets_after_its_time() -> None:
    async with caching() as cache:
        await cache.ask(chat())
        cache.clock.advance(61)
        assert await cache.source(chat()) == "miss"


class Changing(ScriptedModel):
    """A model that can become another one under the same name."""

    digest = "aa"

    async def models(self, nothing: Nothing, /) -> Models:
        return Models(models=(ModelCard(name="model", provider="scripted", digest=self.digest),))


async def test_a_model_that_has_changed_is_asked_again_and_its_old_answers_are_gone() -> None:
    model = Changing("hi")
    async with caching(model) as cache:
        await cache.ask(chat())
        model.digest = "bb"
        cache.clock.advance(31)  # by then it has been looked at again
        assert await cache.source(chat()) == "miss"
        model.digest = "aa"
        cache.clock.advance(31)
        assert await cache.source(chat()) == "miss"


async def test_what_a_model_says_while_it_changes_is_not_kept() -> None:
    model, clock, gate = Changing(), FrozenClock(), asyncio.Event()
    model.enqueue("hi", gate)
    async with caching(model, clock=clock) as cache:
        asking = asyncio.create_task(cache.ask(chat()))
        await until(lambda: len(model.requests) == 1)
        model.digest = "bb"
        clock.advance(3)
        gate.set()
        await asking
        assert cache.answers.stored == 0


@pytest.fixture
async def disk(tmp_path: Path) -> AsyncIterator[DiskCache]:
    async with DiskCache(tmp_path / "responses.db", 10_000_000, FrozenClock()) as disk:
        yield disk


async def test_a_slower_tier_answers_and_the_answer_is_carried_up(disk: DiskCache, redis_url: str) -> None:
    clock = FrozenClock()
    async with RedisCache(redis_url, SystemClock(), secrets.token_hex(4), limit_s=5) as redis:
        slower = (Tier("redis", redis, 3600), Tier("sqlite", disk, 1e6))
        async with caching(slower=slower, clock=clock) as cache:
            assert await cache.source(chat()) == "miss"
        async with caching(slower=slower[1:], clock=clock) as cache:
            assert [await cache.source(chat()) for _ in range(2)] == ["sqlite", "memory"]
        async with caching(slower=slower, clock=clock) as cache:
            assert await cache.source(chat()) == "redis"
            assert cache.model.requests == []
            clock.advance(61)
            await cache.answers.clear()
            assert await cache.source(chat()) == "miss"


async def test_a_redis_that_is_gone_is_done_without_and_used_again_when_it_is_back() -> None:
    program = redis_server()
    if program is None:
        pytest.skip("no Redis server is installed (apt-get install redis-server)")
    clock, port = FrozenClock(), free_port()
    async with (
        RedisCache(f"redis://127.0.0.1:{port}", clock, rest_s=5, limit_s=5) as redis,
        caching(slower=[Tier("redis", redis, 3600)], clock=clock) as cache,
    ):
        for number in range(5):
            assert await cache.source(chat(str(number))) == "miss"
        with running_redis(program, port):
            clock.advance(61)
            assert [await cache.source(chat("0")) for _ in range(2)] == ["miss", "memory"]
            clock.advance(61)
            assert await cache.source(chat("0")) == "redis"
        clock.advance(61)
        assert await cache.source(chat("0")) == "miss"


async def test_a_redis_that_takes_two_seconds_is_not_waited_for(own_redis: str) -> None:
    clock = FrozenClock()
    async with (
        RedisCache(own_redis, clock, limit_s=0.05, failures=3, rest_s=5) as redis,
        Redis.from_url(own_redis) as admin,
        caching(slower=[Tier("redis", redis, 3600)], clock=clock) as cache,
    ):
        await admin.client_pause(2000)
        began_s = time.monotonic()
        for number in range(20):
            assert await cache.source(chat(str(number))) == "miss"
        assert await asyncio.to_thread(lambda: time.monotonic() - began_s) < 2  # 20 times 2 s, if they were waited for
        await admin.ping()
        clock.advance(61)
        cache.model.requests.clear()
        texts = [spoken(await cache.ask(chat(str(number)))) for number in range(20)]
        assert set(texts) == {"hi"}


async def test_a_redis_that_is_full_or_emptied_costs_only_its_hits(own_redis: str) -> None:
    clock = FrozenClock()
    async with (
        RedisCache(own_redis, clock, limit_s=5) as redis,
        Redis.from_url(own_redis) as admin,
        caching(slower=[Tier("redis", redis, 3600)], clock=clock) as cache,
    ):
        assert await cache.source(chat("before")) == "miss"
        await admin.config_set("maxmemory-policy", "noeviction")
        await admin.config_set("maxmemory", "1")
        assert [await cache.source(chat("full")) for _ in range(2)] == ["miss", "memory"]
        clock.advance(61)
        assert [await cache.source(chat(word)) for word in ("before", "full")] == ["redis", "miss"]
        await admin.config_set("maxmemory", "0")
        await admin.flushall()
        clock.advance(61)
        assert [await cache.source(chat("before")) for _ in range(2)] == ["miss", "memory"]
        clock.advance(61)
        assert await cache.source(chat("before")) == "redis"


def key_of(request: GenerateRequest) -> str:
    return answer_key(request.model_copy(update={"model": "scripted/model"}), CARD)


def _other_sum(kept: bytes) -> bytes:
    return kept[:-1] + bytes([kept[-1] ^ 1])


POISONS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda kept: b"",
    "pickle": lambda kept: b"\x80\x04N.",
    "zeros": lambda kept: kept[:4] + bytes(40),
    "cut off": lambda kept: kept[: len(kept) // 2],
    "one bit": _other_sum,
    "another version": lambda kept: b"GRA0" + kept[4:],
}


@pytest.mark.parametrize("poison", POISONS)
@pytest.mark.parametrize("name", ["memory", "redis", "sqlite"])
async def test_a_poisoned_entry_is_a_miss_in_every_tier_and_is_replaced(
    disk: DiskCache, redis_url: str, name: str, poison: str
) -> None:
    async with RedisCache(redis_url, SystemClock(), secrets.token_hex(4), limit_s=5) as redis:
        slower = [Tier("redis", redis, 3600), Tier("sqlite", disk, 1e6)]
        async with caching(slower=slower) as cache:
            await cache.ask(generate())
            tier, key = next(tier for tier in cache.tiers.all if tier.name == name), key_of(generate())
            for other in cache.tiers.all:
                good = await kept_in(other, key)
                await other.cache.delete(key)
            await tier.cache.set(key, POISONS[poison](good), 1e6)
            assert [await cache.source(generate()) for _ in range(2)] == ["miss", "memory"]
            assert tier.damaged == 1
            assert await kept_in(tier, key) == good


async def kept_in(tier: Tier, key: str) -> bytes:
    """What a tier has, as soon as it has it: slower tiers are filled after the answer."""
    async with asyncio.timeout(60):
        while (kept := await tier.cache.get(key)) is None:  # noqa: ASYNC110 - a tier tells nobody
            await asyncio.sleep(0.01)
    return kept


async def test_the_answer_of_another_model_is_never_given() -> None:
    """An entry knows its key, which holds the digest of the model."""
    async with caching() as cache:
        await cache.ask(generate())
        memory = cache.tiers.all[0].cache
        kept = await memory.get(key_of(generate()))
        assert kept is not None
        changed = CARD.model_copy(update={"digest": "changed"})
        key = answer_key(generate().model_copy(update={"model": "scripted/model"}), changed)
        await memory.set(key, kept, 60)
        assert await cache.tiers.find(key, cache.tiers.all) is None


async def test_the_answer_to_another_request_is_never_given(disk: DiskCache) -> None:
    async with caching(slower=[Tier("sqlite", disk, 1e6)]) as cache:
        await cache.ask(generate("one"))
        foreign = await disk.get(key_of(generate("one")))
        assert foreign is not None
        await disk.set(key_of(generate("two")), foreign, 1e6)
        assert await cache.source(generate("two")) == "miss"


async def test_clearing_one_model_leaves_the_others() -> None:
    async with caching() as cache:
        await cache.ask(chat())
        await cache.answers.clear("somebody/else")
        assert await cache.source(chat()) == "memory"
        await cache.answers.clear("model")
        assert await cache.source(chat()) == "miss"


async def test_everything_is_counted() -> None:
    async with caching() as cache:
        for request in (chat(), chat(), chat(options=FREE)):
            await cache.ask(request)
        figures = cache.answers.figures()
        assert (figures["cache_hits_memory_total"], figures["cache_misses_total"]) == (1, 1)
        assert figures["cache_stored_total"] == 1
        assert figures["cache_stored_bytes_total"] > 20


async def test_text_that_is_not_unicode_is_answered_and_not_kept() -> None:
    model = ScriptedModel()
    for _ in range(2):
        model.enqueue(Chunk.model_construct(**{**Chunk(model="scripted/model").__dict__, "text": "\ud800"}))
    async with caching(model) as cache:
        assert [await _first_text(cache) for _ in range(2)] == ["\ud800", "\ud800"]


async def _first_text(cache: Caching) -> str:
    return (await cache.ask(chat()))[0].text


async def test_what_another_model_said_in_its_place_is_not_kept() -> None:
    model = ScriptedModel()
    model.enqueue(Chunk(model="x/other", text="hi", instead_of=("scripted/model: NoUpstream",)))
    model.enqueue("hello")
    async with caching(model) as cache:
        assert await cache.source(chat()) == "miss"
        assert await cache.source(chat()) == "miss"
        assert await cache.source(chat()) == "memory"
