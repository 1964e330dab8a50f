"""What a person says to nobody in particular: somebody answers it, or nobody, but never two at once unless wanted."""

import asyncio

import pytest

from greenroom.config import CoordinatorSettings
from greenroom.model import FloorRequest, Interest, OrganicNotice, QuietRequest, Sheet, TurnRef
from greenroom.storage.database import Database
from tests.coordinator.room import BRIAN, PETER, TALKATIVE, Room
from tests.router.company import asking
from tests.waiting import until

STEWIE = Sheet(name="Stewie", interests=(Interest(topic="beer", weight=0.9),))
QUESTION = "Does anybody want a beer?"


@pytest.fixture
def room(database: Database) -> Room:
    return Room(database, cast=(PETER, BRIAN, STEWIE))


async def answers(room: Room) -> list[str]:
    """Who answered the first line that was heard."""
    line, *after = await room.turns()
    return [turn.character_name for turn in after if turn.follows == line.id]


async def test_a_question_to_nobody_in_particular_is_answered_by_one_after_a_pause(room: Room) -> None:
    line = await room.hear(QUESTION)
    await room.pass_time(0.5)
    assert await answers(room) == []
    await room.pass_time()
    (answer,) = (await room.turns())[1:]
    assert (answer.follows, answer.message_type, answer.user_name, answer.input_text) == (
        line.id,
        "organic",
        "Ann",
        QUESTION,
    )
    receipt = await room.stage.log().explain(TurnRef(id=answer.id))
    assert receipt.request is not None
    assert receipt.request.cause is not None
    cause = receipt.request.cause
    assert (cause.kind, cause.weights, "cares for what is spoken of" in cause.reasons) == ("answer", "shipped", True)
    assert sum(cause.chances.values()) + cause.silence == pytest.approx(1, abs=1e-3)


async def test_the_answer_is_shown_the_line_once_and_no_word_of_falling_in(room: Room) -> None:
    await room.hear(QUESTION)
    await room.pass_time()
    (request,) = room.stage.model.requests
    assert str(request).count(QUESTION) == 1


async def test_two_coordinators_and_two_routers_and_a_crash_make_one_answer(room: Room) -> None:
    await room.hear(QUESTION)
    await asyncio.gather(*(room.follow_ups().read_page() for _ in range(2)))
    due = await room.due()
    assert len(due) == 1
    routers = room.router, room.stage.router("another")
    await asyncio.gather(*(room.prompter(router).carry_out(due[0]) for router in routers))
    await room.prompter().carry_out(due[0])
    assert len(await answers(room)) == 1
    assert len(room.stage.model.requests) == 1
    for plan in await room.due():  # whoever found it under way looks again
        await room.prompter().carry_out(plan)
    assert await room.plans.next_of("room") is None


async def test_an_answer_that_was_cut_off_with_its_coordinator_comes_after_all(room: Room) -> None:
    await room.hear(QUESTION)
    await room.follow_ups().read_page()
    (plan,) = await room.due()
    room.stage.model.enqueue("I do lo", asyncio.Event(), "ve a beer.")
    cut_off = asyncio.create_task(room.prompter().carry_out(plan))
    await until(lambda: room.stage.model.open_streams > 0)
    cut_off.cancel()
    await asyncio.wait([cut_off])
    assert [plan.id for plan in await room.due()] == [plan.id]
    await room.prompter().carry_out(plan)
    assert [turn.state for turn in await room.turns()] == ["heard", "left", "answered"]


async def test_two_plans_for_one_turn_on_two_routers_are_one_line(room: Room) -> None:
    """However it came to two plans: the log takes one line that follows a turn."""
    line = await room.hear(QUESTION)
    requests = [
        asking(QUESTION, character_name=name, message_type="organic", follows=line.id, request_id=name)
        for name in ("peter", "brian", "stewie")
    ]
    routers = [room.stage.router(str(number)) for number in range(3)]
    made = await asyncio.gather(
        *(router.orchestrate(request) for router, request in zip(routers, requests, strict=True)),
        return_exceptions=True,
    )
    assert len(await answers(room)) == 1
    assert sorted(type(one).__name__ for one in made) == ["Overtaken", "Overtaken", "TurnReply"]


