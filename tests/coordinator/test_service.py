import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from greenroom.config import CoordinatorSettings
from greenroom.coordinator.follow_ups import FollowUps
from greenroom.coordinator.plans import Plans
from greenroom.coordinator.service import CoordinatorService
from greenroom.errors import Conflict, ServiceAway, UnknownCharacter
from greenroom.model import (
    ChannelRequest,
    FloorRequest,
    Interest,
    OpportunityRequest,
    OrganicRequest,
    QuietRequest,
    Sheet,
    SpeakerRequest,
    Turn,
)
from greenroom.ports import Coordinator
from greenroom.router.service import RouterService
from greenroom.storage.database import Database
from greenroom.testing import FixedCast, ScriptedModel
from tests.conftest import Reach
from tests.coordinator.lines import lines
from tests.router.company import Stage, asking

BEER = (Interest(topic="beer", weight=1.0),)
TALKATIVE = CoordinatorSettings(decay=1, chain_limit=2, character_cooldown_s=0, pair_cooldown_s=0)


@dataclass
class Channel:
    """A router with two characters who love beer, and what the coordinator makes of it."""

    database: Database
    settings: CoordinatorSettings = TALKATIVE
    stage: Stage = field(init=False)
    router: RouterService = field(init=False)

    def __post_init__(self) -> None:
        cast = FixedCast(Sheet(name="Peter", interests=BEER), Sheet(name="Brian", interests=BEER))
        self.stage = Stage(self.database, model=ScriptedModel("Peter, Brian, I do love a beer."), cast=cast)
        self.router = self.stage.router()

    def service(self) -> CoordinatorService:
        stage = self.stage
        return CoordinatorService(self.router, stage.log(), stage.cast, self.database, self.settings, stage.clock)

    def follow_ups(self) -> FollowUps:
        """The part that follows the log, to be stepped by hand."""
        plans = Plans(self.database)
        return FollowUps(self.router, self.stage.log(), self.stage.cast, plans, self.settings, self.stage.clock)

    async def ask(self, text: str = "What is your favorite beer?") -> None:
        await self.router.orchestrate(asking(text))

    async def pass_time(self, seconds: float = 12.0) -> None:
        """What happens in a channel while it is left alone for a while."""
        follow_ups = self.follow_ups()
        await follow_ups.read_page()
        self.stage.clock.advance(seconds)
        for plan in await Plans(self.database).due(self.stage.clock.now()):
            await follow_ups.carry_out(plan)

    async def turns(self) -> tuple[Turn, ...]:
        return (await self.stage.log().recall(ChannelRequest(channel_id="room"))).turns

    async def speakers(self) -> list[str]:
        return [turn.character_name for turn in await self.turns()]


@pytest.fixture
def channel(database: Database) -> Channel:
    return Channel(database)


async def test_another_falls_in_on_an_answer_after_a_pause_and_then_there_is_quiet(channel: Channel) -> None:
    await channel.ask()
    for _ in range(6):
        await channel.pass_time()
    turns = await channel.turns()
    assert [(t.character_name, t.message_type) for t in turns] == [
        ("Peter", "direct"),
        ("Brian", "organic"),
        ("Peter", "organic"),
    ]
    assert turns[1].user_name == "Peter"
    assert turns[1].input_text == turns[0].reply
    pauses = [(b.begun_at - (a.ended_at or a.begun_at)).total_seconds() for a, b in pairwise(turns)]
    assert all(1 <= pause <= 12 for pause in pauses)


async def test_nothing_is_said_before_its_time(channel: Channel) -> None:
    await channel.ask()
    await channel.pass_time(0.5)
    assert await channel.speakers() == ["Peter"]


async def test_a_person_who_speaks_meanwhile_is_not_talked_over(channel: Channel) -> None:
    await channel.ask()
    await channel.follow_ups().read_page()
    await channel.ask("And wine?")
    channel.stage.clock.advance(12)
    for plan in await Plans(channel.database).due(channel.stage.clock.now()):
        await channel.follow_ups().carry_out(plan)
    assert await channel.speakers() == ["Peter", "Peter"]


async def test_two_coordinators_and_a_crash_make_one_line(channel: Channel) -> None:
    await channel.ask()
    one, other = channel.follow_ups(), channel.follow_ups()
    await asyncio.gather(one.read_page(), other.read_page())
    channel.stage.clock.advance(12)
    due = await Plans(channel.database).due(channel.stage.clock.now())
    assert len(due) == 1
    await asyncio.gather(one.carry_out(due[0]), other.carry_out(due[0]))
    await channel.follow_ups().carry_out(due[0])  # as after a crash between the line and the note that it was said
    assert await channel.speakers() == ["Peter", "Brian"]


async def test_a_plan_outlives_the_coordinator_that_made_it(channel: Channel) -> None:
    await channel.ask()
    await channel.follow_ups().read_page()
    channel.stage.clock.advance(12)
    async with channel.service():
        await _until(channel, 2)


