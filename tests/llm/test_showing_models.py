"""What each provider tells of its models, by the port."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from greenroom.config import Backoff, LlmSettings
from greenroom.errors import NoUpstream, UnknownModel, UpstreamFailed
from greenroom.llm.ollama import Ollama
from greenroom.llm.remembered import RememberedEmbeddings
from greenroom.llm.service import LlmService
from greenroom.llm.understudy import Understudy
from greenroom.model import LoadedModel, LoadedModels, ModelCard, ModelRef, Nothing, Options, Texts
from greenroom.ports import Llm
from greenroom.storage.cache import MemoryCache
from greenroom.testing import FakeOllama, FrozenClock, ScriptedModel
from tests.llm.test_compatible import FakeServer, reached

Reach = Callable[[type[Llm], Llm], Awaitable[Llm]]


class Forgetful(ScriptedModel):
    """A server that does not say what it has in memory."""

    async def loaded(self, nothing: Nothing, /) -> LoadedModels:
        raise NoUpstream("gone")


async def test_ollama_tells_of_its_models(reach: Reach) -> None:
    async with FakeOllama() as fake, Ollama(LlmSettings(ollama_url=fake.url), Backoff(attempts=1)) as ollama:
        fake.shelf.in_memory = ("llama3.2:latest",)
        fake.shelf.shown = {"license": "MIT"}
        llm = await reach(Llm, ollama)
        found = await llm.show(ModelRef(model="llama3.2:latest", verbose=True, options=Options(num_ctx=7)))
        assert (found.card.full_name, found.context_tokens, found.dimensions) == ("ollama/llama3.2:latest", 8192, 64)
        assert found.said["license"] == "MIT"
        assert fake.requests[-1].body["options"] == {"num_ctx": 7}
        (loaded,) = (await llm.loaded(Nothing())).models
        assert (loaded.card.name, loaded.vram_bytes, loaded.context_tokens) == ("llama3.2:latest", 1_500_000_000, 4096)
        with pytest.raises(UnknownModel, match="not found"):
            await llm.show(ModelRef(model="nope"))


@pytest.mark.parametrize("said", [{"model_info": 7}, {"modified_at": "soon"}, {"capabilities": "all"}])
async def test_an_ollama_that_is_none_is_told_so(said: dict[str, Any]) -> None:
    async with FakeOllama() as fake, Ollama(LlmSettings(ollama_url=fake.url), Backoff(attempts=1)) as ollama:
        fake.shelf.shown = said
        with pytest.raises(UpstreamFailed, match="does not send"):
            await ollama.show(ModelRef(model="llama3.2"))


@pytest.mark.parametrize(
    ("entry", "context_tokens", "capabilities"),
    [
        ({}, None, ["completion"]),
        (
            {
                "context_length": 131_072,
                "architecture": {"input_modalities": ["text", "image"]},
                "supported_parameters": ["tools", "reasoning"],
            },
            131_072,
            ["completion", "tools", "vision", "thinking"],
        ),
        ({"max_model_len": 4096}, 4096, ["completion"]),
        ({"supported_parameters": [{"name": "tools"}]}, None, ["completion"]),
        (
            {"max_context_length": 32_768, "capabilities": {"function_calling": True, "vision": False}},
            32_768,
            ["completion", "tools"],
        ),
        ({"meta": {"n_ctx_train": 8192, "n_params": 10, "n_embd": 20}}, 8192, ["completion"]),
        ({"context_length": "128k", "meta": [], "capabilities": "all", "created": "today"}, None, ["completion"]),
        (
            {"context_length": True, "supported_parameters": None, "architecture": 7, "created": 1e99},
            None,
            ["completion"],
        ),
    ],
)
async def test_a_compatible_server_tells_what_it_adds_to_its_list(
    entry: dict[str, Any], context_tokens: int | None, capabilities: list[str]
) -> None:
    server = FakeServer()
    server.body = json.dumps({"data": [{"id": "small", **entry}]})
    async with reached(server) as provider:
        found = await provider.show(ModelRef(model="small"))
        assert (found.context_tokens, list(found.card.capabilities)) == (context_tokens, capabilities)
        assert (await provider.models(Nothing())).models == (found.card,)
        assert (await provider.loaded(Nothing())).models == ()
        with pytest.raises(UnknownModel, match="does not list a model 'large'"):
            await provider.show(ModelRef(model="large"))


async def test_a_model_that_only_the_settings_name_is_described_as_far_as_it_is_known() -> None:
    server = FakeServer()
    server.status, server.body = 404, "nothing here"
    async with reached(server, models=("mine",)) as provider:
        assert (await provider.show(ModelRef(model="mine"))).card.full_name == "cloud/mine"


async def test_the_understudy_tells_what_it_is(reach: Reach) -> None:
    llm = await reach(Llm, Understudy(FrozenClock()))
    assert (await llm.show(ModelRef(model="understudy"))).card.stand_in
    embedder = await llm.show(ModelRef(model="understudy/hash"))
    vectors = (await llm.embed(Texts(model="hash", texts=("word",)))).vectors
    assert embedder.card.capabilities == ("embedding",)
    assert embedder.dimensions == len(vectors[0])
    assert (await llm.loaded(Nothing())).models == ()
    with pytest.raises(UnknownModel):
        await llm.show(ModelRef(model="nope"))


async def test_the_service_asks_the_provider_that_a_name_means_and_all_for_what_is_loaded(reach: Reach) -> None:
    near, far = (ScriptedModel(card=ModelCard(name="m", provider=name)) for name in ("ollama", "cloud"))
    near.in_memory = (LoadedModel(card=near.card, expires_at=datetime(2026, 1, 1, tzinfo=UTC)),)
    far.in_memory = (LoadedModel(card=far.card, expires_at=datetime(2026, 1, 2, tzinfo=UTC)),)
    service = LlmService(
        LlmSettings(), {"ollama": near, "cloud": far, "gone": Forgetful(card=ModelCard(name="m", provider="gone"))},
        FrozenClock(),
    )  # fmt: skip
    llm = await reach(Llm, RememberedEmbeddings(service, MemoryCache(1000, FrozenClock())))
    assert (await llm.show(ModelRef(model="m"))).card.full_name == "ollama/m"
    assert (await llm.show(ModelRef(model="cloud/m"))).card.full_name == "cloud/m"
    with pytest.raises(UnknownModel, match="known: 'ollama/m', 'cloud/m'"):
        await llm.show(ModelRef(model="nope"))
    assert [model.card.provider for model in (await llm.loaded(Nothing())).models] == ["cloud", "ollama"]


async def test_what_changes_a_vector_is_part_of_what_it_is_remembered_by() -> None:
    model = ScriptedModel()
    remembered = RememberedEmbeddings(model, MemoryCache(1_000_000, FrozenClock()))
    asked: list[dict[str, Any]] = [
        {},
        {"truncate": False},
        {"options": Options(num_ctx=7)},
        {"dimensions": 8},
        {"keep_alive": "5m"},
        {},
    ]
    for fields in asked:
        await remembered.embed(Texts.model_validate({"model": "model", "texts": ("x",), **fields}))
    assert len(model.embedded) == 4
