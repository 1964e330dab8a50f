"""A gateway that speaks every dialect, over an Ollama, a server far away and the understudy."""

from collections.abc import AsyncIterator

import aiohttp
import ollama
import pytest

from greenroom.config import Backoff, LlmSettings, SearchSettings, WireSettings
from greenroom.llm.anthropic_api import anthropic_routes
from greenroom.llm.ollama import Ollama
from greenroom.llm.ollama_api import ollama_routes
from greenroom.llm.openai_api import openai_routes
from greenroom.llm.responses_api import responses_routes
from greenroom.llm.service import LlmService
from greenroom.llm.understudy import Understudy
from greenroom.model import ModelCard
from greenroom.ports import Llm
from greenroom.testing import FakeOllama, FrozenClock, ScriptedModel, serving
from greenroom.wire.application import application
from tests.llm.search.searching import no_search


@pytest.fixture
async def fake() -> AsyncIterator[FakeOllama]:
    async with FakeOllama(models=("llama3.2:latest", "nomic-embed-text:latest", "hf.co/somebody/small:q4")) as fake:
        yield fake


@pytest.fixture
def cloud() -> ScriptedModel:
    return ScriptedModel("from afar", card=ModelCard(name="org/big", provider="cloud"))


@pytest.fixture
async def url(fake: FakeOllama, cloud: ScriptedModel) -> AsyncIterator[str]:
    ways, clock = LlmSettings(ollama_url=fake.url, first_token_s=5), FrozenClock()
    stand_in = Understudy(clock)
    providers: dict[str, Llm] = {"ollama": Ollama(ways, Backoff(attempts=1)), "cloud": cloud, "understudy": stand_in}
    async with LlmService(ways, providers, clock) as llm:
        app = application("Gateway", WireSettings(max_api_body_bytes=100_000), ())
        app.router.routes.extend(
            [*ollama_routes(llm, clock), *anthropic_routes(llm, no_search(llm), SearchSettings(), clock)]
        )
        app.router.routes.extend(responses_routes(llm, clock))
        app.router.routes.extend(openai_routes(llm, clock))
        async with serving(app) as url:
            yield url


@pytest.fixture
async def http(url: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(url) as http:
        yield http


@pytest.fixture
async def client(url: str) -> AsyncIterator[ollama.AsyncClient]:
    """Ollama's own client; who tries another one has a fixture of this name."""
    client = ollama.AsyncClient(url)
    yield client
    await client._client.aclose()
