import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import cast

import pytest
from sqlalchemy import select

from greenroom.config import CoordinatorSettings
from greenroom.coordinator.tables import quiet_channels
from greenroom.errors import Conflict, NoUpstream, ServiceAway, UnknownCharacter
from greenroom.model import (
    FloorRequest,
    OpportunityRequest,
    OrganicRequest,
    QuietRequest,
    SpeakerRequest,
    TurnReply,
    TurnRequest,
)
from greenroom.ports import Coordinator, Router
from greenroom.storage.database import Database
from tests.conftest import Reach
from tests.coordinator.lines import lines
from tests.coordinator.room import TALKATIVE, Room
from tests.router.company import BACKOFF
from tests.waiting import until

PATIENT = TALKATIVE.model_copy(update={"stale_after_s": 10.0**9})
"""For tests in which everybody who waits moves the clock on."""


@pytest.fixture
def room(database: Database) -> Room:
    return Room(database)


async def test_another_falls_in_on_an_answer_after_a_pause_and_then_there_is_quiet(room: Room) -> None:
    await room.ask()
    for _ in range(6):
        await room.pass_time()
    turns = await room.turns()
    assert [(t.character_name, t.message_type) for t in turns] == [
        ("Peter", "direct"),
        ("Brian", "organic"),
        ("Peter", "organic"),
    ]
    assert turns[1].user_name == "Peter"
    assert turns[1].input_text == turns[0].reply
    pauses = [(b.begun_at - (a.ended_at or a.begun_at)).total_seconds() for a, b in pairwise(turns)]
    assert all(1 <= pause <= 12 for pause in pauses)


async def test_nothing_is_said_before_its_time(room: Room) -> None:
    await room.ask()
    await room.pass_time(0.5)
    assert await room.speakers() == ["Peter"]


async def test_a_person_who_speaks_meanwhile_is_not_talked_over(room: Room) -> None:
    await room.ask()
    await room.follow_ups().read_page()
    await room.ask("And wine?")
    for plan in await room.due():
        await room.prompter().carry_out(plan)
    assert await room.speakers() == ["Peter", "Peter"]


async def test_two_coordinators_and_a_crash_make_one_line(room: Room) -> None:
    await room.ask()
    await asyncio.gather(room.follow_ups().read_page(), room.follow_ups().read_page())
    due = await room.due()
    assert len(due) == 1
    one, other = room.prompter(), room.prompter(room.stage.router("another"))
    await asyncio.gather(one.carry_out(due[0]), other.carry_out(due[0]))
    await room.prompter().carry_out(due[0])  # as after a crash between the line and the note that it was said
    assert await room.speakers() == ["Peter", "Brian"]


async def test_a_plan_outlives_the_coordinator_that_made_it(room: Room) -> None:
    room.settings = PATIENT
    await room.ask()
    await room.follow_ups().read_page()
    room.stage.clock.advance(12)
    async with room.service():
        await _until(room, 2)


async def test_while_it_is_open_it_follows_the_log_by_itself(room: Room) -> None:
    room.settings = PATIENT
    async with room.service():
        await room.ask()
        await _until(room, 3)
    assert await room.speakers() == ["Peter", "Brian", "Peter"]


async def _until(room: Room, count: int) -> None:
    async with asyncio.timeout(60):
        while len([t for t in await room.turns() if t.reply]) < count:  # noqa: ASYNC110 - the log has no event
            await asyncio.sleep(0.01)


async def test_a_channel_that_is_told_to_be_quiet_is_quiet_at_once(room: Room, reach: Reach) -> None:
    await room.ask()
    await room.follow_ups().read_page()
    async with _reached(room, reach) as coordinator:
        floor = await coordinator.keep_quiet(QuietRequest(channel_id="room", minutes=10))
        assert floor.quiet_until is not None
        assert floor.next_at is None
        found = await coordinator.analyze_opportunity(OpportunityRequest(channel_id="room"))
        assert "quiet until" in found.why_not
        with pytest.raises(Conflict, match="told to be quiet"):
            await coordinator.fall_in(OrganicRequest(channel_id="room"))
        lifted = await coordinator.keep_quiet(QuietRequest(channel_id="room", minutes=0))
        assert lifted.quiet_until is None
    await room.pass_time()
    assert await room.speakers() == ["Peter"]


async def test_a_line_that_is_being_written_when_it_gets_quiet_is_called_off(room: Room) -> None:
    room.settings = PATIENT
    await room.ask()
    await room.follow_ups().read_page()
    model, a_month = room.stage.model, 60 * 24 * 30
    model.enqueue("I do lo", asyncio.Event(), "ve a beer.")
    async with room.service() as service:
        await until(lambda: model.open_streams > 0)
        await service.keep_quiet(QuietRequest(channel_id="elsewhere", minutes=a_month))
        assert model.open_streams > 0
        await service.keep_quiet(QuietRequest(channel_id="room", minutes=a_month))
        await until(lambda: model.open_streams == 0)
        async with asyncio.timeout(60):
            while (await room.turns())[-1].state == "begun":  # noqa: ASYNC110 - its end is written down after that
                await asyncio.sleep(0.001)
    assert [turn.state for turn in await room.turns()] == ["answered", "left"]


