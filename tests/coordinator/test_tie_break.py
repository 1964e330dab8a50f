"""The model's word counts only where two are equally likely, where it may be asked, and where it answers well."""

import pytest

from greenroom.config import CoordinatorSettings
from greenroom.coordinator.selection import Chances
from greenroom.coordinator.tie_break import REASON, TieBreak
from greenroom.errors import NoUpstream
from greenroom.llm.understudy import Understudy
from greenroom.model import ChatRequest, TurnRef
from greenroom.storage.database import Database
from greenroom.testing import FrozenClock, ScriptedModel
from tests.coordinator.lines import chances, character, lines
from tests.coordinator.room import TALKATIVE, Room
from tests.router.company import asking

ASKING = CoordinatorSettings(ask_model=True)
TWINS = {name: character(name) for name in ("Ada", "Bo")}
SAID = lines("Ann: Nice weather.")
TIED = chances(SAID, [*TWINS], ["Ann"], TWINS)


async def chosen(
    model: ScriptedModel | Understudy, settings: CoordinatorSettings = ASKING, found: Chances = TIED
) -> str | None:
    return await TieBreak(model, settings).choose(SAID, found, TWINS)


@pytest.mark.parametrize("answer", ['{"speaker": "Bo"}', '```json\n{"speaker": "Bo"}\n```'])
async def test_the_model_decides_between_two_who_are_equally_likely(answer: str) -> None:
    model = ScriptedModel(answer)
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


async def asked_after(database: Database, last: dict[str, object]) -> ChatRequest:
    """What the model is asked of a last line, after a whisper to one, one to both, and a scene of one."""
    room = Room(database, TALKATIVE.model_copy(update={"ask_model": True, "ask_model_within": 1.0}))
    for word, setting in (
        ("whispered", {"place": "private", "present": ("peter",)}),
        ("between-us", {"place": "private", "present": ("peter", "brian")}),
        ("alone", {"place": "scene", "present": ("peter",)}),
    ):
        await room.router.orchestrate(asking(f"Peter, a beer? {word}", **setting))
    await room.hear("Beer, anybody?", **last)
    await room.pass_time()
    requests = [r for r in room.stage.model.requests if isinstance(r, ChatRequest) and r.role == "analysis"]
    return requests[-1]


async def test_the_model_is_shown_no_line_that_one_of_the_candidates_did_not_witness(database: Database) -> None:
    request = await asked_after(database, {})
    shown = request.messages[-1].content
    assert "Beer, anybody?" in shown
    assert [word for word in ("whispered", "between-us", "alone") if word in shown] == []
    assert request.use_cache is False


async def test_among_those_who_know_it_the_model_is_shown_what_was_said_in_private(database: Database) -> None:
    request = await asked_after(database, {"place": "private", "present": ("peter", "brian")})
    shown = request.messages[-1].content
    assert [word for word in ("whispered", "between-us", "alone") if word in shown] == ["between-us"]
