"""Show, ps and embeddings of our Ollama, as Ollama's own client sees them, and byte for byte."""

import json
import math
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import ollama
import pytest

from greenroom.config import Backoff, LlmSettings, WireSettings
from greenroom.errors import NoUpstream
from greenroom.llm.ollama import Ollama
from greenroom.llm.ollama_api import ollama_routes
from greenroom.llm.service import LlmService
from greenroom.llm.understudy import Understudy
from greenroom.model import LoadedModel, ModelCard, ModelDetails
from greenroom.ports import Llm
from greenroom.testing import FakeOllama, FrozenClock, ScriptedModel, serving
from greenroom.wire.application import application

DETAILS = {"parent_model", "format", "family", "families", "parameter_size", "quantization_level"}


@pytest.fixture
async def fake() -> AsyncIterator[FakeOllama]:
    async with FakeOllama(models=("llama3.2:latest", "nomic-embed-text:latest")) as fake:
        yield fake


@pytest.fixture
def cloud() -> ScriptedModel:
    modified_at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    card = ModelCard(
        name="org/big", provider="cloud", modified_at=modified_at, capabilities=("completion", "tools", "vision")
    )
    return ScriptedModel("from afar", card=card)


@pytest.fixture
async def url(fake: FakeOllama, cloud: ScriptedModel) -> AsyncIterator[str]:
    settings = LlmSettings(ollama_url=fake.url, first_token_s=5)
    clock = FrozenClock()
    providers: dict[str, Llm] = {
        "ollama": Ollama(settings, Backoff(attempts=1)),
        "cloud": cloud,
        "understudy": Understudy(clock),
    }
    async with LlmService(settings, providers, clock) as llm:
        app = application("Ollama", WireSettings(max_api_body_bytes=200_000), ())
        app.router.routes.extend(ollama_routes(llm, clock))
        async with serving(app) as url:
            yield url


async def post(http: aiohttp.ClientSession, path: str, body: Any, **headers: str) -> tuple[int, Any]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with http.post(path, data=content, headers=headers) as response:
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        return response.status, await response.json()


# Show -----------------------------------------------------------------------------------------------------------------


async def test_all_that_ollama_says_of_its_model_is_passed_on(
    client: ollama.AsyncClient, http: aiohttp.ClientSession, fake: FakeOllama
) -> None:
    fake.shelf.shown = {
        "license": "MIT",
        "parameters": 'stop                           "<|end|>"',
        "projector_info": {"clip.has_vision_encoder": True},
        "modified_at": "2026-08-21T18:48:22.123456789Z",
    }
    told = await client.show("LLAMA3.2")
    assert told.modelinfo is not None
    assert told.modelinfo["llama.context_length"] == 8192
    assert told.details is not None
    assert (told.details.family, told.capabilities) == ("llama", ["completion", "tools", "thinking"])
    _, raw = await post(http, "/api/show", {"name": "llama3.2"})
    assert raw.items() >= fake.shelf.shown.items()
    assert set(raw["details"]) >= DETAILS


async def test_ollama_is_asked_as_the_client_asked(http: aiohttp.ClientSession, fake: FakeOllama) -> None:
    await post(http, "/api/show", {"model": "llama3.2", "verbose": True, "system": "s", "options": {"num_ctx": 4096}})
    assert fake.requests[-1].body == {
        "model": "llama3.2:latest",
        "verbose": True,
        "system": "s",
        "options": {"num_ctx": 4096},
    }


async def test_another_servers_model_looks_like_one_of_ollamas(
    client: ollama.AsyncClient, http: aiohttp.ClientSession, cloud: ScriptedModel
) -> None:
    cloud.details = ModelDetails(card=cloud.card, context_tokens=131_072, dimensions=4096, parameters=8_000_000_000)
    told = await client.show("cloud/org/big")
    assert told.modelinfo == {
        "general.architecture": "cloud",
        "general.parameter_count": 8_000_000_000,
        "cloud.context_length": 131_072,
        "cloud.embedding_length": 4096,
    }
    assert told.capabilities == ["completion", "tools", "vision"]
    _, raw = await post(http, "/api/show", {"model": "cloud/org/big"})
    assert raw["modified_at"] == "2026-03-01T12:00:00.000000000Z"
    assert set(raw["details"]) == DETAILS


