"""`/api/analyze`, as outsiders and as our own client meet it, at the root in both deployments."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from greenroom.config import Backoff, WireSettings
from greenroom.errors import InvalidInput, TooLarge
from greenroom.model import ChatMessage, ComplexityRequest
from greenroom.ports import Complexity
from greenroom.wire import Peer, client
from tests.deployments import one_process, one_service

MODEST = {"wire__max_api_body_bytes": 20_000, "wire__service_token": "between-services"}


@pytest.fixture(params=["up", "serve llm"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    if request.param == "up":
        async with one_process(tmp_path, **MODEST) as addresses:
            yield addresses["llm"].removesuffix("/llm")
    else:
        async with one_service(tmp_path, "llm", **MODEST) as url:
            yield url


@pytest.fixture
def complexity(url: str, http: aiohttp.ClientSession) -> Complexity:
    return client(Complexity, Peer("llm", url, lambda: http, WireSettings(service_call=Backoff(attempts=1))))


async def asked(http: aiohttp.ClientSession, body: bytes, method: str = "POST") -> tuple[int, Any]:
    async with http.request(method, "/api/analyze", data=body) as response:
        return response.status, await response.json()


async def test_a_prompt_is_judged_with_reasons(http: aiohttp.ClientSession) -> None:
    status, answer = await asked(http, b'{"prompt": "Good morning!"}')
    assert status == 200
    assert answer["complexity"] == "low"
    assert 0 <= answer["score"] <= 1
    assert answer["route"] == "local"
    assert answer["reasons"]


async def test_the_typed_client_judges_a_conversation(complexity: Complexity) -> None:
    said = ChatMessage(role="user", content="Hello there!")
    decision = await complexity.analyze(ComplexityRequest(messages=(said,)))
    assert decision.complexity == "low"


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"{}", "body: Value error, there is nothing to judge: give a prompt or messages"),
        (b'{"prompt": 7}', "prompt: Input should be a valid string"),
        (b'{"prompt"', "body: this is not JSON: "),
    ],
)
async def test_a_wrong_body_is_refused_in_ollamas_words(
    http: aiohttp.ClientSession, body: bytes, complaint: str
) -> None:
    status, answer = await asked(http, body)
    assert status == 422
    assert list(answer) == ["error"]
    assert answer["error"].startswith(complaint)


async def test_a_body_that_is_too_large_and_a_wrong_method_are_refused_in_ollamas_words(
    http: aiohttp.ClientSession,
) -> None:
    too_large = await asked(http, b'{"prompt": "%s"}' % (b"x" * 30_000))
    assert too_large == (413, {"error": "the body is larger than 20000 bytes (wire.max_api_body_bytes)"})
    assert await asked(http, b"", "GET") == (405, {"error": "method not allowed; this path has POST"})


async def test_our_own_client_meets_the_same_class_of_error(complexity: Complexity) -> None:
    with pytest.raises(InvalidInput, match="nothing to judge"):
        await complexity.analyze(ComplexityRequest.model_construct(prompt=" ", messages=()))
    with pytest.raises(TooLarge):
        await complexity.analyze(ComplexityRequest(prompt="x" * 30_000))


async def test_the_route_is_in_the_documentation_and_its_neighbours_are_still_there(
    http: aiohttp.ClientSession,
) -> None:
    async with http.get("/openapi.json") as response:
        assert "post" in (await response.json())["paths"]["/api/analyze"]
    async with http.get("/api/version") as response:
        assert response.status == 200
    async with http.get("/api/nothing") as response:
        assert (response.status, await response.text()) == (404, "404 page not found")
