"""Characters begin to talk in channels that ask for it, when it has been quiet, and not too often."""

import asyncio

import pytest

from greenroom.config import CoordinatorSettings
from greenroom.coordinator.floor import NARRATOR
from greenroom.model import Interest, OrganicNotice, QuietRequest, Sheet, Turn
from greenroom.storage.database import Database
from tests.coordinator.room import Room

HOUR = 3600
SETTINGS = CoordinatorSettings(starter_channels=("room",), starter_after_s=HOUR, starters_per_day=2, decay=0)
TALKER = Sheet(name="Peter", interests=(Interest(topic="fireworks", weight=1.0),))
OTHER = Sheet(name="Brian", interests=(Interest(topic="opera", weight=1.0),))


@pytest.fixture
def room(database: Database) -> Room:
    return Room(database, SETTINGS, (TALKER, OTHER))


async def begin(room: Room) -> None:
    """What two coordinators do when they look at the channel."""
    await asyncio.gather(room.starters().look_at("room"), room.starters().look_at("room"))
    for plan in await room.due(0):
        await asyncio.gather(room.prompter().carry_out(plan), room.prompter().carry_out(plan))


async def began(room: Room) -> list[Turn]:
    return [turn for turn in await room.turns() if turn.user_id == NARRATOR]


async def test_after_a_long_silence_one_begins_about_something_it_cares_for(room: Room) -> None:
    await room.ask()
    room.stage.clock.advance(HOUR - 60)
    await begin(room)
    assert await began(room) == []
    room.stage.clock.advance(60)
    await begin(room)
    (opening,) = await began(room)
    topic = {"Peter": "fireworks", "Brian": "opera"}[opening.character_name]
    assert f"begins to talk about {topic}" in opening.input_text
    assert opening.reply


async def test_in_a_channel_where_nothing_was_ever_said_one_begins(room: Room) -> None:
    await begin(room)
    await begin(room)
    assert len(await began(room)) == 1


async def test_not_more_often_a_day_than_wanted(room: Room) -> None:
    for _ in range(20):
        room.stage.clock.advance(HOUR + 1)
        await begin(room)
    assert len(await began(room)) == 2
    room.stage.clock.advance(24 * HOUR)
    await begin(room)
    assert len(await began(room)) == 3


async def test_an_opening_that_came_to_nothing_is_followed_by_another_after_as_long_again(room: Room) -> None:
    await room.ask()
    room.stage.clock.advance(HOUR)
    await room.starters().look_at("room")
    room.stage.clock.advance(2)
    (plan,) = await room.due(0)
    await room.plans.end(plan, "dropped", "the model was away", room.stage.clock.now())
    await begin(room)
    assert await began(room) == []
    room.stage.clock.advance(HOUR)
    await begin(room)
    assert len(await began(room)) == 1


async def test_a_person_who_comes_first_is_not_talked_over(room: Room) -> None:
    await room.ask()
    room.stage.clock.advance(HOUR)
    await room.starters().look_at("room")
    (plan,) = await room.due(0)
    await room.hear("Anybody here?")
    await room.prompter().carry_out(plan)
    assert await began(room) == []


async def test_what_follows_an_opening_keeps_within_the_limit(room: Room) -> None:
    room.settings = SETTINGS.model_copy(update={"decay": 1, "character_cooldown_s": 0, "pair_cooldown_s": 0})
    await begin(room)
    for _ in range(8):
        await room.pass_time()
    assert len(await room.turns()) <= 1 + SETTINGS.chain_limit


async def test_nobody_begins_where_it_is_to_be_quiet_nor_elsewhere(room: Room) -> None:
    await room.service().keep_quiet(QuietRequest(channel_id="room", minutes=600))
    await begin(room)
    assert await began(room) == []
    room.settings = CoordinatorSettings()
    await room.starters().keep_beginning()  # ends at once: no channel asks for it


async def test_a_line_from_outside_ends_the_silence(room: Room) -> None:
    await room.ask()
    room.stage.clock.advance(HOUR)
    await room.router.note(OrganicNotice(character_name="Brian", text="Good evening.", channel_id="room"))
    await begin(room)
    assert await began(room) == []
