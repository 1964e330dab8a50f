"""`auto` as clients of every dialect see it, with Ollama at home and a compatible server as the cloud."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from greenroom.testing import FakeOllama, serving
from tests.deployments import one_service
from tests.llm.routing.houses import EASY, HARD


async def models(request: Request) -> Response:
    return JSONResponse({"data": [{"id": "big", "context_length": 8000}]})


async def complete(request: Request) -> Response:
    events = [{"choices": [{"delta": {"content": "from afar"}}]}, {"choices": [{"delta": {}, "finish_reason": "stop"}]}]
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
    return Response(body, media_type="text/event-stream")


FAR_AWAY = Starlette(
    routes=[
        Route("/v1/models", models),
        Route("/v1/chat/completions", complete, methods=["POST"]),
        Route("/v1/completions", complete, methods=["POST"]),
    ]
)


@pytest.fixture
async def ollama() -> AsyncIterator[FakeOllama]:
    async with FakeOllama(models=("small:latest",)) as ollama:
        yield ollama


@pytest.fixture
async def http(ollama: FakeOllama, tmp_path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    async with serving(FAR_AWAY) as far:
        settings = {
            "llm__ollama_url": ollama.url,
            "llm__compatible__far__base_url": f"{far}/v1",
            "llm__routing__cloud": "far/big",
        }
        async with one_service(tmp_path, "llm", **settings) as url, aiohttp.ClientSession(url) as http:
            yield http


def native(text: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}]}


def prompted(text: str) -> dict[str, Any]:
    return {"prompt": text}


def to_anthropic(text: str) -> dict[str, Any]:
    return native(text) | {"max_tokens": 100}


def to_responses(text: str) -> dict[str, Any]:
    return {"input": text}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/chat", native),
        ("/api/generate", prompted),
        ("/v1/chat/completions", native),
        ("/v1/completions", prompted),
        ("/v1/messages", to_anthropic),
        ("/v1/responses", to_responses),
    ],
)
async def test_auto_answers_and_says_how_its_model_was_chosen(
    http: aiohttp.ClientSession, ollama: FakeOllama, path: str, body: Any, stream: bool
) -> None:
    ollama.enqueue("from home")
    for text, model, words, level in (
        (EASY, "ollama/small:latest", "from home", "low"),
        (HARD, "far/big", "from afar", "high"),
    ):
        asked = {"model": "auto", "stream": stream, **body(text)}
        async with http.post(path, json=asked) as response:
            answer = await response.text()
            assert response.status == 200, answer
            assert words.split()[-1] in answer
            assert response.headers["X-Greenroom-Model"] == model
            assert response.headers["X-Greenroom-Route"].startswith(f"{level}; score=0.")
            assert f"model={model}" in response.headers["X-Greenroom-Route"]
            assert ("degraded=no web search" in response.headers["X-Greenroom-Route"]) == (level == "high")


async def test_what_is_missing_is_said_in_the_header(http: aiohttp.ClientSession) -> None:
    async with http.post("/api/chat", json={"model": "auto", "stream": False, **native(HARD)}) as response:
        assert "; route=cloud; model=far/big; degraded=no web search; id=" in response.headers["X-Greenroom-Route"]


async def test_how_well_an_answer_did_can_be_told_by_the_id_that_came_with_it(http: aiohttp.ClientSession) -> None:
    async with http.post("/v1/completions", json={"model": "auto", **prompted(HARD)}) as response:
        decision = response.headers["X-Greenroom-Route"].rpartition("id=")[2]
    async with http.post("/routing/outcomes", json={"decision": decision, "good": 0.5}) as response:
        assert response.status == 200
    async with http.get("/routing") as response:
        assert (await response.json())["version"] == 0


async def test_auto_is_listed_and_shown_to_every_client(http: aiohttp.ClientSession) -> None:
    async with http.get("/api/tags") as response:
        assert "auto" in [entry["name"] for entry in (await response.json())["models"]]
    async with http.get("/v1/models") as response:
        assert "auto" in [entry["id"] for entry in (await response.json())["data"]]
    async with http.get("/v1/models/auto") as response:
        assert (await response.json())["id"] == "auto"
    for name in ("auto", "auto:latest", "auto/auto"):
        async with http.post("/api/show", json={"model": name}) as response:
            shown = await response.json()
            assert response.status == 200
            assert "completion" in shown["capabilities"]
    async with http.post("/api/show", json={"model": "auto/unheard-of"}) as response:
        assert response.status == 404


async def test_loading_auto_is_nothing_to_wait_for(http: aiohttp.ClientSession) -> None:
    async with http.post("/api/generate", json={"model": "auto", "prompt": ""}) as response:
        assert (response.status, (await response.json())["done_reason"]) == (200, "load")
