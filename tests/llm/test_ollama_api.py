"""Our Ollama, as Ollama's own client sees it, and byte for byte."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import ollama
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from greenroom.config import Backoff, LlmSettings, WireSettings
from greenroom.errors import NoUpstream, UpstreamFailed
from greenroom.llm import ollama_answer as answers
from greenroom.llm.ollama import Ollama
from greenroom.llm.ollama_api import ollama_routes
from greenroom.llm.ollama_shelf import cards
from greenroom.llm.service import LlmService
from greenroom.llm.stamps import Stamps
from greenroom.model import Chunk, ModelCard, ToolCall, ToolFunction, Usage
from greenroom.ports import Llm
from greenroom.testing import FakeOllama, FrozenClock, Reply, ScriptedModel, serving
from greenroom.wire.application import application

MODELS = ("llama3.2:latest", "nomic-embed-text:latest")
SAID = [{"role": "user", "content": "hi"}]
ASK: dict[str, Any] = {"model": "llama3.2", "messages": SAID}


@pytest.fixture
async def fake() -> AsyncIterator[FakeOllama]:
    async with FakeOllama(models=MODELS) as fake:
        yield fake


@pytest.fixture
def stand_in() -> ScriptedModel:
    return ScriptedModel("stand-in", card=ModelCard(name="understudy", provider="understudy", stand_in=True))


@pytest.fixture
def cloud() -> ScriptedModel:
    return ScriptedModel("from afar", card=ModelCard(name="org/big", provider="cloud"))


@pytest.fixture
async def url(fake: FakeOllama, stand_in: ScriptedModel, cloud: ScriptedModel) -> AsyncIterator[str]:
    settings = LlmSettings(ollama_url=fake.url, first_token_s=5)
    providers: dict[str, Llm] = {
        "ollama": Ollama(settings, Backoff(attempts=1)),
        "cloud": cloud,
        "understudy": stand_in,
    }
    async with LlmService(settings, providers, FrozenClock()) as llm:
        app = application("Ollama", WireSettings(max_api_body_bytes=100_000), ())
        app.router.routes.extend(ollama_routes(llm, FrozenClock()))
        app.router.routes.append(Route("/", page))
        async with serving(app) as url:
            yield url


async def page(request: Request) -> Response:
    return PlainTextResponse("the page")


async def post(http: aiohttp.ClientSession, path: str, body: Any) -> tuple[int, Any]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with http.post(path, data=content) as response:
        return response.status, await response.json(content_type=None)


async def test_the_client_chats(client: ollama.AsyncClient, fake: FakeOllama) -> None:
    fake.enqueue(Reply(text="Hello there", thinking="hm"))
    answer = await client.chat("llama3.2", messages=SAID, think=True, options={"seed": 7})
    assert (answer.message.content, answer.message.thinking) == ("Hello there", "hm")
    assert (answer.done_reason, answer.eval_count, answer.prompt_eval_count) == ("stop", 2, 3)
    assert fake.requests[0].body["options"] == {"seed": 7}
    assert fake.requests[0].body["think"] is True


async def test_the_client_streams(client: ollama.AsyncClient, fake: FakeOllama) -> None:
    fake.enqueue("one two three")
    parts = [part async for part in await client.chat("llama3.2", messages=SAID, stream=True)]
    assert [part.message.content for part in parts] == ["one", " two", " three", ""]
    assert [part.done for part in parts] == [False, False, False, True]


async def test_the_client_generates(client: ollama.AsyncClient, fake: FakeOllama) -> None:
    fake.enqueue("an answer", "an answer")
    assert (await client.generate("llama3.2", prompt="q", format="json")).response == "an answer"
    parts = [part async for part in await client.generate("llama3.2", prompt="q", stream=True)]
    assert [part.response for part in parts] == ["an", " answer", ""]
    assert fake.requests[0].body["format"] == "json"


async def test_the_client_gets_tool_calls(client: ollama.AsyncClient, fake: FakeOllama) -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
    fake.enqueue(Reply(tool_calls=({"function": {"name": "f", "arguments": {"b": 1, "a": 2}}},)))
    answer = await client.chat("llama3.2", messages=SAID, tools=[tool])
    assert answer.message.tool_calls is not None
    assert list(answer.message.tool_calls[0].function.arguments.items()) == [("b", 1), ("a", 2)]


async def test_the_client_lists_models_each_under_the_name_that_it_is_asked_by(client: ollama.AsyncClient) -> None:
    models = (await client.list()).models
    assert [model.model for model in models] == [*MODELS, "cloud/org/big", "understudy:latest"]
    assert models[3].details is not None
    assert (models[3].details.family, models[3].details.format) == ("understudy", "built-in")
    for model in models:
        if "embed" not in str(model.model):
            assert (await client.generate(str(model.model), prompt="hi")).response


async def test_the_client_sees_an_error_inside_the_stream(client: ollama.AsyncClient, fake: FakeOllama) -> None:
    fake.enqueue(Reply(text="one two", error="the runner died", after=1))
    stream = await client.chat("llama3.2", messages=SAID, stream=True)
    assert (await anext(stream)).message.content == "one"
    with pytest.raises(ollama.ResponseError, match="the runner died"):
        await anext(stream)


async def test_a_chunk_is_written_as_ollama_writes_it(http: aiohttp.ClientSession, fake: FakeOllama) -> None:
    fake.enqueue("Hé")
    async with http.post("/api/chat", data=json.dumps(ASK), headers={"Content-Type": "text/plain"}) as response:
        assert (response.status, response.headers["content-type"]) == (200, "application/x-ndjson")
        assert "content-length" not in response.headers
        first, last = (json.loads(line) for line in (await response.read()).splitlines())
    assert first == {
        "model": "llama3.2",
        "created_at": "2026-01-01T12:00:00.000000000Z",
        "message": {"role": "assistant", "content": "Hé"},
        "done": False,
    }
    assert last == {
        "model": "llama3.2",
        "created_at": "2026-01-01T12:00:00.000000000Z",
        "message": {"role": "assistant", "content": ""},
        "done": True,
        "done_reason": "stop",
        "total_duration": 2_000_000,
        "load_duration": 1_000_000,
        "prompt_eval_count": 3,
        "prompt_eval_duration": 300_000,
        "eval_count": 1,
        "eval_duration": 700_000,
    }


async def test_a_tool_call_without_an_id_is_given_one(http: aiohttp.ClientSession, cloud: ScriptedModel) -> None:
    calls = tuple(ToolCall(function=ToolFunction(name=name, arguments={})) for name in "fg")
    cloud.enqueue(Chunk(model="", tool_calls=calls, done=True))
    _, answer = await post(http, "/api/chat", {**ASK, "model": "cloud/org/big", "stream": False})
    written = answer["message"]["tool_calls"]
    assert [call["function"] for call in written] == [
        {"index": 0, "name": "f", "arguments": {}},
        {"index": 1, "name": "g", "arguments": {}},
    ]
    assert all(re.fullmatch("call_[a-z0-9]{8}", call["id"]) for call in written)


@pytest.mark.parametrize(
    ("path", "body", "status", "error"),
    [
        ("/api/chat", b"", 400, "missing request body"),
        ("/api/generate", b" \n", 400, "missing request body"),
        ("/api/chat", b"{", 400, None),
        ("/api/chat", b"[]", 400, None),
        ("/api/chat", b'{"model":"\xff"}', 400, None),
        ("/api/chat", b'{"model":' * 10_000, 400, None),
        ("/api/chat", {"model": 7}, 400, None),
        ("/api/chat", {"messages": []}, 400, "model is required"),
        ("/api/generate", {"prompt": "x"}, 404, "model '' not found"),
        ("/api/chat", {"model": "Nope"}, 404, "model 'Nope' not found"),
        (
            "/api/generate",
            {"model": "nope:7b", "prompt": "x", "raw": True, "system": "s"},
            404,
            "model 'nope:7b' not found",
        ),
        ("/api/generate", {"model": "nope", "top_logprobs": 21}, 400, "top_logprobs must be between 0 and 20"),
        (
            "/api/generate",
            {"model": "llama3.2", "prompt": "x", "raw": True, "template": "t"},
            400,
            "raw mode does not support template, system, or context",
        ),
        ("/api/chat", {**ASK, "model": "nomic-embed-text"}, 400, '"nomic-embed-text" does not support chat'),
        (
            "/api/generate",
            {"model": "nomic-embed-text", "prompt": "x"},
            400,
            '"nomic-embed-text" does not support generate',
        ),
        ("/api/chat", {**ASK, "model": "understudy", "think": True}, 400, '"understudy" does not support thinking'),
        (
            "/api/chat",
            {**ASK, "model": "understudy", "tools": [{}]},
            400,
            "registry.ollama.ai/library/understudy:latest does not support tools",
        ),
        (
            "/api/generate",
            {"model": "understudy", "prompt": "x", "suffix": "y"},
            400,
            "registry.ollama.ai/library/understudy:latest does not support insert",
        ),
        (
            "/api/chat",
            {**ASK, "think": "hard"},
            400,
            'invalid think value: "hard" (must be "high", "medium", "low", "max", true, or false)',
        ),
        ("/api/chat", {**ASK, "keep_alive": "soon"}, 400, 'time: invalid duration "soon"'),
        ("/api/chat", {**ASK, "keep_alive": True}, 400, None),
        ("/api/chat", {**ASK, "keep_alive": "1" * 90_000}, 400, None),
        ("/api/chat", {**ASK, "format": "xml"}, 400, None),
        ("/api/chat", {**ASK, "options": {"num_predict": "many"}}, 400, 'option "num_predict" must be of type integer'),
        ("/api/chat", {**ASK, "options": {"temperature": "hot"}}, 400, 'option "temperature" must be of type float32'),
        ("/api/chat", {**ASK, "options": {"stop": "x"}}, 400, 'option "stop" must be of type array'),
        ("/api/chat", {**ASK, "options": {"use_mmap": 1}}, 400, 'option "use_mmap" must be of type boolean'),
        ("/api/chat", {**ASK, "messages": [{"role": "robot", "content": "x"}]}, 400, None),
        ("/api/generate", {"model": "llama3.2", "prompt": "x", "images": ["!"]}, 400, None),
        ("/api/chat", b'{"model":"' + b"x" * 200_000 + b'"}', 413, None),
    ],
)
async def test_a_wrong_request_is_refused_in_ollamas_words(
    http: aiohttp.ClientSession, fake: FakeOllama, path: str, body: Any, status: int, error: str | None
) -> None:
    answered, told = await post(http, path, body)
    assert answered == status
    assert list(told) == ["error"]
    assert told["error"]
    if error is not None:
        assert told["error"] == error
    assert not [request for request in fake.requests if request.body.get("messages")]


@pytest.mark.parametrize(
    "extra",
    [
        {"keep_alive": "1h30m"},
        {"keep_alive": -1},
        {"keep_alive": "0"},
        {"think": None, "format": None, "options": None, "tools": None},
        {"format": ""},
        {"options": {"num_predict": 3.7, "unheard_of": [1], "seed": None, "max_tokens": "x"}},
        {"unknown": {"field": 1}},
        {"messages": [{"role": "USER", "content": "hi", "images": ["aGk="]}]},
    ],
)
async def test_what_ollama_takes_is_taken(http: aiohttp.ClientSession, extra: dict[str, Any]) -> None:
    status, answer = await post(http, "/api/chat", {**ASK, "stream": False, **extra})
    assert (status, answer["message"]["content"]) == (200, "You said: hi")


@pytest.mark.parametrize(
    ("path", "extra", "reason", "upstream"),
    [
        ("/api/chat", {}, "load", True),
        ("/api/chat", {"messages": [], "keep_alive": 0}, "unload", True),
        ("/api/generate", {}, "load", True),
        ("/api/generate", {"keep_alive": "0s", "prompt": ""}, "unload", True),
        ("/api/generate", {"model": "understudy"}, "load", False),
    ],
)
async def test_nothing_to_say_loads_or_unloads_the_model(
    http: aiohttp.ClientSession, fake: FakeOllama, path: str, extra: dict[str, Any], reason: str, upstream: bool
) -> None:
    status, answer = await post(http, path, {"model": "llama3.2", **extra})
    said = {"message": {"role": "assistant", "content": ""}} if "chat" in path else {"response": ""}
    assert status == 200
    assert answer.items() >= {**said, "done": True, "done_reason": reason}.items()
    assert len(answer) == 5
    assert bool(fake.requests) == upstream


async def test_the_roles_defaults_are_not_pressed_on_ollamas_clients(
    http: aiohttp.ClientSession, fake: FakeOllama
) -> None:
    await post(http, "/api/chat", ASK | {"stream": False})
    assert fake.requests[0].body["options"] == {}


async def test_errors_have_a_status_before_the_first_byte_and_are_the_last_line_after_it(
    http: aiohttp.ClientSession, cloud: ScriptedModel
) -> None:
    asked = {**ASK, "model": "cloud/org/big"}
    cloud.enqueue(NoUpstream("cloud does not answer"))
    assert await post(http, "/api/chat", asked) == (503, {"error": "cloud does not answer"})
    cloud.enqueue("half", UpstreamFailed("cloud broke off"))
    async with http.post("/api/chat", json=asked) as response:
        lines = [json.loads(line) for line in (await response.read()).splitlines()]
    assert response.status == 200
    assert lines[-1] == {"error": "cloud broke off"}
    assert not any(line.get("done") for line in lines)
    cloud.enqueue("half", UpstreamFailed("cloud broke off"))
    assert await post(http, "/api/chat", {**asked, "stream": False}) == (502, {"error": "cloud broke off"})


async def test_a_mistake_of_ours_is_told_without_its_inside(http: aiohttp.ClientSession, cloud: ScriptedModel) -> None:
    cloud.enqueue(ZeroDivisionError("secret"))
    status, told = await post(http, "/api/chat", {**ASK, "model": "cloud/org/big"})
    assert status == 500
    assert "secret" not in told["error"]


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize("tokens", [0, 1])
async def test_a_client_that_leaves_stops_the_model(
    http: aiohttp.ClientSession, fake: FakeOllama, streams: bool, tokens: int
) -> None:
    fake.enqueue(Reply(text="one two", stall=True, after=tokens))
    leaving = asyncio.create_task(post(http, "/api/chat", {**ASK, "stream": streams}))
    await fake.until_busy()
    leaving.cancel()
    await asyncio.wait([leaving])
    async with asyncio.timeout(30):
        await fake.until_idle()
    assert fake.left == 1


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("GET", "/", 200, "Ollama is running"),
        ("HEAD", "/", 200, ""),
        ("GET", "/api/version", 200, '{"version":"0.33.0"}'),
        ("HEAD", "/api/version", 200, ""),
        ("HEAD", "/api/tags", 200, ""),
        ("GET", "/api/chat", 405, "405 method not allowed"),
        ("POST", "/api/tags", 405, "405 method not allowed"),
        ("GET", "/api/nothing", 404, "404 page not found"),
        ("POST", "/api/nothing", 404, "404 page not found"),
    ],
)
async def test_paths_and_methods(http: aiohttp.ClientSession, method: str, path: str, status: int, text: str) -> None:
    async with http.request(method, path) as response:
        assert (response.status, await response.text()) == (status, text)


@pytest.mark.parametrize(
    ("accept", "text"),
    [
        ("*/*", "Ollama is running"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "the page"),
        ("", "Ollama is running"),
    ],
)
async def test_a_browser_is_told_from_a_client(http: aiohttp.ClientSession, accept: str, text: str) -> None:
    async with http.get("/", headers={"Accept": accept}) as response:
        assert await response.text() == text


async def test_the_last_line_of_a_stream_says_nothing_any_more(
    http: aiohttp.ClientSession, cloud: ScriptedModel
) -> None:
    """Servers of OpenAI's API tell tool calls at their end; Ollama's clients look for them before it."""
    call = ToolCall(id="call_1", function=ToolFunction(name="f", arguments={}))
    cloud.enqueue(Chunk(model="", tool_calls=(call,), done=True, usage=Usage(completion_tokens=3)))
    async with http.post("/api/chat", json={**ASK, "model": "cloud/org/big"}) as response:
        first, last = (json.loads(line) for line in (await response.read()).splitlines())
    assert [written["id"] for written in first["message"]["tool_calls"]] == ["call_1"]
    assert (first["done"], "eval_count" in first, "done_reason" in first) == (False, False, False)
    assert last["message"] == {"role": "assistant", "content": ""}
    assert (last["done"], last["done_reason"], last["eval_count"]) == (True, "stop", 3)


async def test_a_model_of_ollamas_cloud_says_where_it_is(fake: FakeOllama, http: aiohttp.ClientSession) -> None:
    there = {"remote_model": "gpt-oss:120b", "remote_host": "https://ollama.com:443"}
    card = ModelCard(name="gpt-oss:120b-cloud", provider="ollama", **there)
    assert answers.tag(card).items() >= there.items()
    assert list(answers.head("x", card, Stamps(FrozenClock()))) == [
        "model",
        "remote_model",
        "remote_host",
        "created_at",
    ]
    assert cards(json.dumps({"models": [{"name": card.name, **there}]}).encode()) == (card,)
    _, local = await post(http, "/api/chat", {**ASK, "stream": False})
    assert not there.keys() & local.keys()
