"""Forgetting a person, taking one's data along, retention, and what the cache must give up."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from greenroom.config import TurnSettings
from greenroom.errors import NotFound, ServiceAway
from greenroom.ids import RANDOM_IDS
from greenroom.model import (
    CacheEntryRef,
    ChannelRequest,
    Chunk,
    Decision,
    FollowRequest,
    HeardLine,
    LineRef,
    Nothing,
    PersonRef,
    Rating,
    RatingsRequest,
    SaidRequest,
    TurnId,
    TurnRef,
)
from greenroom.ports import Turns
from greenroom.router.forgetting import Forgetting
from greenroom.router.lines import Lines, Rows
from greenroom.router.upkeep import Upkeep
from greenroom.storage.database import Database
from greenroom.testing import FixedRouting
from greenroom.tuning.follower import Follower
from greenroom.tuning.performances import Performances
from greenroom.tuning.service import TuningService
from tests.conftest import Reach
from tests.router.company import Stage, asking


class Purging:
    """A cache that notes what it is told to forget."""

    def __init__(self) -> None:
        self.purged: list[str] = []
        self.away = False

    async def purge(self, which: CacheEntryRef, /) -> Nothing:
        if self.away:
            raise ServiceAway("llm does not answer")
        self.purged.append(which.key)
        if which.key == "unknown":
            raise NotFound("there is no such answer")
        return Nothing()


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


class Killed(BaseException):
    """The end of a process."""


class DyingLines(Lines):
    """Dies when it is to take back the first line."""

    def take_back(self, connection: Connection, said: Rows) -> None:
        raise Killed


def upkeep(stage: Stage, cache: Purging | None = None, routing: FixedRouting | None = None) -> Upkeep:
    purging, forgetting = cache or Purging(), stage.log().forgetting
    return Upkeep(forgetting, purging, routing or FixedRouting(), stage.database, stage.settings, stage.clock)  # type: ignore[arg-type]


async def talk(stage: Stage, *lines: str, **more: object) -> list[TurnId]:
    """Have lines answered; the ids of their turns."""
    turns = []
    for line in lines:
        stage.model.enqueue(f"You say {line}")
        turns.append((await stage.router().orchestrate(asking(line, **more))).metadata.turn_id)
    return turns


async def states(stage: Stage) -> list[str]:
    return sorted(turn.state for turn in (await stage.log().follow(FollowRequest(limit=1000))).turns)


async def test_a_person_is_forgotten_and_others_are_not(stage: Stage, reach: Reach) -> None:
    await talk(stage, *(f"secret {number}" for number in range(3)))
    await stage.router().hear(HeardLine(text="secret 4", channel_id="room", user_id="ann", user_name="Ann"))
    await talk(stage, "And I?", user_id="bob", user_name="Bob")
    turns = await reach(Turns, stage.log())
    assert (await turns.forget(PersonRef(user_id="ann"))).turns == 4
    assert (await turns.forget(PersonRef(user_id="ann"))).turns == 0
    said = (await turns.recall(ChannelRequest(channel_id="room"))).messages
    assert [message.content for message in said] == ["And I?", "You say And I?"]
    page = await turns.follow(FollowRequest())
    assert {(t.state, t.user_id) for t in page.turns} == {("withdrawn", ""), ("forgotten", "ann"), ("answered", "bob")}
    receipts = [(await turns.explain(TurnRef(id=turn.id))).model_dump_json() for turn in page.turns]
    assert not any("secret" in receipt or "Ann" in receipt for receipt in receipts)
    await talk(stage, "Hello again.")
    assert (await upkeep(stage).tidy(), (await states(stage)).count("answered")) == (False, 2)


async def test_forgetting_goes_on_after_a_kill(stage: Stage) -> None:
    await talk(stage, "one", "two")

    forgetting = Forgetting(stage.database, DyingLines(stage.database, stage.clock), stage.clock, RANDOM_IDS)
    with pytest.raises(Killed):
        await forgetting.forget(PersonRef(user_id="ann"))
    assert await states(stage) == ["answered", "answered", "forgotten"]
    await upkeep(stage).tidy()
    assert await states(stage) == ["forgotten", "withdrawn", "withdrawn"]


async def test_what_a_person_said_can_be_taken_along(stage: Stage, reach: Reach) -> None:
    await talk(stage, "one", "two")
    await talk(stage, "three", user_id="bob")
    turns = await reach(Turns, stage.log())
    first = await turns.export(SaidRequest(user_id="ann", limit=1))
    rest = await turns.export(SaidRequest(user_id="ann", after=first.cursor))
    assert [(turn.input_text, turn.reply) for turn in (*first.turns, *rest.turns)] == [
        ("one", "You say one"),
        ("two", "You say two"),
    ]
    assert (await turns.export(SaidRequest(user_id="carl"))).turns == ()


async def test_lines_expire_when_the_owner_wants_it_and_tombstones_after_a_month(stage: Stage) -> None:
    stage.settings = TurnSettings(retention_days=7)
    await talk(stage, "old")
    stage.clock.advance(timedelta(days=5).total_seconds())
    await talk(stage, "new")
    care = upkeep(stage)
    await care.tidy()
    assert await states(stage) == ["answered", "answered"]
    stage.clock.advance(timedelta(days=3).total_seconds())
    await care.tidy()
    assert await states(stage) == ["answered", "withdrawn"]
    stage.clock.advance(timedelta(days=40).total_seconds())
    await care.tidy()
    assert await states(stage) == ["withdrawn"], "what has just expired is still told to those who follow"


async def test_nothing_expires_unless_the_owner_wants_it(stage: Stage) -> None:
    await talk(stage, "old")
    stage.clock.advance(timedelta(days=4000).total_seconds())
    await upkeep(stage).tidy()
    assert await states(stage) == ["answered"]


async def test_many_lines_go_in_small_steps(stage: Stage) -> None:
    for number in range(120):
        await stage.log().hear(HeardLine(text=f"line {number}", channel_id=f"room {number % 3}", user_id="ann"))
    assert (await stage.log().forget(PersonRef(user_id="ann"))).turns == 120
    assert (await states(stage)).count("withdrawn") == 120


async def test_the_cache_forgets_answers_whose_prompts_held_the_line(stage: Stage) -> None:
    turns = []
    for key in ("first", "second", "unknown"):
        stage.model.enqueue(Chunk(model="scripted/model", text="Hi.", cache="miss", key=key))
        turns.append((await stage.router().orchestrate(asking("Hello."))).metadata.turn_id)
    cache = Purging()
    care = upkeep(stage, cache)
    await stage.log().withdraw(LineRef(turn_id=turns[1]))
    cache.away = True
    with pytest.raises(ServiceAway):
        await care.tidy()
    cache.away = False
    assert await care.tidy(), "there was something to do"
    assert not await care.tidy()
    assert sorted(cache.purged) == ["second", "unknown"], "the first prompt did not hold it"


async def test_the_gateway_forgets_what_two_models_said_to_the_line(stage: Stage) -> None:
    chosen = Decision(complexity="low", score=0.1, reasons=(), route="local", model="scripted/model", id="d1")
    stage.model.enqueue(Chunk(model="scripted/model", text="Hi.", route=chosen))
    turn = (await stage.router().orchestrate(asking("Hello."))).metadata.turn_id
    routing = FixedRouting()
    await stage.log().withdraw(LineRef(turn_id=turn))
    assert await upkeep(stage, routing=routing).tidy()
    assert routing.forgotten == ["d1"]


async def test_opinions_of_who_is_forgotten_go_and_figures_of_what_was_taken_back(stage: Stage) -> None:
    mine, theirs = await talk(stage, "mine") + await talk(stage, "theirs", user_id="bob")
    tuning = TuningService(stage.database, stage.log(), FixedRouting(), stage.clock)
    performances = Performances(stage.database)
    follower = Follower(stage.log(), performances, stage.clock)
    for turn_id, user_id in ((mine, "bob"), (theirs, "ann"), (theirs, "bob")):
        rating = {"turn_id": turn_id, "user_id": user_id, "character": "peter", "thumb": 1}
        await tuning.rate(Rating.model_validate(rating))
    await follower.read_page()
    assert (await performances.sums(None)).turns == 2
    await stage.log().forget(PersonRef(user_id="ann"))
    await follower.read_page()
    assert (await performances.sums(None)).turns == 1
    left = (await tuning.ratings(RatingsRequest())).ratings
    assert [(rating.turn_id, rating.user_id) for rating in left] == [(theirs, "bob")]


async def test_no_byte_of_a_forgotten_line_is_left_in_the_file(tmp_path: Path) -> None:
    said, file = "the number is 4711-0815", tmp_path / "greenroom.db"
    async with Database(f"sqlite:///{file}") as database:
        stage = Stage(database)
        await talk(stage, f"{said} {'x' * 9000}", "Another thing.")
        await stage.log().forget(PersonRef(user_id="ann"))
    assert said.encode() not in file.read_bytes()
