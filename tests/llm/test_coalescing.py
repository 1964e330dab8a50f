"""Who asks the same at the same time shares one call, and is hurt by nobody else."""

import asyncio
import random
from contextlib import aclosing

import pytest

from greenroom.errors import OutOfTime, Overloaded, Unavailable, UpstreamFailed
from greenroom.journey import allow
from greenroom.llm.cache.call import SharedCall
from greenroom.model import ChatRequest, Chunk, Stream
from greenroom.ports import Llm
from greenroom.testing import ScriptedModel
from tests.conftest import Reach
from tests.llm.caching import FREE, SURE, caching, chat
from tests.llm.reading import collect, every
from tests.waiting import until


def spoken(chunks: list[Chunk]) -> str:
    return "".join(chunk.text for chunk in chunks)


async def test_fifty_who_ask_the_same_at_once_make_one_call(reach: Reach) -> None:
    model, gate = ScriptedModel(), asyncio.Event()
    model.enqueue("Hel", gate, "lo")
    async with caching(model) as cache:
        llm = await reach(Llm, cache.answers)
        asking = [asyncio.create_task(every(llm.chat(chat()))) for _ in range(50)]
        await until(lambda: cache.answers.coalesced == 49)
        gate.set()
        answers = [await task for task in asking]
        assert {spoken(answer) for answer in answers} == {"Hello"}
        assert sorted(str(answer[0].cache) for answer in answers) == ["coalesced"] * 49 + ["miss"]
        assert len(model.requests) == 1
        assert await cache.source(chat()) == "memory"


async def test_fifty_at_once_make_one_call_also_when_the_answer_is_there_at_once() -> None:
    async with caching() as cache:
        await asyncio.gather(*(cache.ask(chat()) for _ in range(50)))
        assert len(cache.model.requests) == 1


async def test_requests_that_are_sampled_freely_share_a_call_but_not_its_answer_later() -> None:
    async with caching() as cache:
        await asyncio.gather(*(cache.ask(chat(options=FREE)) for _ in range(5)))
        assert len(cache.model.requests) == 1
        await cache.ask(chat(options=FREE))
        assert len(cache.model.requests) == 2


async def test_who_wants_no_cache_shares_nothing() -> None:
    async with caching() as cache:
        await asyncio.gather(*(cache.ask(chat(use_cache=False)) for _ in range(3)))
        await asyncio.gather(*(cache.ask(chat(cache_control="no-cache")) for _ in range(3)))
        assert len(cache.model.requests) == 6


async def test_who_comes_late_gets_the_beginning_at_once_and_then_the_rest() -> None:
    model, gate = ScriptedModel(), asyncio.Event()
    model.enqueue("Hel", "lo ", gate, "there")
    async with caching(model) as cache:
        first: list[Chunk] = []
        second: list[Chunk] = []
        leader = asyncio.create_task(collect(cache.answers.chat(chat()), first))
        await until(lambda: spoken(first) == "Hello ")
        follower = asyncio.create_task(collect(cache.answers.chat(chat()), second))
        await until(lambda: spoken(second) == "Hello ")
        gate.set()
        await asyncio.gather(leader, follower)
        assert spoken(first) == spoken(second) == "Hello there"


async def test_the_first_who_asked_may_leave_and_the_others_get_all() -> None:
    model, gate = ScriptedModel(), asyncio.Event()
    model.enqueue("Hel", gate, "lo")
    async with caching(model) as cache:
        first: list[Chunk] = []
        leader = asyncio.create_task(collect(cache.answers.chat(chat()), first))
        await until(lambda: bool(first))
        follower = asyncio.create_task(cache.ask(chat()))
        await until(lambda: cache.answers.coalesced == 1)
        leader.cancel()
        await asyncio.wait([leader])
        assert model.left == 0
        gate.set()
        assert spoken(await follower) == "Hello"


async def test_the_call_ends_at_once_when_all_have_left_and_the_next_one_begins_anew() -> None:
    model, gate = ScriptedModel(), asyncio.Event()
    model.enqueue("Hel", gate, "lo")
    model.enqueue("Hello")
    async with caching(model) as cache:
        asking = [asyncio.create_task(cache.ask(chat())) for _ in range(3)]
        await until(lambda: cache.answers.coalesced == 2)
        for task in asking:
            task.cancel()
        await asyncio.wait(asking)
        await until(lambda: model.left == 1)
        assert model.open_streams == 0
        assert await cache.source(chat()) == "miss"


async def test_a_reader_who_closes_the_stream_has_left() -> None:
    model, gate = ScriptedModel(), asyncio.Event()
    model.enqueue("Hel", gate, "lo")
    async with caching(model) as cache:
        async with aclosing(cache.answers.chat(chat())) as chunks:
            assert (await anext(chunks)).text == "Hel"
        await until(lambda: model.left == 1)


