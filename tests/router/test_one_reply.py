"""Nobody is answered twice: turns that are replaced, replayed or cut off at the same time as others."""

import asyncio

import pytest

from greenroom.errors import Conflict, NoUpstream, TurnFailed, UnknownDeadLetter
from greenroom.model import ChannelRequest, DeadLetterRef, Nothing, Page
from greenroom.storage.database import Database
from tests.router.company import Stage, asking
from tests.waiting import until


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


async def said(stage: Stage) -> list[str]:
    return [m.content for m in (await stage.log().recall(ChannelRequest(channel_id="room"))).messages]


async def letters(stage: Stage) -> list[str]:
    return [letter.turn_id for letter in (await stage.router().dead_letters(Page())).letters]


async def test_a_letter_that_is_replayed_twice_at_once_is_answered_once(stage: Stage) -> None:
    router = stage.router()
    stage.settings = stage.settings.model_copy(update={"max_attempts": 1})
    stage.model.enqueue(NoUpstream())
    with pytest.raises(TurnFailed):
        await stage.router().orchestrate(asking("a"))
    (letter,) = (await router.dead_letters(Page())).letters
    stage.model.enqueue("one")
    stage.model.enqueue("two")
    replays = [router.replay(DeadLetterRef(id=letter.id)) for _ in range(2)]
    [refused] = [one for one in await asyncio.gather(*replays, return_exceptions=True) if isinstance(one, Exception)]
    assert isinstance(refused, UnknownDeadLetter)
    assert await said(stage) == ["a", "one"]


async def test_of_two_replacements_of_one_reply_the_last_one_stands(stage: Stage) -> None:
    router = stage.router()
    for reply in ("one", "two", "three"):
        stage.model.enqueue(reply)
    turn = (await router.orchestrate(asking("a"))).metadata.turn_id
    await asyncio.gather(*(router.orchestrate(asking("a", replaces=turn)) for _ in range(2)))
    assert await said(stage) == ["a", "three"]


async def test_a_replayed_replacement_takes_the_place_of_the_first_reply(stage: Stage) -> None:
    stage.settings = stage.settings.model_copy(update={"max_attempts": 1})
    router = stage.router()
    stage.model.enqueue("one")
    turn = (await router.orchestrate(asking("a"))).metadata.turn_id
    stage.model.enqueue(NoUpstream())
    with pytest.raises(TurnFailed):
        await router.orchestrate(asking("a", replaces=turn))
    (letter,) = (await router.dead_letters(Page())).letters
    stage.model.enqueue("two")
    await router.replay(DeadLetterRef(id=letter.id))
    assert await said(stage) == ["a", "two"]


async def test_a_replay_that_was_killed_counts_on_its_letter(stage: Stage) -> None:
    stage.settings = stage.settings.model_copy(update={"max_attempts": 1})
    stage.model.enqueue(NoUpstream())
    with pytest.raises(TurnFailed):
        await stage.router().orchestrate(asking("a"))
    (letter,) = (await stage.router().dead_letters(Page())).letters
    peter = (await stage.cast.cast(Nothing())).characters[0]
    await stage.log().begin(asking("a", replaces=letter.turn_id), peter)
    assert len(await stage.log().bury_the_lost(own_too=True)) == 1
    (still,) = (await stage.router().dead_letters(Page())).letters
    assert (still.id, still.replays, still.error) == (letter.id, 1, "Interrupted")


async def test_a_live_turn_is_not_buried_when_the_clock_jumps(stage: Stage) -> None:
    gate = asyncio.Event()
    stage.model.enqueue("Hel", gate, "lo")
    async with stage.router() as router:
        turn = asyncio.create_task(router.orchestrate(asking("a")))
        await until(lambda: stage.model.open_streams > 0)
        stage.clock.advance(3600)
        looked = len(stage.clock.slept_s)
        await until(lambda: len(stage.clock.slept_s) > looked + 2)
        assert await letters(stage) == []
        gate.set()
        assert (await turn).response == "Hello"


async def test_a_turn_that_another_machine_took_for_lost_is_answered_all_the_same(stage: Stage) -> None:
    router, gate = stage.router(), asyncio.Event()
    stage.model.enqueue("Hel", gate, "lo")
    turn = asyncio.create_task(router.orchestrate(asking("a")))
    await until(lambda: stage.model.open_streams > 0)
    stage.clock.advance(3600)
    await stage.log("elsewhere").bury_the_lost(own_too=False)
    assert len(await letters(stage)) == 1
    gate.set()
    assert (await turn).response == "Hello"
    assert await letters(stage) == []
    assert await said(stage) == ["a", "Hello"]


async def test_a_turn_that_fails_after_it_was_buried_leaves_one_letter(stage: Stage) -> None:
    stage.settings = stage.settings.model_copy(update={"max_attempts": 1})
    router, gate = stage.router(), asyncio.Event()
    stage.model.enqueue("Hel", gate, NoUpstream())
    turn = asyncio.create_task(router.orchestrate(asking("a")))
    await until(lambda: stage.model.open_streams > 0)
    stage.clock.advance(3600)
    await stage.log("elsewhere").bury_the_lost(own_too=False)
    gate.set()
    with pytest.raises(TurnFailed) as caught:
        await turn
    (letter,) = (await router.dead_letters(Page())).letters
    assert caught.value.extra["dead_letter"] == letter.id


async def test_two_who_look_for_lost_turns_at_once_leave_one_letter_each(stage: Stage) -> None:
    peter = (await stage.cast.cast(Nothing())).characters[0]
    turns = [await stage.log("dead machine").begin(asking(str(n)), peter) for n in range(5)]
    stage.clock.advance(3600)
    await asyncio.gather(*(stage.log(str(n)).bury_the_lost(own_too=False) for n in range(4)))
    assert sorted(await letters(stage)) == sorted(turn.id for turn in turns)


async def test_a_clock_that_is_turned_back_makes_no_time_negative(stage: Stage) -> None:
    router, gate = stage.router(), asyncio.Event()
    stage.model.enqueue("Hel", gate, "lo")
    turn = asyncio.create_task(router.orchestrate(asking("a")))
    await until(lambda: stage.model.open_streams > 0)
    stage.clock.advance(-3600)
    gate.set()
    assert (await turn).processing_time >= 0


async def test_a_request_that_comes_in_two_channels_at_once_is_answered_in_one(stage: Stage) -> None:
    stage.model.enqueue("one")
    router = stage.router()
    calls = [router.orchestrate(asking("a", request_id="m", channel_id=channel)) for channel in ("room", "elsewhere")]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    (refused,) = (outcome for outcome in outcomes if isinstance(outcome, Conflict))
    assert refused.detail == "request 'm' is being answered already"