async def test_the_understudy_says_what_it_is(client: ollama.AsyncClient, http: aiohttp.ClientSession) -> None:
    told = await client.show("understudy")
    assert told.capabilities == ["completion"]
    assert told.modelinfo == {"general.architecture": "understudy"}
    _, hashing = await post(http, "/api/show", {"model": "understudy/hash"})
    assert hashing["capabilities"] == ["embedding"]
    assert hashing["model_info"]["understudy.embedding_length"] == 512
    assert set(hashing["details"]) >= DETAILS


async def test_what_is_known_is_an_object_even_when_nothing_is(http: aiohttp.ClientSession, fake: FakeOllama) -> None:
    fake.shelf.shown = {"model_info": None, "details": None, "capabilities": None}
    _, raw = await post(http, "/api/show", {"model": "nomic-embed-text"})
    assert isinstance(raw["model_info"], dict)
    assert set(raw["details"]) >= DETAILS
    assert raw["capabilities"] == ["embedding"]


async def test_copilot_finds_the_name_in_what_is_known(http: aiohttp.ClientSession) -> None:
    asked = {"model": "llama3.2"}
    _, told = await post(http, "/api/show", asked, **{"User-Agent": "GitHubCopilotChat/1.0"})
    assert told["model_info"]["general.basename"] == "llama3.2"
    assert "general.basename" not in (await post(http, "/api/show", asked))[1]["model_info"]


# Ps -------------------------------------------------------------------------------------------------------------------


async def test_the_client_sees_what_is_in_memory_of_all_servers_the_longest_first(
    client: ollama.AsyncClient, http: aiohttp.ClientSession, fake: FakeOllama, cloud: ScriptedModel
) -> None:
    fake.shelf.in_memory = ("llama3.2:latest",)
    until = datetime(2026, 1, 1, 13, tzinfo=UTC)
    cloud.in_memory = (LoadedModel(card=cloud.card, vram_bytes=7, context_tokens=9, expires_at=until),)
    first, second = (await client.ps()).models
    assert (first.name, first.size_vram, first.context_length, first.expires_at) == ("cloud/org/big", 7, 9, until)
    assert (second.model, second.size_vram, second.context_length) == ("llama3.2:latest", 1_500_000_000, 4096)
    async with http.get("/api/ps") as response:
        entries = (await response.json())["models"]
    wanted = {"name", "model", "size", "digest", "details", "expires_at", "size_vram", "context_length"}
    assert [set(entry) for entry in entries] == [wanted, wanted]
    assert entries[1] == fake.shelf.running()["models"][0]


async def test_nothing_in_memory_is_an_empty_list(http: aiohttp.ClientSession, fake: FakeOllama) -> None:
    async with http.get("/api/ps") as response:
        assert await response.json() == {"models": []}
    await fake.stop()
    async with http.get("/api/ps") as response:
        assert (response.status, await response.json()) == (200, {"models": []})


# Embeddings -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["nomic-embed-text", "understudy/hash", "cloud/org/big"])
async def test_the_client_embeds_with_any_provider(client: ollama.AsyncClient, model: str) -> None:
    told = await client.embed(model, ["a cat sat", "a cat sat", "quantum"], dimensions=32)
    assert told.model == model
    assert told.embeddings[0] == told.embeddings[1] != told.embeddings[2]
    assert [len(row) for row in told.embeddings] == [32, 32, 32]
    assert all(math.isclose(math.hypot(*row), 1, abs_tol=1e-3) for row in told.embeddings)
    one = await client.embeddings(model, "a cat sat")
    length = 3 if model == "nomic-embed-text" else 1
    assert math.isclose(math.hypot(*one.embedding), length, abs_tol=1e-3)


async def test_ollama_embeds_as_the_client_asked(http: aiohttp.ClientSession, fake: FakeOllama) -> None:
    body = {"model": "nomic-embed-text", "input": "x", "truncate": False, "keep_alive": "5m", "options": {"num_ctx": 9}}
    status, told = await post(http, "/api/embed", body)
    assert status == 200
    assert told.keys() == {"model", "embeddings", "prompt_eval_count"}  # on a clock that stands, nothing takes time
    assert fake.requests[-1].body == {**body, "model": "nomic-embed-text:latest", "input": ["x"]}


