"""What was not spent because a request went to a model of one's own is told, where it is known."""

import pytest

from greenroom.config import LlmSettings, Policy, Price, RoutingSettings
from greenroom.llm.money.accounted import Accounted
from greenroom.llm.money.avoided import Avoided
from greenroom.llm.money.prices import Prices
from greenroom.model import ChatMessage, ChatRequest, Chunk, Decision, Usage, Way
from greenroom.storage.database import Database
from greenroom.testing import FrozenClock, ScriptedModel
from tests.llm.money.gateway import gateway
from tests.llm.reading import every

SETTINGS = LlmSettings(
    routing=RoutingSettings(cloud="cloud/large", policies={"thrifty": Policy(cloud="cloud/unknown"), "poor": Policy()}),
    prices={"cloud/large": Price(input=10, output=20)},
)
USAGE = Usage(prompt_tokens=1_000, completion_tokens=100, cost_usd=0.002)


def asking(model: str) -> ChatRequest:
    return ChatRequest(model=model, role=None, messages=(ChatMessage(role="user", content="hello"),))


def way(route: Way) -> Decision:
    return Decision(complexity="low", score=0, reasons=("it is short",), route=route, model="ollama/small")


@pytest.mark.parametrize(
    ("model", "route", "usage", "avoided"),
    [
        ("auto", "local", USAGE, 10_000_000),
        ("auto", "search + local", USAGE, 10_000_000),
        ("auto", "local", USAGE.model_copy(update={"cost_usd": 1.0}), 0),
        ("auto", "cloud", USAGE, 0),
        ("auto", "local", Usage(), None),
        ("auto/thrifty", "local", USAGE, None),
        ("auto/poor", "local", USAGE, 0),
        ("ollama/small", "local", USAGE, 0),
    ],
)
async def test_it_is_what_the_same_tokens_would_have_cost(
    model: str, route: Way, usage: Usage, avoided: int | None
) -> None:
    found = await Avoided(SETTINGS, Prices(SETTINGS, FrozenClock())).by(model, None, way(route), usage)
    assert found == avoided


async def test_it_stands_in_the_books(database: Database) -> None:
    async with gateway(database) as house:
        model, office = ScriptedModel(), house.office
        model.enqueue(
            Chunk(model="ollama/small", text="hi", route=way("local")),
            Chunk(model="ollama/small", done=True, usage=USAGE),
        )
        avoided = Avoided(SETTINGS, Prices(SETTINGS, house.clock))
        await every(Accounted(model, office.callers, office.books, avoided, house.clock).chat(asking("auto")))
        assert (await house.spent()).avoided_usd == 0.01
        assert office.books.figures()["avoided_usd_total"] == 0.01
