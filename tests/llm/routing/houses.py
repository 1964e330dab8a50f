"""Houses with a model of their own and one far away, for tests of the routing."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.config import LlmSettings, RoutingSettings, SearchSettings
from greenroom.errors import NoUpstream, SearchFailed, Unavailable
from greenroom.llm.money.budgets import Budgets
from greenroom.llm.money.prices import Prices
from greenroom.llm.routing.comparing import Comparing
from greenroom.llm.routing.journal import Journal
from greenroom.llm.routing.learning import Learning
from greenroom.llm.routing.looking_up import LookUp
from greenroom.llm.routing.policies import Policies
from greenroom.llm.routing.routed import Routed
from greenroom.llm.routing.service import Routes
from greenroom.llm.routing.ways import Ways
from greenroom.llm.service import LlmService
from greenroom.model import (
    ModelCard,
    ModelDetails,
    Models,
    Nothing,
    SearchAnswer,
    SearchRequest,
    SearchResult,
    SearchState,
)
from greenroom.ports import Llm
from greenroom.storage.database import Database
from greenroom.testing import FrozenClock, ScriptedModel

EASY = "Good morning!"
HARD = """Prove that if f is continuous on [0, 1] and f(0) = f(1), then for every n there is an x with
f(x) = f(x + 1/n). First state which theorem you use, then explain why it may be used; give an example for n = 3."""


class AwayModel(ScriptedModel):
    """A model whose server cannot be reached."""

    async def models(self, nothing: Nothing, /) -> Models:
        raise NoUpstream(f"{self.card.provider} does not answer")


@dataclass
class Home:
    """A house with models, and what is folded around them."""

    llm: LlmService
    routed: Routed
    routes: Routes
    models: dict[str, ScriptedModel]
    learning: Learning
    web: "Web"
    comparing: Comparing
    database: "Leaving"


class Leaving:
    """A database that goes away when the test says so."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.is_away = False

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        self._check()
        return self._database.read()

    def write(self) -> AbstractAsyncContextManager[AsyncConnection]:
        self._check()
        return self._database.write()

    def _check(self) -> None:
        if self.is_away:
            raise Unavailable("the database is away")


class Web:
    """A `WebSearch` that finds what the test says; nothing is a failure."""

    def __init__(self, found: Sequence[str]) -> None:
        self._found = found
        self.queries: list[str] = []

    async def search(self, request: SearchRequest, /) -> SearchAnswer:
        self.queries.append(request.query)
        if not self._found:
            raise SearchFailed("the engine does not answer")
        results = tuple(
            SearchResult(title="A page", url=f"https://page.example/{n}", snippet=text, score=1, source="test")
            for n, text in enumerate(self._found)
        )
        return SearchAnswer(query=request.query, provider="searxng", results=results, took_ms=1, cached=False)

    async def state(self, nothing: Nothing, /) -> SearchState:
        return SearchState(provider="searxng", ready=True)


def model(provider: str, *abilities: str, context_tokens: int = 8192, name: str = "model") -> ScriptedModel:
    """A model that says who it is, and what it can do beside writing."""
    stand_in = provider == "understudy"
    card = ModelCard(name=name, provider=provider, capabilities=("completion", *abilities), stand_in=stand_in)
    scripted = ScriptedModel(f"this is {provider}", card=card)
    scripted.details = ModelDetails(card=card, context_tokens=context_tokens)
    return scripted


@asynccontextmanager
async def home(
    folder: Path,
    *models: ScriptedModel,
    found: Sequence[str] | None = None,
    keyless: dict[str, str] | None = None,
    role: str = "",
    fallbacks: Sequence[str] = (),
    prices: dict[str, Any] | None = None,
    **routing: Any,
) -> AsyncIterator[Home]:
    """A house with these models. It keeps things in a folder; `routing` are its settings, `role` is its model."""
    by_name = {scripted.card.provider: scripted for scripted in models}
    providers: dict[str, Llm] = dict(by_name)
    settings = LlmSettings.model_validate(
        {
            "ollama_url": "",
            "routing": RoutingSettings(**routing),
            "generation": {"model": role},
            "fallbacks": fallbacks,
            "prices": prices or {},
        }
    )
    clock = FrozenClock()
    async with AsyncExitStack() as stack:
        llm = await stack.enter_async_context(LlmService(settings, providers, clock))
        database = await stack.enter_async_context(Database(f"sqlite:///{folder}/home.db"))
        leaving = Leaving(database)
        journal = Journal(leaving, clock, settings.routing.window)  # type: ignore[arg-type]
        learning = await stack.enter_async_context(Learning(settings.routing, journal, clock))
        policies = Policies(settings)
        web = Web(found or ())
        look_up = LookUp(web, SearchSettings(provider="none" if found is None else "searxng"))
        ways = Ways(llm, clock, keyless or {})
        routes = Routes(policies, ways, learning, searches=look_up.is_on)
        budgets = await stack.enter_async_context(Budgets(database, clock))
        comparing = Comparing(llm, ways, learning, budgets, Prices(settings, clock), settings, clock, draw=lambda: 0.0)
        await stack.enter_async_context(comparing)
        routed = Routed(llm, routes, policies, look_up, comparing)
        yield Home(llm, routed, routes, by_name, learning, web, comparing, leaving)