@pytest.mark.parametrize(
    ("path", "body", "status", "answer"),
    [
        ("/api/embed", b"", 400, "missing request body"),
        ("/api/embed", b"{", 400, None),
        ("/api/embed", {"model": "nope", "input": [1]}, 400, "invalid input type"),
        ("/api/embed", {"model": "nope", "input": 0}, 400, "invalid input type"),
        ("/api/embed", {"model": "nope", "input": {}}, 400, "invalid input type"),
        ("/api/embed", {"input": "x"}, 404, "model '' not found"),
        ("/api/embed", {"model": "", "input": []}, 404, "model '' not found"),
        ("/api/embed", {"model": "nope", "input": "x"}, 404, 'model "nope" not found, try pulling it first'),
        ("/api/embed", {"model": "nope"}, 404, 'model "nope" not found, try pulling it first'),
        ("/api/embed", {"model": "llama3.2", "input": "x", "keep_alive": "soon"}, 400, 'time: invalid duration "soon"'),
        (
            "/api/embed",
            {"model": "llama3.2", "input": "x", "options": {"num_ctx": "x"}},
            400,
            'option "num_ctx" must be of type integer',
        ),
        ("/api/embed", {"model": "understudy/hash", "input": ["x"] * 20_000}, 413, None),
        ("/api/embed", {"model": "understudy/hash", "input": ["x"] * 100, "dimensions": 60_000}, 413, None),
        ("/api/embed", {"model": "llama3.2"}, 200, {"model": "llama3.2", "embeddings": []}),
        ("/api/embed", {"model": "llama3.2", "input": ""}, 200, {"model": "llama3.2", "embeddings": []}),
        ("/api/embed", {"model": "understudy", "input": []}, 200, {"model": "understudy", "embeddings": []}),
        ("/api/embeddings", b"", 400, "missing request body"),
        ("/api/embeddings", {"prompt": "x"}, 400, "model is required"),
        ("/api/embeddings", {"model": "nope", "prompt": "x"}, 404, 'model "nope" not found, try pulling it first'),
        ("/api/embeddings", {"model": "nope"}, 404, 'model "nope" not found, try pulling it first'),
        ("/api/embeddings", {"model": "nope", "prompt": ["x"]}, 400, None),
        ("/api/embeddings", {"model": "llama3.2"}, 200, {"embedding": []}),
        ("/api/show", b" ", 400, "missing request body"),
        ("/api/show", {}, 400, "model is required"),
        ("/api/show", {"model": "nope"}, 404, "model 'nope' not found"),
        ("/api/show", {"name": "cloud/nope"}, 404, "model 'cloud/nope' not found"),
        ("/api/show", {"model": "../../secret"}, 400, "invalid model name"),
        ("/api/show", {"model": "llama3.2", "verbose": "very"}, 400, None),
    ],
)
async def test_a_request_is_answered_as_ollama_does(
    http: aiohttp.ClientSession, path: str, body: Any, status: int, answer: Any
) -> None:
    answered, told = await post(http, path, body)
    assert answered == status
    if status == 200:
        assert told == answer
    else:
        assert list(told) == ["error"]
        assert told["error"] == (answer or told["error"])


async def test_a_server_that_is_away_is_told(http: aiohttp.ClientSession, fake: FakeOllama) -> None:
    await fake.stop()
    for path in ("/api/show", "/api/embed"):
        status, told = await post(http, path, {"model": "ollama/llama3.2", "input": "x"})
        assert (status, list(told)) == (NoUpstream.status, ["error"])
        assert "ollama serve" in told["error"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("HEAD", "/api/ps", 200),
        ("POST", "/api/ps", 405),
        ("GET", "/api/show", 405),
        ("GET", "/api/embed", 405),
        ("DELETE", "/api/embeddings", 405),
    ],
)
async def test_methods(http: aiohttp.ClientSession, method: str, path: str, status: int) -> None:
    async with http.request(method, path) as response:
        assert response.status == status
        assert await response.text() == ("" if method == "HEAD" else "405 method not allowed")
