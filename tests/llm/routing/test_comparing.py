"""What the other model would have said, and what is learnt from that."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from greenroom.config import RoutingSettings
from greenroom.errors import UpstreamFailed
from greenroom.llm.dialect import joined
from greenroom.llm.routing.journal import Journal, Routed
from greenroom.llm.routing.learning import Learning
from greenroom.llm.routing.prints import printed
from greenroom.llm.routing.tables import routed_comparisons
from greenroom.model import (
    ChatRequest,
    Chunk,
    Comparison,
    ComplexityRequest,
    DecisionRef,
    GenerateRequest,
    Nothing,
    Outcome,
    Page,
    Usage,
)
from greenroom.ports import Routing
from greenroom.storage.database import Database
from greenroom.testing import FrozenClock, ScriptedModel
from tests.conftest import Reach
from tests.llm.routing.houses import EASY, HARD, Home, home, model
from tests.llm.routing.test_fitting import EASY_HERE, HARD_HERE, asked
from tests.llm.routing.test_routed import chat
from tests.waiting import until

CLOUD = "far/model"
ALWAYS: dict[str, Any] = {"cloud": CLOUD, "compare_share": 0.2, "prices": {"far/*": {"input": 1.0, "output": 1.0}}}


def at_home(verdict: str = '{"better": "first"}') -> ScriptedModel:
    """The model at home, which is the referee too. The local answer is shown first, as the tests draw nought."""
    scripted = ScriptedModel(lambda asked: verdict if asked.role == "analysis" else "this is ollama")
    scripted.card, scripted.details = model("ollama").card, model("ollama").details
    return scripted


async def compared(house: Home) -> tuple[Comparison, ...]:
    await house.comparing.compared()
    return (await house.learning.comparisons(Page())).comparisons


@pytest.mark.parametrize(
    ("verdict", "is_as_good"),
    [("first", True), ("second", False), ("neither", True), ("both", None)],
)
async def test_an_answer_from_home_is_held_against_the_clouds(
    tmp_path: Path, verdict: str, is_as_good: bool | None
) -> None:
    async with home(tmp_path, at_home(f'{{"better": "{verdict}"}}'), model("far"), **ALWAYS) as house:
        answer = await chat(house.routed, EASY)
        (found,) = await compared(house)
        assert answer.route is not None
        assert found == Comparison(
            decision=answer.route.id,
            prompt=EASY,
            local_model="ollama/model",
            cloud_model=CLOUD,
            local_answer="this is ollama",
            cloud_answer="this is far",
            local_is_as_good=is_as_good,
            happened_at=found.happened_at,
        )
        outcomes = (await house.learning.state(Nothing())).outcomes
        assert outcomes == (0 if is_as_good is None else 1)
        assert house.models["far"].requests[0].role == "maintenance", "so that people go before it"


async def test_a_comparison_is_forgotten_also_while_it_is_made(tmp_path: Path) -> None:
    async with home(tmp_path, at_home(), model("far"), **ALWAYS) as house:
        first = await chat(house.routed, EASY)
        assert first.route is not None
        assert len(await compared(house)) == 1
        await house.learning.forget_comparison(DecisionRef(decision=first.route.id))
        assert await compared(house) == ()
        second = await chat(house.routed, EASY)
        assert second.route is not None
        await house.learning.forget_comparison(DecisionRef(decision=second.route.id))
        assert await compared(house) == ()


async def test_what_is_not_to_be_kept_is_not_compared(tmp_path: Path) -> None:
    async with home(tmp_path, at_home(), model("far"), **ALWAYS) as house:
        await chat(house.routed, EASY, use_cache=False)
        assert await compared(house) == ()


async def test_an_answer_from_the_cloud_is_held_against_the_one_from_home(tmp_path: Path) -> None:
    async with home(tmp_path, at_home(), model("far"), **ALWAYS) as house:
        assert (await chat(house.routed, HARD)).text == "this is far"
        (found,) = await compared(house)
        assert (found.local_answer, found.cloud_answer) == ("this is ollama", "this is far")
        assert (await house.learning.state(Nothing())).outcomes == 1, "of the model at home, though the cloud answered"


async def test_prompts_are_compared_too(tmp_path: Path) -> None:
    async with home(tmp_path, at_home(), model("far"), **ALWAYS) as house:
        await joined(house.routed.generate(GenerateRequest(model="auto", role=None, prompt=EASY)))
        assert [found.prompt for found in await compared(house)] == [EASY]


async def test_the_same_answer_needs_no_referee(tmp_path: Path) -> None:
    async with home(tmp_path, at_home(), ScriptedModel("this is  ollama", card=model("far").card), **ALWAYS) as house:
        await chat(house.routed, EASY)
        (found,) = await compared(house)
        assert found.local_is_as_good
        assert all(request.role != "analysis" for request in house.models["ollama"].requests)


@pytest.mark.parametrize(
    "otherwise",
    [
        {"compare_share": 0},
        {"compare_budget_usd": 0.0001},
        {"prices": {}},
        {"cloud": ""},
    ],
    ids=["not wanted", "no money left", "nobody knows the price", "no cloud"],
)
async def test_nobody_else_is_asked_where_that_is_not_wanted_or_cannot_be_paid(
    tmp_path: Path, otherwise: dict[str, Any]
) -> None:
    async with home(tmp_path, at_home(), model("far"), **ALWAYS | otherwise) as house:
        assert (await chat(house.routed, EASY)).text == "this is ollama"
        assert await compared(house) == ()
        assert house.models["far"].requests == []


async def test_a_day_costs_no_more_than_is_set(tmp_path: Path) -> None:
    far = model("far")
    async with home(tmp_path, at_home(), far, **ALWAYS | {"compare_budget_usd": 0.01}) as house:
        for _ in range(12):
            usage = Usage(prompt_tokens=10, completion_tokens=2990, cost_usd=0.003)
            far.enqueue("this is far", Chunk(model=CLOUD, done=True, done_reason="stop", usage=usage))
            await chat(house.routed, EASY)
            await compared(house)
        assert len(far.requests) == 3, "a fourth might have cost more than the tenth of a cent that is left"


async def test_without_a_language_model_to_judge_nobody_is_asked(tmp_path: Path) -> None:
    async with home(tmp_path, model("understudy"), model("far"), **ALWAYS | {"cloud": ""}) as house:
        await chat(house.routed, EASY)
        assert await compared(house) == ()


async def test_what_another_answered_in_the_models_place_is_not_compared(tmp_path: Path) -> None:
    fallbacks = ["ollama/model > far/model"]
    async with home(tmp_path, at_home(), model("far"), fallbacks=fallbacks, **ALWAYS) as house:
        house.models["ollama"].enqueue(UpstreamFailed("out of memory"))
        await chat(house.routed, EASY)
        assert await compared(house) == ()


async def test_a_rating_counts_for_more_than_a_comparison(tmp_path: Path) -> None:
    async with home(tmp_path, at_home('{"better": "second"}'), model("far"), **ALWAYS) as house:
        answer = await chat(house.routed, EASY)
        assert answer.route is not None
        await compared(house)
        await house.learning.record(Outcome(decision=answer.route.id, good=1))
        assert (await house.learning.refit(Nothing())).outcomes == 1


async def test_comparisons_teach_which_requests_are_too_much_for_the_model_at_home(tmp_path: Path) -> None:
    """The whole way: requests, both answers, the referee, outcomes, new weights, and the next decision."""

    def says(request: ChatRequest | GenerateRequest) -> str:
        if request.role != "analysis" or not isinstance(request, ChatRequest):
            return "this is ollama"
        return '{"better": "second"}' if HARD_HERE in request.messages[-1].content else '{"better": "neither"}'

    scripted = ScriptedModel(says, card=model("ollama").card)
    scripted.details = model("ollama").details
    async with home(tmp_path, scripted, model("far"), **ALWAYS | {"compare_budget_usd": 100}) as house:
        for number in range(104):
            await chat(house.routed, asked(number))
            await house.comparing.compared()
        await until(lambda: house.learning.weights.version > 0)
        at_home, away = [
            await house.routes.analyze(ComplexityRequest(prompt=f"what of {subject}?"))
            for subject in (EASY_HERE, HARD_HERE)
        ]
    assert away.score > at_home.score
    assert "it is like what needed a better model before" in away.reasons


async def test_comparisons_are_listed_over_the_port_and_outlive_a_restart(reach: Reach, tmp_path: Path) -> None:
    async with home(tmp_path, at_home(), model("far"), **ALWAYS) as house:
        for _ in range(3):
            await chat(house.routed, EASY)
            await compared(house)
    async with home(tmp_path, at_home(), model("far"), **ALWAYS) as house:
        listed = await (await reach(Routing, house.learning)).comparisons(Page(limit=2))
        assert (len(listed.comparisons), listed.total) == (2, 3)


@pytest.mark.parametrize("occasion", ["the next request", "a start", "a look"])
async def test_a_comparison_is_gone_after_a_week(database: Database, occasion: str) -> None:
    clock = FrozenClock()
    journal = Journal(database, clock, window=200)
    both = {"local_model": "a/a", "cloud_model": "b/b", "local_answer": "Yes.", "cloud_answer": "No."}
    told = {"decision": "d", "prompt": "My name is Ann.", "local_is_as_good": True, "happened_at": clock.now()}
    await journal.keep_comparison(Comparison.model_validate(both | told))
    clock.advance(7 * 86_400)
    assert (await journal.comparisons(Page())).total == 1
    clock.advance(1)
    if occasion == "the next request":
        journal.note(Routed("r", "local", printed("Hello."), clock.now()))
        await journal.write()
    elif occasion == "a start":
        async with Learning(RoutingSettings(), journal, clock):
            pass
    else:
        assert (await journal.comparisons(Page())).total == 0
    async with database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(routed_comparisons)) == 0
