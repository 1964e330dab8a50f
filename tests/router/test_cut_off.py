"""A turn that is cut off: by a person who leaves, by a caller's deadline, because Greenroom stops."""

import asyncio
from contextlib import suppress

import pytest

from greenroom.errors import GreenroomError, OutOfTime, TurnFailed, Unavailable
from greenroom.journey import due_in
from greenroom.model import DeadLetter, DeadLetterRef, FollowRequest, Page, Turn
from greenroom.ports import Router
from greenroom.storage.database import Database
from greenroom.testing import ScriptedModel
from tests.conftest import Reach
from tests.router.company import Stage, asking
from tests.waiting import until


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


async def turns(stage: Stage) -> tuple[Turn, ...]:
    return (await stage.log().follow(FollowRequest())).turns


@pytest.mark.parametrize("stream", [False, True])
async def test_whenever_a_person_leaves_no_turn_stays_begun(stage: Stage, stream: bool) -> None:
    stage.model = ScriptedModel("Hello")
    router = stage.router()

    async def read() -> None:
        _ = [event async for event in router.stream(asking())]

    states = set()
    for steps in range(60):
        call = asyncio.create_task(read() if stream else _reply(router))
        for _ in range(steps):
            await asyncio.sleep(0 if steps % 2 else 0.0002)
        call.cancel()
        with suppress(asyncio.CancelledError):
            await call
        states |= {turn.state for turn in await turns(stage)}
    assert "begun" not in states
    assert states <= {"left", "answered"}


async def _reply(router: Router) -> None:
    await router.orchestrate(asking())


async def test_a_turn_is_a_dead_letter_when_greenroom_stops(stage: Stage, reach: Reach) -> None:
    stage.model.enqueue("Hel", asyncio.Event(), "lo")
    service = stage.router()
    router = await reach(Router, service)
    under_way = asyncio.create_task(router.orchestrate(asking("a")))
    await until(lambda: stage.model.open_streams > 0)
    waiting = asyncio.create_task(router.orchestrate(asking("b")))
    await asyncio.sleep(0.05)
    service.interrupt()
    with pytest.raises(TurnFailed, match="Greenroom stopped"):
        await under_way
    for too_late in (waiting, router.orchestrate(asking("c"))):
        with pytest.raises(Unavailable, match="say it again"):
            await too_late
    (letter,) = (await router.dead_letters(Page())).letters
    assert (letter.request.input_text, letter.error) == ("a", "Interrupted")
    stage.model.enqueue("Hello")
    assert (await stage.router().replay(DeadLetterRef(id=letter.id))).response == "Hello"


async def test_closing_the_router_ends_its_turns_first(stage: Stage) -> None:
    stage.model.enqueue("Hel", asyncio.Event(), "lo")
    async with stage.router() as router:
        under_way = asyncio.create_task(router.orchestrate(asking("a")))
        await until(lambda: stage.model.open_streams > 0)
    assert [turn.state for turn in await turns(stage)] == ["failed"]
    with pytest.raises(TurnFailed):
        await under_way


async def test_a_turn_that_outlives_its_callers_deadline_is_a_dead_letter(stage: Stage, reach: Reach) -> None:
    router = await reach(Router, stage.router())
    letters: tuple[DeadLetter, ...] = ()
    for limit_s in (2, 10, 50):  # one of them is long enough for the turn to begin; the model never ends it
        stage.model.enqueue("Hel", asyncio.Event(), "lo")
        with pytest.raises(GreenroomError) as caught:
            async with due_in(limit_s):
                await router.orchestrate(asking("a"))
        assert isinstance(caught.value, OutOfTime | TurnFailed)
        await until(lambda: not stage.model.open_streams)
        while any(turn.state == "begun" for turn in await turns(stage)):  # noqa: ASYNC110 - the log says
            await asyncio.sleep(0.01)
        if letters := (await router.dead_letters(Page())).letters:
            break
    assert [letter.request.input_text for letter in letters] == ["a"]
