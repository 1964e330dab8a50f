"""One prompt, one answer: over the port, and as programs with curl meet it in both deployments."""

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from greenroom.config import LlmSettings
from greenroom.errors import NoUpstream, UpstreamFailed
from greenroom.llm.whole_answers import WholeAnswers
from greenroom.model import (
    CharacterId,
    Chunk,
    GenerateRequest,
    ModelCard,
    ModelChoice,
    ModelDetails,
    ModelRef,
    Models,
    Nothing,
    Options,
    PromptToAnswer,
    ProviderHealth,
    Usage,
)
from greenroom.ports import Generator
from greenroom.testing import FakeOllama, FrozenClock, Reply, ScriptedModel
from tests.conftest import Reach
from tests.deployments import one_process, one_service

CARD = ModelCard(name="llama3:8b", provider="ollama", size_bytes=4_700_000_000)


def answers(model: ScriptedModel, score: float | None = None) -> WholeAnswers:
    return WholeAnswers(model, LlmSettings(), FrozenClock(), lambda name: score if name == CARD.full_name else None)


async def test_a_prompt_is_answered_whole(reach: Reach) -> None:
    model = ScriptedModel(card=CARD)
    model.enqueue("Holy ", "crap!", Chunk(model=CARD.full_name, done=True, usage=Usage(completion_tokens=45)))
    port = await reach(Generator, answers(model))
    answer = await port.generate(
        PromptToAnswer(
            prompt="Say hello.",
            character_name=CharacterId("peter"),
            settings=Options(temperature=0.8, num_predict=500, top_p=0.9),
            conversation_id="channel_1",
        )
    )
    assert (answer.response, answer.model, answer.cache_hit) == ("Holy crap!", "ollama/llama3:8b", False)
    assert answer.generation_time >= 0
    assert answer.metadata.temperature == 0.8
    assert answer.metadata.tokens_generated == 45
    assert answer.metadata.prompt_hash == hashlib.sha256(b"Say hello.").hexdigest()
    asked = model.requests[-1]
    assert isinstance(asked, GenerateRequest)
    assert (asked.prompt, asked.character, asked.use_cache) == ("Say hello.", "peter", True)
    assert asked.options == Options(temperature=0.8, num_predict=500, top_p=0.9)


async def test_what_the_settings_leave_open_is_that_of_the_role(reach: Reach) -> None:
    model = ScriptedModel("ok", card=CARD)
    port = await reach(Generator, answers(model))
    answer = await port.generate(PromptToAnswer(prompt="x", use_cache=False, model="llama3:8b"))
    asked = model.requests[-1]
    assert (asked.options.temperature, asked.options.num_predict) == (0.7, 4000)
    assert (asked.use_cache, asked.model, answer.metadata.temperature) == (False, "llama3:8b", 0.7)


async def test_an_answer_that_was_kept_says_where(reach: Reach) -> None:
    model = ScriptedModel(card=CARD)
    model.enqueue(Chunk(model=CARD.full_name, text="again", cache="sqlite"))
    port = await reach(Generator, answers(model))
    answer = await port.generate(PromptToAnswer(prompt="x"))
    assert (answer.cache_hit, answer.metadata.source) == (True, "sqlite")


async def test_an_error_of_the_model_reaches_the_caller(reach: Reach) -> None:
    model = ScriptedModel(card=CARD)
    model.enqueue("half", UpstreamFailed("it broke off"))
    port = await reach(Generator, answers(model))
    with pytest.raises(UpstreamFailed, match="it broke off"):
        await port.generate(PromptToAnswer(prompt="x"))


async def test_a_model_that_is_there_is_fit(reach: Reach) -> None:
    port = await reach(Generator, answers(ScriptedModel(card=CARD), score=95.2))
    for found in (await port.validate(ModelChoice()), await port.validated(ModelChoice(model="llama3:8b"))):
        assert (found.model_available, found.model_name, found.model_size) == (True, "ollama/llama3:8b", "4.7GB")
        assert (found.performance_score, found.detail) == (95.2, "")
        assert found.last_validation == datetime(2026, 1, 1, 12, tzinfo=UTC)


