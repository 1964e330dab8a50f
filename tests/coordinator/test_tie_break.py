"""The model's word counts only where two are equally likely, where it may be asked, and where it answers well."""

import pytest

from greenroom.config import CoordinatorSettings
from greenroom.coordinator.selection import Chances, chances
from greenroom.coordinator.tie_break import REASON, TieBreak
from greenroom.errors import NoUpstream
from greenroom.llm.understudy import Understudy
from greenroom.model import TurnRef
from greenroom.storage.database import Database
from greenroom.testing import FrozenClock, ScriptedModel
from tests.coordinator.lines import character, lines
from tests.coordinator.room import TALKATIVE, Room

ASKING = CoordinatorSettings(ask_model=True)
TWINS = {name: character(name) for name in ("Ada", "Bo")}
SAID = lines("Ann: Nice weather.")
TIED = chances(SAID, [*TWINS], ["Ann"], TWINS)


async def chosen(
    model: ScriptedModel | Understudy, settings: CoordinatorSettings = ASKING, found: Chances = TIED
) -> str | None:
    return await TieBreak(model, settings).choose(SAID, found, TWINS)


async def test_the_model_decides_between_two_who_are_equally_likely() -> None:
    model = ScriptedModel('{"speaker": "Bo"}')
    assert await chosen(model) == "Bo"
    (request,) = model.requests
    assert request.role == "analysis"
    assert request.format["properties"]["speaker"]["enum"] == ["Ada", "Bo"]  # type: ignore[index, call-overload]


async def test_it_is_not_asked_where_one_is_likelier_or_the_setting_is_off() -> None:
    model = ScriptedModel('{"speaker": "Bo"}')
    called = chances(lines("Ann: Ada, nice weather."), [*TWINS], ["Ann"], TWINS)
    assert await chosen(model, found=called) is None
    assert await chosen(model, CoordinatorSettings()) is None
    assert model.requests == []


@pytest.mark.parametrize("answer", ['{"speaker": "Zed"}', "Bo, I think", "[]", '{"speaker": 7}', "{" * 3000])
async def test_an_answer_that_names_neither_counts_for_nothing(answer: str) -> None:
    assert await chosen(ScriptedModel(answer)) is None


async def test_a_model_that_is_away_or_only_the_stand_in_decides_nothing() -> None:
    model = ScriptedModel()
    model.enqueue(NoUpstream("away"))
    assert await chosen(model) is None
    assert await chosen(Understudy(FrozenClock())) is None


async def test_the_receipt_says_that_the_model_was_asked(database: Database) -> None:
    settings = TALKATIVE.model_copy(update={"ask_model": True})
    room = Room(database, settings)
    await room.hear("Anybody?")
    room.stage.model.enqueue('{"speaker": "Brian"}')
    await room.pass_time()
    (answer,) = (await room.turns())[1:]
    receipt = await room.stage.log().explain(TurnRef(id=answer.id))
    assert answer.character_name == "Brian"
    assert receipt.request is not None
    assert receipt.request.cause is not None
    assert REASON in receipt.request.cause.reasons