async def test_a_newer_line_of_the_person_is_answered_in_place_of_the_older(room: Room) -> None:
    await room.hear(QUESTION)
    await room.follow_ups().read_page()
    newer = await room.hear("Or rather a beer and a pretzel, anybody?")
    await room.pass_time()
    turns = await room.turns()
    assert [turn.follows for turn in turns if turn.character] == [newer.id]


async def test_where_several_may_answer_at_once_each_does_so_once(room: Room) -> None:
    room.settings = TALKATIVE.model_copy(update={"simultaneous": 2})
    await room.hear(QUESTION)
    await room.follow_ups().read_page()
    due = await room.due()
    assert len(due) == 2
    await asyncio.gather(*(room.prompter().carry_out(plan) for plan in [*due, *due]))
    found = await answers(room)
    assert len(found) == len(set(found)) == 2
    assert all(str(request).count(QUESTION) == 1 for request in room.stage.model.requests)


async def test_an_answer_is_no_chatter_so_the_whole_limit_is_left_after_it(room: Room) -> None:
    await room.hear(QUESTION)
    for _ in range(8):
        await room.pass_time()
    assert len(await room.turns()) == 1 + 1 + TALKATIVE.chain_limit


async def test_an_answer_comes_even_where_characters_do_not_talk_unasked(room: Room) -> None:
    room.settings = CoordinatorSettings(organic=False, chain_limit=0)
    await room.hear(QUESTION)
    await room.pass_time()
    await room.pass_time()
    assert len(await room.turns()) == 2


async def test_where_the_floor_is_not_open_nobody_answers(room: Room) -> None:
    room.settings = TALKATIVE.model_copy(update={"open_floor": False})
    await room.hear(QUESTION)
    await room.pass_time()
    assert await answers(room) == []


async def test_a_quiet_channel_stays_quiet_even_for_what_is_about_to_be_said(room: Room) -> None:
    await room.hear(QUESTION)
    await room.follow_ups().read_page()
    due = await room.due()
    floor = await room.service().keep_quiet(QuietRequest(channel_id="room", minutes=10))
    assert floor.next_at is None
    for plan in due:
        await room.prompter().carry_out(plan)
    assert await answers(room) == []


async def test_people_who_talk_with_each_other_are_mostly_left_alone(room: Room) -> None:
    for text, name in (("I was at the dentist.", "Ben"), ("Ouch.", "Ann"), ("It was fine.", "Ben"), ("Good.", "Ann")):
        await room.hear(text, user_id=name.casefold(), user_name=name)
    floor = await room.service().conversation_state(FloorRequest(channel_id="room"))
    occasion = await room.chooser().occasion("room")
    assert floor.last_speaker is None or floor.last_person == "Ann"
    assert occasion.chances.silence > 0.5


async def test_a_line_that_a_program_posted_is_in_the_log_once_and_others_fall_in_on_it(room: Room) -> None:
    notice = OrganicNotice(character_name="Peter", text="Holy crap, beer!", channel_id="room", request_id="door:7")
    first = await room.router.note(notice)
    again = await room.stage.router("another").note(notice)
    assert first == again
    assert (first.state, first.character, first.reply, first.message_type) == (
        "answered",
        "peter",
        "Holy crap, beer!",
        "organic",
    )
    receipt = await room.stage.log().explain(TurnRef(id=first.id))
    assert (receipt.request, receipt.attempts) == (None, ())
    await room.pass_time()
    said, answer = await room.turns()
    assert (answer.follows, answer.user_name) == (said.id, "Peter")
    assert answer.character_name != "Peter"
