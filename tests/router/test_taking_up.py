"""What was being answered when a process was killed is answered after all: by itself, or when it is asked again."""

import asyncio
from datetime import timedelta

import pytest

from greenroom.errors import CircuitOpen, ServiceAway
from greenroom.model import ChannelRequest, Character, CharacterRef, FollowRequest, Page, TurnReply
from greenroom.router.log import Buried
from greenroom.router.service import RouterService
from greenroom.router.taking_up import TakingUp
from greenroom.storage.database import Database
from tests.router.company import Stage, asking
from tests.waiting import until


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


async def peter(stage: Stage) -> Character:
    return await stage.cast.get(CharacterRef(character="peter"))


async def said(stage: Stage) -> list[str]:
    conversation = await stage.log().recall(ChannelRequest(channel_id="room"))
    return [message.content for message in conversation.messages]


async def letters(router: RouterService) -> int:
    return (await router.dead_letters(Page())).total


async def test_a_line_that_was_cut_off_is_answered_after_the_restart(stage: Stage) -> None:
    await stage.log().begin(asking("lost", request_id="m"), await peter(stage))
    stage.model.enqueue("found")
    async with stage.router() as router:
        await until(lambda: len(stage.model.requests) == 1, within_s=60)
        again = await router.orchestrate(asking("lost", request_id="m"))
        assert again.response == "found"
        assert await letters(router) == 0
    assert await said(stage) == ["lost", "found"]


async def test_a_line_that_is_too_old_waits_as_a_dead_letter(stage: Stage) -> None:
    await stage.log().begin(asking("lost"), await peter(stage))
    stage.clock.advance(stage.settings.take_up_s + 1)
    async with stage.router() as router:
        assert await letters(router) == 1
    assert await said(stage) == ["lost"]


async def test_a_line_that_is_being_taken_up_when_greenroom_stops_stays_a_dead_letter(stage: Stage) -> None:
    await stage.log().begin(asking("lost"), await peter(stage))
    stage.model.enqueue("fou", asyncio.Event(), "nd")
    async with stage.router() as router:
        await until(lambda: stage.model.open_streams > 0, within_s=60)
    (letter,) = (await router.dead_letters(Page())).letters
    assert (letter.error, letter.replays) == ("Interrupted", 1)
    assert [turn.state for turn in (await stage.log().follow(FollowRequest())).turns] == ["failed", "failed"]


async def test_who_asks_the_same_again_is_answered_though_it_was_cut_off(stage: Stage) -> None:
    await stage.log().begin(asking("lost", request_id="m"), await peter(stage))
    await stage.log().bury_the_lost(own_too=True)
    router = stage.router()
    stage.model.enqueue("found")
    first, second = [await router.orchestrate(asking("lost", request_id="m")) for _ in range(2)]
    assert first == second
    assert first.response == "found"
    assert len(stage.model.requests) == 1
    assert await letters(router) == 0


async def test_a_line_that_nobody_asked_for_is_left_to_the_coordinator(stage: Stage) -> None:
    stage.model.enqueue("one")
    turn = (await stage.router().orchestrate(asking("a"))).metadata.turn_id
    unasked = asking("a", message_type="organic", follows=turn, request_id="plan", character_name="brian")
    brian = await stage.cast.get(CharacterRef(character="brian"))
    await stage.log().begin(await stage.log().settle(unasked, brian), brian)
    async with stage.router() as router:
        assert await letters(router) == 1
        stage.model.enqueue("two")
        assert (await router.orchestrate(unasked)).response == "two"
    assert await said(stage) == ["a", "one", "two"]


async def test_it_is_tried_again_while_services_are_still_starting(stage: Stage) -> None:
    asked: list[str] = []

    async def replay(letter_id: str) -> TurnReply:
        asked.append(letter_id)
        if len(asked) < 3:
            raise [ServiceAway, CircuitOpen][len(asked) - 1]("characters does not answer")
        return await stage.router().orchestrate(asking("lost"))

    taking_up = TakingUp(replay, stage.settings, stage.clock)
    young, now = timedelta(seconds=5), stage.clock.now()
    stage.model.enqueue("found")
    taking_up.add([Buried("letter", now - young, True), Buried("unasked", now, False)])
    await until(lambda: len(stage.model.requests) == 1, within_s=60)
    await taking_up.end()
    assert asked == ["letter"] * 3