@pytest.mark.parametrize("failure", [Overloaded("busy"), UpstreamFailed("broke off", model="x")])
async def test_a_failure_reaches_all_each_with_its_own(failure: Exception) -> None:
    model, gate = ScriptedModel(), asyncio.Event()
    model.enqueue(gate, failure)
    model.enqueue("Hello")
    async with caching(model) as cache:
        asking = [asyncio.create_task(cache.ask(chat())) for _ in range(3)]
        await until(lambda: cache.answers.coalesced == 2)
        gate.set()
        raised = await asyncio.gather(*asking, return_exceptions=True)
        assert {(type(exc), str(exc)) for exc in raised} == {(type(failure), str(failure))}
        assert len({id(exc) for exc in raised}) == 3
        assert await cache.source(chat()) == "miss"


async def test_a_short_deadline_of_the_first_does_not_end_the_call_of_the_others() -> None:
    model, gate = ScriptedModel(), asyncio.Event()
    model.enqueue("Hel", gate, "lo")
    async with caching(model) as cache:

        async def hurried() -> None:
            with allow(0.02):
                await cache.ask(chat())

        leader = asyncio.create_task(hurried())
        await until(lambda: len(model.requests) == 1)
        follower = asyncio.create_task(cache.ask(chat()))
        with pytest.raises(OutOfTime):
            await leader
        gate.set()
        assert spoken(await follower) == "Hello"


async def test_a_slow_reader_does_not_slow_the_others_and_misses_nothing() -> None:
    model = ScriptedModel()
    pieces = [f"{number:05d}" + "x" * 10_000 for number in range(100)]
    model.enqueue(*pieces)
    async with caching(model) as cache, aclosing(cache.answers.chat(chat())) as slow:
        first = await anext(slow)
        assert spoken(await cache.ask(chat())) == "".join(pieces)
        assert first.text + spoken([chunk async for chunk in slow]) == "".join(pieces)


async def test_a_model_does_not_run_far_ahead_of_those_who_read() -> None:
    told = 0

    async def talkative(call: SharedCall) -> Stream[Chunk]:
        nonlocal told
        for _ in range(1000):
            told += 1
            yield Chunk(model="m", text="x" * 10_000)
        yield Chunk(model="m", done=True)

    call = SharedCall(talkative, limit_bytes=64_000_000)
    task = call.begin()
    async with aclosing(call.read()) as chunks:
        await anext(chunks)
        for _ in range(100):
            await asyncio.sleep(0)
        assert 10 < told < 40
        assert len([chunk async for chunk in chunks]) == 1000
    await task


async def test_an_answer_without_end_is_ended() -> None:
    async def endless(call: SharedCall) -> Stream[Chunk]:
        while True:
            yield Chunk(model="m", text="x" * 1000)

    call = SharedCall(endless, limit_bytes=1_000_000)
    task = call.begin()
    with pytest.raises(UpstreamFailed, match="more than 1000000 bytes"):
        await every(call.read())
    await task


async def test_closing_the_house_ends_the_calls_that_are_under_way() -> None:
    model, gate = ScriptedModel(), asyncio.Event()
    model.enqueue("Hel", gate)
    async with caching(model) as cache:
        found: list[Chunk] = []
        reading = asyncio.create_task(collect(cache.answers.chat(chat()), found))
        await until(lambda: bool(found))
    with pytest.raises(Unavailable):
        await reading
    assert model.open_streams == 0


async def test_ten_thousand_who_leave_at_random_hurt_nobody_and_leave_nothing_behind() -> None:
    """Fifty at a time ask forty things; each that stays gets the answer to its own question."""

    class Echo(ScriptedModel):
        async def chat(self, request: ChatRequest, /) -> Stream[Chunk]:
            said = request.messages[-1].content
            for _ in range(chance.randrange(5)):
                await asyncio.sleep(0)
                yield Chunk(model="scripted/model", text=said)
            yield Chunk(model="scripted/model", text=said, done=True, done_reason="stop")

    chance = random.Random(11)
    async with caching(Echo(), memory_bytes=20_000) as cache:
        before = asyncio.all_tasks()

        async def visit() -> bool:
            said = f"<{chance.randrange(40)}>"
            asking = asyncio.create_task(every(cache.answers.chat(chat(said, chance.choice([SURE, FREE])))))
            for _ in range(chance.randrange(15)):
                await asyncio.sleep(0)
            if chance.random() < 0.8:
                asking.cancel()
            await asyncio.wait([asking])
            if not asking.cancelled():
                assert set(spoken(asking.result()).replace("><", "> <").split()) == {said}
            return asking.cancelled()

        left = 0
        for _ in range(200):
            left += sum(await asyncio.gather(*(visit() for _ in range(50))))
        assert 1_000 < left < 9_000
        await until(lambda: asyncio.all_tasks() == before)
