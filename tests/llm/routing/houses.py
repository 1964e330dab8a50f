"""Houses with a model of their own and one far away, for tests of the routing."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from greenroom.config import LlmSettings, RoutingSettings
from greenroom.errors import NoUpstream
from greenroom.llm.routing.journal import Journal
from greenroom.llm.routing.learning import Learning
from greenroom.llm.routing.policies import Policies
from greenroom.llm.routing.routed import Routed
from greenroom.llm.routing.service import Routes
from greenroom.llm.routing.ways import Ways
from greenroom.llm.service import LlmService
from greenroom.model import ModelCard, ModelDetails, Models, Nothing
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


def model(provider: str, *abilities: str, context_tokens: int = 8192, name: str = "model") -> ScriptedModel:
    """A model that says who it is, and what it can do beside writing."""
    stand_in = provider == "understudy"
    card = ModelCard(name=name, provider=provider, capabilities=("completion", *abilities), stand_in=stand_in)
    scripted = ScriptedModel(f"this is {provider}", card=card)
    scripted.details = ModelDetails(card=card, context_tokens=context_tokens)
    return scripted


@asynccontextmanager
async def home(
    folder: Path, *models: ScriptedModel, keyless: dict[str, str] | None = None, role: str = "", **routing: Any
) -> AsyncIterator[Home]:
    """A house with these models. It keeps things in a folder; `routing` are its settings, `role` is its model."""
    by_name = {scripted.card.provider: scripted for scripted in models}
    providers: dict[str, Llm] = dict(by_name)
    settings = LlmSettings.model_validate(
        {"ollama_url": "", "routing": RoutingSettings(**routing), "generation": {"model": role}}
    )
    clock = FrozenClock()
    async with AsyncExitStack() as stack:
        llm = await stack.enter_async_context(LlmService(settings, providers, clock))
        database = await stack.enter_async_context(Database(f"sqlite:///{folder}/home.db"))
        journal = Journal(database, clock, settings.routing.window)
        learning = await stack.enter_async_context(Learning(settings.routing, journal, clock))
        policies = Policies(settings)
        routes = Routes(policies, Ways(llm, clock, keyless or {}), learning)
        yield Home(llm, Routed(llm, routes, policies), routes, by_name, learning)