async def test_nothing_is_made_up_of_a_model_that_was_never_asked(reach: Reach) -> None:
    port = await reach(Generator, answers(ScriptedModel(card=ModelCard(name="big", provider="cloud"))))
    found = await port.validate(ModelChoice())
    assert (found.model_available, found.model_size, found.performance_score) == (True, None, None)


async def test_a_model_that_is_not_there_is_not_fit(reach: Reach) -> None:
    port = await reach(Generator, answers(ScriptedModel(card=CARD)))
    found = await port.validate(ModelChoice(model="nope"))
    assert (found.model_available, found.model_name) == (False, "nope")
    assert "nope" in found.detail


class _Away(ScriptedModel):
    """A model whose server is away."""

    async def models(self, nothing: Nothing, /) -> Models:
        return Models(models=(), providers=(ProviderHealth(provider="ollama", reachable=False, detail="away"),))

    async def show(self, which: ModelRef, /) -> ModelDetails:
        raise NoUpstream("Ollama does not answer")


async def test_without_a_server_the_reason_is_told(reach: Reach) -> None:
    port = await reach(Generator, answers(_Away()))
    found = await port.validate(ModelChoice())
    assert (found.model_available, found.model_name, found.detail) == (False, "", "Ollama does not answer")


# As programs with curl meet it ----------------------------------------------------------------------------------------


@pytest.fixture
async def fake() -> AsyncIterator[FakeOllama]:
    async with FakeOllama() as fake:
        yield fake


@pytest.fixture(params=["up", "serve llm"])
async def url(request: pytest.FixtureRequest, fake: FakeOllama, tmp_path: Path) -> AsyncIterator[str]:
    if request.param == "up":
        async with one_process(tmp_path, llm__ollama_url=fake.url) as addresses:
            yield addresses["llm"]
    else:
        async with one_service(tmp_path, "llm", llm__ollama_url=fake.url) as url:
            yield url


async def ask(url: str, path: str, body: bytes = b"", method: str = "POST") -> tuple[int, Any]:
    async with aiohttp.ClientSession() as http, http.request(method, f"{url}{path}", data=body) as response:
        return response.status, await response.json()


async def test_the_same_prompt_is_answered_once(url: str, fake: FakeOllama) -> None:
    """Though it samples: that is what `use_cache` asks for."""
    body = b'{"prompt": "Hello", "character_name": "peter", "settings": {"temperature": 0.8, "max_tokens": 500}}'
    fake.enqueue("once", "twice", "thrice")
    _, first = await ask(url, "/generate", body)
    _, second = await ask(url, "/generate", body)
    _, other = await ask(url, "/generate", body.replace(b"peter", b"brian"))
    _, anew = await ask(url, "/generate", body.replace(b"}}", b'}, "use_cache": false}'))
    told = [(answer["response"], answer["cache_hit"]) for answer in (first, second, other, anew)]
    assert told == [("once", False), ("once", True), ("twice", False), ("thrice", False)]
    assert fake.requests[0].body["options"] == {"temperature": 0.8, "num_predict": 500}


async def test_a_model_is_validated_with_and_without_a_body(url: str, fake: FakeOllama) -> None:
    _, unknown = await ask(url, "/validate-model")
    assert (unknown["model_available"], unknown["performance_score"]) == (True, None)
    await ask(url, "/generate", b'{"prompt": "Hello"}')
    _, known = await ask(url, "/validate-model", method="GET")
    assert known["performance_score"] == 100
    fake.enqueue(Reply(status=500, error="out of memory"))
    assert (await ask(url, "/generate", b'{"prompt": "Again"}'))[0] == 502
    _, worse = await ask(url, "/validate-model", b'{"model": "llama3.2"}')
    assert (worse["model_name"], worse["model_size"]) == ("ollama/llama3.2:latest", "2.0GB")
    assert worse["performance_score"] == 50


async def test_an_empty_prompt_is_refused_by_name(url: str) -> None:
    status, told = await ask(url, "/generate", b'{"prompt": " "}')
    assert status == 422
    assert "prompt" in told["detail"]
