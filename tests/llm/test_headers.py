"""What clients wish in headers, and are told there."""

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from greenroom.config import WireSettings
from greenroom.errors import RateLimited
from greenroom.llm.headers import told_of
from greenroom.llm.ollama_api import ollama_routes
from greenroom.llm.openai_api import openai_routes
from greenroom.model import Chunk, Decision
from greenroom.testing import ScriptedModel, serving
from greenroom.wire.application import application
from tests.llm.caching import Caching, caching

CHAT: dict[str, Any] = {
    "model": "scripted/model",
    "messages": [{"role": "user", "content": "hi"}],
    "options": {"temperature": 0},
}
GENERATE: dict[str, Any] = {"model": "scripted/model", "prompt": "hi", "options": {"seed": 1}}


@pytest.fixture
async def cache() -> AsyncIterator[Caching]:
    async with caching(ScriptedModel("Hello there")) as cache:
        yield cache


@pytest.fixture
async def url(cache: Caching) -> AsyncIterator[str]:
    app = application("Ollama", WireSettings(), ())
    app.router.routes.extend(ollama_routes(cache.answers, cache.clock))
    app.router.routes.extend(openai_routes(cache.answers, cache.clock))
    async with serving(app) as url:
        yield url


async def asked(url: str, path: str, body: dict[str, Any], control: str = "") -> tuple[str | None, str]:
    """The header, and the words of the answer."""
    headers = {"Cache-Control": control} if control else {}
    async with aiohttp.ClientSession() as http, http.post(url + path, json=body, headers=headers) as response:
        lines = [json.loads(line) for line in (await response.text()).splitlines()]
        words = [line["message"]["content"] if "message" in line else line["response"] for line in lines]
        assert lines[-1]["done"] is True
        assert "cache" not in lines[0]
        return response.headers.get("X-Greenroom-Cache"), "".join(words)


@pytest.mark.parametrize(("path", "body"), [("/api/chat", CHAT), ("/api/generate", GENERATE)])
async def test_a_stream_and_an_answer_in_one_piece_are_one_entry(url: str, path: str, body: dict[str, Any]) -> None:
    assert await asked(url, path, body) == ("miss", "Hello there")
    assert await asked(url, path, {**body, "stream": False}) == ("memory", "Hello there")
    assert await asked(url, path, body) == ("memory", "Hello there")


async def test_cache_control_is_heeded(url: str, cache: Caching) -> None:
    assert await asked(url, "/api/chat", CHAT, "no-store") == ("miss", "Hello there")
    assert await asked(url, "/api/chat", CHAT, "max-age=0, No-Cache") == (None, "Hello there")
    assert await asked(url, "/api/chat", CHAT, "no-store") == ("memory", "Hello there")
    assert await asked(url, "/api/chat", CHAT, "no-cache, no-store") == (None, "Hello there")
    assert len(cache.model.requests) == 3


async def test_what_is_sampled_freely_has_no_header(url: str) -> None:
    assert await asked(url, "/api/chat", {**CHAT, "options": {}}) == (None, "Hello there")


@pytest.mark.parametrize("stream", [True, False])
async def test_every_dialect_says_who_answers_and_from_where(url: str, stream: bool) -> None:
    body = {"model": "model", "messages": [{"role": "user", "content": "hi"}], "temperature": 0, "stream": stream}
    for source in ("miss", "memory"):
        async with aiohttp.ClientSession() as http, http.post(url + "/v1/chat/completions", json=body) as response:
            assert response.headers["X-Greenroom-Cache"] == source
            assert response.headers["X-Greenroom-Model"] == "scripted/model"
            assert "Hello" in await response.text()


def test_any_name_of_a_model_fits_into_a_header() -> None:
    assert told_of(Chunk(model="home/llama3.2:8b"))["X-Greenroom-Model"] == "home/llama3.2:8b"
    assert told_of(Chunk(model="home/räv\r\nx: y"))["X-Greenroom-Model"] == "home/r%C3%A4v%0D%0Ax: y"


@pytest.mark.parametrize("path", ["/api/chat", "/api/generate", "/v1/chat/completions", "/v1/completions"])
async def test_a_refusal_says_when_to_come_back(path: str) -> None:
    model = ScriptedModel()
    model.enqueue(RateLimited("slow down", retry_after_s=6.2))
    body = {"model": "scripted/model", "prompt": "hi", "messages": CHAT["messages"]}
    async with caching(model) as cache:
        app = application("Ollama", WireSettings(), ())
        app.router.routes.extend(
            [*ollama_routes(cache.answers, cache.clock), *openai_routes(cache.answers, cache.clock)]
        )
        async with serving(app) as url, aiohttp.ClientSession() as http, http.post(url + path, json=body) as response:
            assert (response.status, response.headers["Retry-After"]) == (429, "7")
            error = (await response.json())["error"]
    assert (error if path.startswith("/api/") else error["message"]) == "slow down"


def test_whoever_stands_in_is_named_and_in_whose_place() -> None:
    chunk = Chunk(model="cloud/süß", instead_of=("ollama/big: NoUpstream", "x\r\nSet-Cookie: y: RateLimited"))
    assert told_of(chunk) == {
        "X-Greenroom-Model": "cloud/s%C3%BC%C3%9F",
        "X-Greenroom-Instead-Of": "ollama/big: NoUpstream, x%0D%0ASet-Cookie: y: RateLimited",
    }


async def test_a_page_that_may_call_may_read_all_that_is_told(url: str) -> None:
    everything = Chunk(
        model="cloud/org/big",
        instead_of=("ollama/large: NoUpstream",),
        cache="similar",
        key="answer:1",
        similarity=0.98,
        route=Decision(complexity="high", score=0.8, reasons=(), route="cloud", model="cloud/org/big"),
    )
    origin = {"Origin": "http://localhost:3000"}
    async with aiohttp.ClientSession() as http, http.get(f"{url}/api/version", headers=origin) as response:
        may_read = response.headers["Access-Control-Expose-Headers"].split(", ")
    assert set(told_of(everything)) <= set(may_read)
