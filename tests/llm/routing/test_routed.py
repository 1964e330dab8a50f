"""Which model answers what is asked of `auto`."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from greenroom.errors import NoUpstream, Overloaded, UnknownModel, UpstreamFailed
from greenroom.llm.dialect import joined
from greenroom.llm.routing.prints import printed
from greenroom.model import (
    ChatMessage,
    ChatRequest,
    Chunk,
    ComplexityRequest,
    GenerateRequest,
    ModelCard,
    ModelDetails,
    ModelRef,
    Models,
    Nothing,
    Options,
)
from greenroom.ports import Complexity, Llm
from greenroom.testing import ScriptedModel
from tests.conftest import Reach
from tests.llm.routing.houses import EASY, HARD, AwayModel, Home, home, model

CLOUD = "far/model"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Home]:
    async with home(
        tmp_path,
        model("ollama"),
        model("far", "tools", "vision", context_tokens=100_000),
        model("understudy"),
        cloud=CLOUD,
    ) as house:
        yield house


def said(text: str, **more: Any) -> ChatRequest:
    return ChatRequest(**{"model": "auto", "role": None, "messages": (ChatMessage(role="user", content=text),), **more})


async def chat(llm: Llm, text: str, **more: Any) -> Chunk:
    return await joined(llm.chat(said(text, **more)))


async def test_easy_requests_stay_at_home_and_hard_ones_go_to_the_cloud(reach: Reach, house: Home) -> None:
    llm = await reach(Llm, house.routed)
    assert (await chat(llm, EASY)).text == "this is ollama"
    assert (await chat(llm, HARD)).text == "this is far"


async def test_the_answer_says_how_its_model_was_chosen(reach: Reach, house: Home) -> None:
    llm = await reach(Llm, house.routed)
    route = (await chat(llm, HARD)).route
    assert route is not None
    assert (route.complexity, route.route, route.model) == ("high", "cloud", CLOUD)
    assert route.score > 0.65
    assert "it has formulas" in route.reasons


async def test_a_prompt_goes_the_same_way_as_a_message(reach: Reach, house: Home) -> None:
    llm = await reach(Llm, house.routed)
    answer = await joined(llm.generate(GenerateRequest(model="auto", role=None, prompt=HARD)))
    assert (answer.text, answer.route and answer.route.route) == ("this is far", "cloud")


async def test_a_model_that_the_caller_names_always_answers(reach: Reach, house: Home) -> None:
    llm = await reach(Llm, house.routed)
    answer = await chat(llm, HARD, model="ollama/model")
    assert (answer.text, answer.route) == ("this is ollama", None)


async def test_only_the_last_thing_that_a_person_said_is_judged(reach: Reach, house: Home) -> None:
    llm = await reach(Llm, house.routed)
    messages = tuple(ChatMessage(role="user", content=text) for text in (HARD, EASY))
    assert (await chat(llm, "", messages=messages)).text == "this is ollama"


async def test_analysis_says_what_would_be_done_and_asks_nobody(reach: Reach, house: Home) -> None:
    complexity = await reach(Complexity, house.routes)
    done = (await chat(house.routed, HARD)).route
    asked = len(house.models["far"].requests)
    assert done is not None
    assert await complexity.analyze(ComplexityRequest(prompt=HARD)) == done.model_copy(update={"id": ""})
    assert len(house.models["far"].requests) == asked


async def test_analysis_of_a_named_model_keeps_to_it(reach: Reach, house: Home) -> None:
    complexity = await reach(Complexity, house.routes)
    decision = await complexity.analyze(ComplexityRequest(prompt=HARD, model="ollama"))
    assert (decision.complexity, decision.route, decision.model) == ("high", "as named", "ollama/model")
    with pytest.raises(UnknownModel):
        await complexity.analyze(ComplexityRequest(prompt=HARD, model="nobody"))


async def test_the_same_request_has_the_same_decision(house: Home) -> None:
    async def decisions() -> list[Any]:
        routes = [(await chat(house.routed, text)).route for text in (EASY, HARD)]
        return [route and route.model_dump(exclude={"id"}) for route in routes]

    assert await decisions() == await decisions()


# What fits ----------------------------------------------------------------------------------------------------------


async def test_what_the_model_at_home_cannot_do_goes_to_the_cloud_however_easy_it_is(house: Home) -> None:
    tool = {"type": "function", "function": {"name": "f"}}
    picture = (ChatMessage(role="user", content=EASY, images=("aGk=",)),)
    for request, lack in (
        (said(EASY, tools=(tool,)), "cannot use tools"),
        (said("", messages=picture), "cannot see pictures"),
        (said("hello " * 8000), "holds 8192 tokens, and this takes about 12000"),
        (said(EASY, options=Options(num_predict=9000)), "holds 8192 tokens, and this takes about 9003"),
    ):
        answer = await joined(house.routed.chat(request))
        assert answer.text == "this is far", lack
        assert answer.route is not None
        assert f"ollama/model {lack}" in answer.route.reasons
        assert answer.route.degraded == ()


async def test_what_cannot_keep_to_a_format_is_not_asked_for_one(tmp_path: Path) -> None:
    free = model("ollama")
    free.card = free.card.model_copy(update={"lacks": ("format",)})
    free.details = ModelDetails(card=free.card)
    async with home(tmp_path, free, model("far"), cloud=CLOUD) as house:
        for wanted in ("json", {"type": "object"}):
            for answer in (
                await chat(house.routed, EASY, format=wanted),
                await joined(
                    house.routed.generate(GenerateRequest(model="auto", role=None, prompt=EASY, format=wanted))
                ),
            ):
                assert answer.route is not None
                assert answer.route.model == CLOUD
                assert "ollama/model cannot keep to a format" in answer.route.reasons
        assert (await chat(house.routed, EASY)).text == "this is ollama"


class TwoModels(ScriptedModel):
    """A server with a second model, which can see."""

    SEEING = ModelCard(name="seeing", provider="ollama", capabilities=("completion", "vision"))

    async def models(self, nothing: Nothing, /) -> Models:
        found = await super().models(nothing)
        return found.model_copy(update={"models": (*found.models, self.SEEING)})


async def test_without_a_cloud_another_model_at_home_that_fits_is_taken(tmp_path: Path) -> None:
    async with home(tmp_path, TwoModels("yes", card=model("ollama").card)) as house:
        picture = (ChatMessage(role="user", content=EASY, images=("aGk=",)),)
        route = (await chat(house.routed, "", messages=picture)).route
        assert route is not None
        assert route.model == "ollama/seeing"
        assert "ollama/model cannot see pictures" in route.reasons


async def test_where_nothing_fits_the_wanted_model_is_asked_all_the_same(tmp_path: Path) -> None:
    async with home(tmp_path, model("ollama")) as house:
        answer = await chat(house.routed, EASY, tools=({"type": "function", "function": {"name": "f"}},))
        assert answer.text == "this is ollama"


# What is not there --------------------------------------------------------------------------------------------------


async def test_without_a_cloud_model_hard_requests_stay_at_home_and_that_is_said(tmp_path: Path) -> None:
    async with home(tmp_path, model("ollama")) as house:
        route = (await chat(house.routed, HARD)).route
        assert route is not None
        assert (route.complexity, route.route, route.model) == ("high", "local", "ollama/model")
        assert route.degraded == ("no cloud model is set", "no web search")


async def test_without_its_key_the_cloud_is_not_asked(tmp_path: Path) -> None:
    async with home(tmp_path, model("ollama"), model("far"), keyless={"far": "FAR_KEY"}, cloud=CLOUD) as house:
        route = (await chat(house.routed, HARD)).route
        assert route is not None
        assert (route.route, route.degraded[0]) == ("local", "no cloud key: FAR_KEY is not set")


async def test_while_the_cloud_is_away_hard_requests_stay_at_home(tmp_path: Path) -> None:
    async with home(tmp_path, model("ollama"), AwayModel(card=model("far").card), cloud=CLOUD) as house:
        route = (await chat(house.routed, HARD)).route
        assert route is not None
        assert (route.route, route.degraded[0]) == ("local", "far does not answer")


async def test_while_home_is_away_easy_requests_go_to_the_cloud_rather_than_to_the_understudy(tmp_path: Path) -> None:
    async with home(
        tmp_path, AwayModel(card=model("ollama").card), model("far"), model("understudy"), cloud=CLOUD
    ) as house:
        route = (await chat(house.routed, EASY)).route
        assert route is not None
        assert (route.route, route.model) == ("cloud", CLOUD)
        assert route.degraded == ("no model of one's own is there",)


async def test_with_nobody_else_the_understudy_stands_in_and_that_is_said(tmp_path: Path) -> None:
    async with home(tmp_path, model("understudy")) as house:
        route = (await chat(house.routed, EASY)).route
        assert route is not None
        assert route.model == "understudy/model"
        assert route.degraded == ("no model server answers: the understudy stands in",)


async def test_with_nobody_at_all_the_error_says_so(tmp_path: Path) -> None:
    async with home(tmp_path, AwayModel(card=model("ollama").card)) as house:
        with pytest.raises(NoUpstream, match="ollama does not answer"):
            await chat(house.routed, EASY)


# Learning ------------------------------------------------------------------------------------------------------------


async def outcomes(house: Home) -> int:
    return (await house.learning.state(Nothing())).outcomes


async def test_a_model_that_failed_at_a_request_is_remembered_when_another_answers(tmp_path: Path) -> None:
    fallbacks = ["ollama/model > far/model"]
    async with home(tmp_path, model("ollama"), model("far"), cloud=CLOUD, fallbacks=fallbacks) as house:
        house.models["ollama"].enqueue(UpstreamFailed("out of memory"))
        answer = await chat(house.routed, EASY)
        assert (answer.text, answer.instead_of) == ("this is far", ("ollama/model: UpstreamFailed",))
        assert await outcomes(house) == 1


async def test_another_answers_for_a_model_that_failed_though_nothing_can_be_read_or_written(tmp_path: Path) -> None:
    fallbacks = ["ollama/model > far/model"]
    async with home(tmp_path, model("ollama"), model("far"), cloud=CLOUD, fallbacks=fallbacks) as house:
        house.database.is_away = True
        for number in range(2000):  # there is no room for more
            house.learning.note(f"{number}", "local", printed("hello"))
        house.models["ollama"].enqueue(UpstreamFailed("out of memory"))
        assert (await chat(house.routed, EASY)).text == "this is far"


async def test_a_server_that_is_busy_says_nothing_of_a_request(tmp_path: Path) -> None:
    fallbacks = ["ollama/model > far/model"]
    async with home(tmp_path, model("ollama"), model("far"), cloud=CLOUD, fallbacks=fallbacks) as house:
        house.models["ollama"].enqueue(Overloaded())
        house.models["ollama"].enqueue(Overloaded())
        assert (await chat(house.routed, EASY)).text == "this is far"
        assert await outcomes(house) == 0


# The web's help ------------------------------------------------------------------------------------------------------


async def test_hard_requests_are_sent_with_what_the_web_says_and_name_its_pages(tmp_path: Path) -> None:
    async with home(tmp_path, model("ollama"), model("far"), cloud=CLOUD, found=["the theorem of chords"]) as house:
        route = (await chat(house.routed, HARD)).route
        assert route is not None
        assert (route.route, route.sources, route.degraded) == ("search + cloud", ("https://page.example/0",), ())
        quoted, asked = house.models["far"].requests[0].messages  # type: ignore[union-attr]
        assert "the theorem of chords" in quoted.content
        assert asked.content == HARD


async def test_easy_requests_are_not_looked_up(tmp_path: Path) -> None:
    async with home(tmp_path, model("ollama"), found=["a page"]) as house:
        await chat(house.routed, EASY)
        assert house.web.queries == []


async def test_a_search_that_fails_is_done_without_and_that_is_said(tmp_path: Path) -> None:
    async with home(tmp_path, model("ollama"), model("far"), cloud=CLOUD, found=[]) as house:
        answer = await chat(house.routed, HARD)
        assert answer.text == "this is far"
        assert answer.route is not None
        assert (answer.route.route, answer.route.degraded) == (
            "cloud",
            ("no web search: the engine does not answer",),
        )


async def test_what_characters_and_the_house_itself_ask_is_never_sent_to_a_search_engine(tmp_path: Path) -> None:
    async with home(tmp_path, model("ollama"), model("far"), cloud=CLOUD, found=["a page"], role="auto") as house:
        for whose in ({"role": "generation"}, {"character": "peter"}):
            route = (await chat(house.routed, HARD, **whose)).route
            assert route is not None
            assert (route.route, route.degraded) == ("cloud", ())
        assert house.web.queries == []


# Names --------------------------------------------------------------------------------------------------------------


async def test_a_further_policy_has_ways_and_models_of_its_own(tmp_path: Path) -> None:
    policies = {"cheap": {"cloud": CLOUD, "high": "local"}, "dear": {"cloud": CLOUD, "low": "cloud"}}
    async with home(tmp_path, model("ollama"), model("far"), policies=policies) as house:
        assert (await chat(house.routed, HARD, model="auto/cheap")).text == "this is ollama"
        assert (await chat(house.routed, EASY, model="auto/dear:latest")).text == "this is far"
        assert (await chat(house.routed, HARD, model="auto")).text == "this is ollama"
        with pytest.raises(UnknownModel):
            await chat(house.routed, HARD, model="auto/unheard-of")


async def test_policies_are_listed_as_models_and_described_by_what_theirs_can_do(reach: Reach, house: Home) -> None:
    llm = await reach(Llm, house.routed)
    listed = [card.full_name for card in (await llm.models(Nothing())).models]
    assert listed == ["ollama/model", "far/model", "understudy/model", "auto/auto"]
    shown = await llm.show(ModelRef(model="auto"))
    assert shown.card.full_name == "auto/auto"
    assert shown.card.capabilities == ("completion", "tools", "vision")
    assert shown.context_tokens == 100_000


async def test_the_list_says_what_auto_does_without(tmp_path: Path) -> None:
    async with home(tmp_path, model("ollama"), model("far"), cloud=CLOUD, found=["a page"]) as house:
        assert (await house.routed.models(Nothing())).auto_lacks == ()
    async with home(tmp_path, model("ollama"), model("far"), cloud=CLOUD, keyless={"far": "FAR_KEY"}) as house:
        lacks = (await house.routed.models(Nothing())).auto_lacks
        assert lacks == ("no cloud key: FAR_KEY is not set", "no web search")


async def test_a_role_may_leave_the_model_to_the_routing(tmp_path: Path) -> None:
    async with home(tmp_path, model("ollama"), model("far"), cloud=CLOUD, role="auto") as house:
        assert (await chat(house.routed, HARD, model="", role="generation")).text == "this is far"
        assert (await chat(house.routed, HARD, model="", role="analysis")).text == "this is ollama"
        await house.llm.ping()
        assert (await house.routed.models(Nothing())).roles["generation"] == "ollama/model"