async def test_while_it_is_open_it_follows_the_log_by_itself(channel: Channel) -> None:
    async with channel.service():
        await channel.ask()
        await _until(channel, 3)
    assert await channel.speakers() == ["Peter", "Brian", "Peter"]


async def _until(channel: Channel, count: int) -> None:
    async with asyncio.timeout(60):
        while len([t for t in await channel.turns() if t.reply]) < count:  # noqa: ASYNC110 - the log has no event
            await asyncio.sleep(0.01)


async def test_a_channel_that_is_told_to_be_quiet_is_quiet_at_once(channel: Channel, reach: Reach) -> None:
    await channel.ask()
    await channel.follow_ups().read_page()
    async with _reached(channel, reach) as coordinator:
        floor = await coordinator.keep_quiet(QuietRequest(channel_id="room", minutes=10))
        assert floor.quiet_until is not None
        assert floor.next_at is None
        found = await coordinator.analyze_opportunity(OpportunityRequest(channel_id="room"))
        assert "quiet until" in found.why_not
        with pytest.raises(Conflict, match="told to be quiet"):
            await coordinator.fall_in(OrganicRequest(channel_id="room"))
        lifted = await coordinator.keep_quiet(QuietRequest(channel_id="room", minutes=0))
        assert lifted.quiet_until is None
    await channel.pass_time()
    assert await channel.speakers() == ["Peter"]


@asynccontextmanager
async def _reached(channel: Channel, reach: Reach) -> AsyncIterator[Coordinator]:
    """The service without its tasks, so that nothing happens by itself."""
    yield await reach(Coordinator, channel.service())


async def test_where_characters_shall_not_talk_unasked_they_do_not(channel: Channel) -> None:
    channel.settings = CoordinatorSettings(organic=False)
    await channel.ask()
    await channel.pass_time()
    assert await channel.speakers() == ["Peter"]


async def test_the_state_of_a_channel_tells_who_comes_next(channel: Channel, reach: Reach) -> None:
    await channel.ask()
    await channel.follow_ups().read_page()
    coordinator = await reach(Coordinator, channel.service())
    floor = await coordinator.conversation_state(FloorRequest(channel_id="room"))
    assert (floor.last_speaker, floor.last_person, floor.next_speaker) == ("Peter", "Ann", "Brian")
    assert (floor.unasked, floor.chain_limit, floor.lines_last_minute) == (0, 2, 1)
    empty = await coordinator.conversation_state(FloorRequest(channel_id="nowhere"))
    assert (empty.last_speaker, empty.unasked, empty.momentum) == (None, 0, 0)


async def test_who_speaks_next_is_told_with_chances_and_reasons(channel: Channel, reach: Reach) -> None:
    coordinator = await reach(Coordinator, channel.service())
    said = lines("Ann: Hello.", "Peter: Hey!", "Ann: brian, a beer?")
    asked = SpeakerRequest(conversation_history=said, candidates=("Peter", "Brian", "Lois"), people=("Ann",))
    choice = await coordinator.select_speaker(asked)
    assert choice.selected == "Brian"
    assert choice.reasons["Brian"][:2] == ("was called by name", "cares for what is spoken of")
    assert sum(choice.scores.values()) + choice.silence == pytest.approx(1, abs=1e-4)
    assert 1 <= choice.delay_s <= 12
    assert choice == await coordinator.select_speaker(asked)


async def test_a_conversation_that_the_log_does_not_have_can_be_told(channel: Channel, reach: Reach) -> None:
    coordinator = await reach(Coordinator, channel.service())
    told = OpportunityRequest(channel_id="x", conversation_history=lines("Ann: Hi.", "Peter: Beer!"))
    found = await coordinator.analyze_opportunity(told)
    assert found.character == "Brian"
    alone = told.model_copy(update={"candidates": ("Peter",)})
    assert (await coordinator.analyze_opportunity(alone)).why_not == "nobody is free to speak"


async def test_a_character_falls_in_on_request_and_an_unknown_one_does_not(channel: Channel, reach: Reach) -> None:
    await channel.ask()
    coordinator = await reach(Coordinator, channel.service())
    with pytest.raises(UnknownCharacter):
        await coordinator.fall_in(OrganicRequest(channel_id="room", character="Meg"))
    with pytest.raises(Conflict, match="nothing was said"):
        await coordinator.fall_in(OrganicRequest(channel_id="nowhere"))
    reply = await coordinator.fall_in(OrganicRequest(channel_id="room", character="brian"))
    assert reply.character == "brian"
    assert await channel.speakers() == ["Peter", "Brian"]


async def test_a_router_that_is_away_costs_the_line_and_nothing_else(channel: Channel) -> None:
    await channel.ask()
    channel.stage.model.enqueue(ServiceAway("the model is away"))
    await channel.pass_time()
    channel.stage.model = ScriptedModel("Back again.")
    await channel.ask("Still there?")
    assert (await channel.turns())[-1].state == "answered"