async def test_where_it_is_no_longer_quiet_nothing_is_kept_of_that(room: Room) -> None:
    service = room.service()
    for number in range(3):
        await service.keep_quiet(QuietRequest(channel_id=f"room {number}", minutes=10))
        room.stage.clock.advance(601)
    async with room.database.read() as connection:
        kept = (await connection.scalars(select(quiet_channels.c.channel_id))).all()
    assert kept == ["room 2"]


@asynccontextmanager
async def _reached(room: Room, reach: Reach) -> AsyncIterator[Coordinator]:
    """The service without its tasks, so that nothing happens by itself."""
    yield await reach(Coordinator, room.service())


async def test_where_characters_shall_not_talk_unasked_they_do_not(room: Room) -> None:
    room.settings = CoordinatorSettings(organic=False)
    await room.ask()
    await room.pass_time()
    assert await room.speakers() == ["Peter"]


async def test_the_state_of_a_channel_tells_who_comes_next(room: Room, reach: Reach) -> None:
    await room.ask()
    await room.follow_ups().read_page()
    coordinator = await reach(Coordinator, room.service())
    floor = await coordinator.conversation_state(FloorRequest(channel_id="room"))
    assert (floor.last_speaker, floor.last_person, floor.next_speaker) == ("Peter", "Ann", "Brian")
    assert (floor.unasked, floor.chain_limit, floor.lines_last_minute) == (0, 2, 1)
    empty = await coordinator.conversation_state(FloorRequest(channel_id="nowhere"))
    assert (empty.last_speaker, empty.unasked, empty.momentum) == (None, 0, 0)


async def test_who_speaks_next_is_told_with_chances_and_reasons(room: Room, reach: Reach) -> None:
    coordinator = await reach(Coordinator, room.service())
    said = lines("Ann: Hello.", "Peter: Hey!", "Ann: brian, a beer?")
    asked = SpeakerRequest(conversation_history=said, candidates=("Peter", "Brian", "Lois"), people=("Ann",))
    choice = await coordinator.select_speaker(asked)
    assert choice.selected == "Brian"
    assert choice.reasons["Brian"][:2] == ("was called by name", "cares for what is spoken of")
    assert sum(choice.scores.values()) + choice.silence == pytest.approx(1, abs=1e-4)
    assert 1 <= choice.delay_s <= 12
    assert choice == await coordinator.select_speaker(asked)


async def test_a_conversation_that_the_log_does_not_have_can_be_told(room: Room, reach: Reach) -> None:
    coordinator = await reach(Coordinator, room.service())
    told = OpportunityRequest(channel_id="x", conversation_history=lines("Ann: Hi.", "Peter: Beer!"))
    found = await coordinator.analyze_opportunity(told)
    assert found.character == "Brian"
    alone = told.model_copy(update={"candidates": ("Peter",)})
    assert (await coordinator.analyze_opportunity(alone)).why_not == "nobody is free to speak"


async def test_a_character_falls_in_on_request_and_an_unknown_one_does_not(room: Room, reach: Reach) -> None:
    await room.ask()
    coordinator = await reach(Coordinator, room.service())
    with pytest.raises(UnknownCharacter):
        await coordinator.fall_in(OrganicRequest(channel_id="room", character="Meg"))
    with pytest.raises(Conflict, match="nothing was said"):
        await coordinator.fall_in(OrganicRequest(channel_id="nowhere"))
    reply = await coordinator.fall_in(OrganicRequest(channel_id="room", character="brian"))
    assert reply.character == "brian"
    assert await room.speakers() == ["Peter", "Brian"]


class AwayRouter:
    """A router that does not answer the first few times."""

    def __init__(self, room: Room, failures: int) -> None:
        self._router = room.router
        self._failures = failures

    async def orchestrate(self, request: TurnRequest, /) -> TurnReply:
        if self._failures:
            self._failures -= 1
            raise ServiceAway("the router does not answer")
        return await self._router.orchestrate(request)


def away(room: Room, failures: int) -> Router:
    return cast("Router", AwayRouter(room, failures))


async def test_a_line_waits_for_a_router_that_comes_back(room: Room) -> None:
    await room.ask()
    await room.follow_ups().read_page()
    prompter = room.prompter(away(room, failures=2))
    for _ in range(3):
        for plan in await room.due():
            await prompter.carry_out(plan)
    assert await room.speakers() == ["Peter", "Brian"]
    assert (prompter.said, prompter.dropped, await room.due()) == (1, 0, [])


async def test_a_router_that_stays_away_costs_the_line_and_nothing_else(room: Room) -> None:
    await room.ask()
    await room.follow_ups().read_page()
    prompter = room.prompter(away(room, failures=1000))
    for _ in range(40):
        for plan in await room.due():
            await prompter.carry_out(plan)
    assert (prompter.said, prompter.dropped, await room.due()) == (0, 1, [])
    assert await room.speakers() == ["Peter"]
    await room.ask("Still there?")
    assert (await room.turns())[-1].state == "answered"


async def test_a_model_that_is_away_costs_the_line_and_nothing_else(room: Room) -> None:
    room.settings = room.settings.model_copy(update={"chain_limit": 1})
    await room.ask()
    for _ in range(BACKOFF.attempts):
        room.stage.model.enqueue(NoUpstream("the model is away"))
    await room.pass_time()
    assert [(t.message_type, t.state) for t in await room.turns()] == [("direct", "answered"), ("organic", "failed")]
    assert await room.due() == []
    await room.ask("Still there?")
    assert (await room.turns())[-1].state == "answered"
