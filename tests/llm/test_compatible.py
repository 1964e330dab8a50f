import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from greenroom.config import Backoff, CompatibleServer, LlmSettings
from greenroom.errors import GreenroomError, Overloaded, Unsupported, UpstreamFailed, UpstreamRefused, UpstreamSilent
from greenroom.llm.compatible import Compatible
from greenroom.model import (
    ChatMessage,
    ChatRequest,
    GenerateRequest,
    Nothing,
    Options,
    Texts,
    ToolCall,
    ToolFunction,
)
from tests.llm.reading import every

END = '{"choices":[{"delta":{},"finish_reason":"stop"}]}'
USAGE = '{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}'


class FakeServer:
    """An OpenAI-compatible server: sends `events`, or `status` with `body`, and records what it was asked."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.status, self.body, self.headers = 200, "", {}  # type: tuple[int, str, dict[str, str]]
        self.asked: list[tuple[str, dict[str, Any], str]] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        content = await request.json() if request.can_read_body else {}
        self.asked.append((request.path, content, request.headers.get("Authorization", "")))
        if self.body:
            return web.Response(status=self.status, text=self.body, headers=self.headers)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for event in self.events:
            await response.write(event.encode() if event.startswith(":") else f"data: {event}\r\n\r\n".encode())
        return response


@asynccontextmanager
async def reached(
    server: FakeServer, *, models: tuple[str, ...] = (), key: str = "s3cret", **settings: Any
) -> AsyncIterator[Compatible]:
    app = web.Application()
    app.router.add_route("*", "/v1/{rest:.*}", server.answer)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}/v1/"
    described = CompatibleServer(base_url=base, api_key_env="KEY", models=models)
    try:
        async with Compatible(
            "cloud", described, LlmSettings(**settings), SecretStr(key), Backoff(attempts=1)
        ) as provider:
            yield provider
    finally:
        await runner.cleanup()


def chat(**fields: Any) -> ChatRequest:
    return ChatRequest(model="small", messages=(ChatMessage(role="user", content="hello"),), **fields)


def delta(**fields: Any) -> str:
    return json.dumps({"choices": [{"index": 0, "delta": fields}]})


async def test_text_and_thinking_stream_and_the_usage_comes_with_the_end() -> None:
    server = FakeServer()
    server.events = [
        ": waiting\n\n",
        delta(role="assistant", content=""),
        delta(reasoning_content="hm"),
        delta(reasoning="so"),
        delta(content="Hi"),
        delta(content=" you"),
        END,
        USAGE,
        "[DONE]",
    ]
    async with reached(server) as provider:
        chunks = await every(provider.chat(chat()))
    assert [(c.thinking, c.text) for c in chunks] == [("hm", ""), ("so", ""), ("", "Hi"), ("", " you"), ("", "")]
    assert {chunk.model for chunk in chunks} == {"cloud/small"}
    usage = chunks[-1].usage
    assert usage is not None
    assert (chunks[-1].done_reason, usage.prompt_tokens, usage.completion_tokens) == ("stop", 5, 2)
    assert usage.total_ns is not None
    assert usage.total_ns > 0
    path, body, authorization = server.asked[0]
    assert (path, authorization) == ("/v1/chat/completions", "Bearer s3cret")
    assert body["stream_options"] == {"include_usage": True}


async def test_fragments_of_tool_calls_are_joined() -> None:
    server = FakeServer()
    server.events = [
        delta(tool_calls=[{"index": 0, "id": "a", "function": {"name": "f", "arguments": ""}}]),
        delta(tool_calls=[{"index": 0, "function": {"arguments": '{"x": '}}]),
        delta(tool_calls=[{"index": 1, "id": "b", "function": {"name": "g", "arguments": "{}"}}]),
        delta(tool_calls=[{"index": 0, "function": {"arguments": "1}"}}]),
        '{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}',
    ]
    async with reached(server) as provider:
        chunks = await every(provider.chat(chat()))
    assert [(c.id, c.function.name, c.function.arguments) for c in chunks[-1].tool_calls] == [
        ("a", "f", {"x": 1}),
        ("b", "g", {}),
    ]
    assert chunks[-1].done_reason == "stop"


async def test_options_pictures_tools_and_schemas_are_said_in_its_words() -> None:
    server = FakeServer()
    server.events = [END]
    options = Options.model_validate(
        {"temperature": 0.2, "num_predict": 9, "seed": 1, "stop": ["\n"], "top_k": 3, "mirostat": 1}
    )
    messages = (
        ChatMessage(role="user", content="see", images=("iVBORw0KGgo=",)),
        ChatMessage(role="assistant", tool_calls=(ToolCall(function=ToolFunction(name="f", arguments={"a": 1})),)),
        ChatMessage(role="tool", content="7"),
    )
    request = ChatRequest(
        model="small", messages=messages, options=options, format={"type": "object"}, think="max", tools=({"x": 1},)
    )
    async with reached(server) as provider:
        await every(provider.chat(request))
        await every(provider.chat(chat(format="json", think=False, options=Options(num_predict=-1))))
    body = server.asked[0][1]
    assert {k: body[k] for k in ("temperature", "max_tokens", "seed", "stop", "reasoning_effort", "tools")} == {
        "temperature": 0.2,
        "max_tokens": 9,
        "seed": 1,
        "stop": ["\n"],
        "reasoning_effort": "high",
        "tools": [{"x": 1}],
    }
    assert "top_k" not in body
    assert "mirostat" not in body
    assert body["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert body["messages"][0]["content"][1]["image_url"]["url"] == "data:image/png;base64,iVBORw0KGgo="
    call = body["messages"][1]["tool_calls"][0]
    assert json.loads(call["function"]["arguments"]) == {"a": 1}
    assert body["messages"][2]["tool_call_id"] == call["id"]
    plain = server.asked[1][1]
    assert plain["response_format"] == {"type": "json_object"}
    assert "reasoning_effort" not in plain
    assert "max_tokens" not in plain


async def test_a_prompt_is_a_message_and_raw_text_is_left_as_it_is() -> None:
    server = FakeServer()
    server.events = ['{"choices":[{"text":"x","finish_reason":"length"}]}', "[DONE]"]
    async with reached(server) as provider:
        await every(provider.generate(GenerateRequest(model="small", prompt="hi", system="be")))
        raw = await every(provider.generate(GenerateRequest(model="small", prompt="hi", raw=True)))
        loaded = await every(provider.generate(GenerateRequest(model="small", prompt="")))
        with pytest.raises(Unsupported, match="template"):
            await every(provider.generate(GenerateRequest(model="small", prompt="hi", template="t")))
    assert [(path, body.get("messages"), body.get("prompt")) for path, body, _ in server.asked] == [
        ("/v1/chat/completions", [{"role": "system", "content": "be"}, {"role": "user", "content": "hi"}], None),
        ("/v1/completions", None, "hi"),
    ]
    assert [(chunk.text, chunk.done_reason) for chunk in raw] == [("x", None), ("", "length")]
    assert [chunk.done_reason for chunk in loaded] == ["load"]


@pytest.mark.parametrize(
    ("events", "part"),
    [
        ([delta(content="a")], "broke off"),
        ([delta(content="a"), "[DONE]"], "broke off"),
        ([delta(content="a"), '{"error":{"message":"quota"}}'], "quota"),
        (["{}}"], "not one of this API"),
        (['{"choices":[{"delta":{"content":7}}]}'], "not one of this API"),
        ([delta(tool_calls=[{"function": {"name": "f", "arguments": "[1"}}]), END], "tool call"),
        ([delta(tool_calls=[{"function": {"name": "f", "arguments": "[1]"}}]), END], "tool call"),
        ([delta(tool_calls=[{"function": {"arguments": "x" * 600_000}}])] * 2, "tool calls of more"),
    ],
)
async def test_a_stream_that_goes_wrong_ends_with_an_error(events: list[str], part: str) -> None:
    server = FakeServer()
    server.events = events
    async with reached(server) as provider:
        with pytest.raises(UpstreamFailed, match=part):
            await every(provider.chat(chat()))


@pytest.mark.parametrize(
    ("status", "body", "error", "part"),
    [
        (401, '{"error":{"message":"bad key"}}', UpstreamRefused, "bad key"),
        (429, '{"error":{"message":"slow"}}', Overloaded, "slow"),
        (200, '{"error":{"message":"not now"}}', UpstreamFailed, "not now"),
        (200, "<html>hello</html>", UpstreamFailed, "stream of events"),
    ],
)
async def test_a_refusal_says_why(status: int, body: str, error: type[GreenroomError], part: str) -> None:
    server = FakeServer()
    server.status, server.body = status, body
    async with reached(server) as provider:
        with pytest.raises(error, match=part) as caught:
            await every(provider.chat(chat()))
    assert "s3cret" not in repr(caught.value) + str(caught.value.extra)


async def test_silence_before_the_first_token_and_inside_ends_the_stream() -> None:
    server = FakeServer()

    async def stall(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for event in server.events:
            await response.write(f"data: {event}\n\n".encode())
        await response.write(b": still here\n\n")
        await asyncio.Event().wait()
        return response

    server.answer = stall  # type: ignore[method-assign]
    async with reached(server, first_token_s=0.1) as provider:
        with pytest.raises(UpstreamSilent, match="first token"):
            await every(provider.chat(chat()))
    server.events = [delta(content="a")]
    async with reached(server, between_tokens_s=0.05) as provider:
        with pytest.raises(UpstreamSilent, match=r"for 0\.05 s"):
            await every(provider.chat(chat()))


async def test_embeddings_come_in_the_order_of_the_texts_and_of_length_one() -> None:
    server = FakeServer()
    server.body = '{"data":[{"index":1,"embedding":[0,2,5]},{"index":0,"embedding":[3,4,0]}],"usage":{}}'
    async with reached(server) as provider:
        vectors = await provider.embed(Texts(texts=("a", "b"), model="e", dimensions=2))
        assert [list(row) for row in vectors.vectors] == [pytest.approx([0.6, 0.8]), pytest.approx([0.0, 1.0])]
        with pytest.raises(UpstreamFailed, match="2 vectors for 1 texts"):
            await provider.embed(Texts(texts=("a",), model="e"))
        server.body = '{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1,2]}]}'
        with pytest.raises(UpstreamFailed, match="not a list of embeddings"):
            await provider.embed(Texts(texts=("a", "b"), model="e"))


async def test_models_are_those_of_the_settings_or_else_of_the_server() -> None:
    server = FakeServer()
    server.body = '{"data":[{"id":"org/big"},{"id":"text-embed-1"}]}'
    async with reached(server) as provider:
        cards = (await provider.models(Nothing())).models
        assert [(card.full_name, card.capabilities) for card in cards] == [
            ("cloud/org/big", ("completion",)),
            ("cloud/text-embed-1", ("embedding",)),
        ]
    async with reached(server, models=("mine",)) as provider:
        assert [card.name for card in (await provider.models(Nothing())).models] == ["mine"]


async def test_a_server_without_a_list_is_there_when_the_settings_name_its_models() -> None:
    server = FakeServer()
    server.status, server.body = 404, "no such page"
    async with reached(server, models=("mine",)) as provider:
        assert (await provider.models(Nothing())).providers[0].reachable
        server.status, server.body = 401, '{"error":"bad key"}'
        with pytest.raises(UpstreamRefused, match="bad key"):
            await provider.models(Nothing())
    async with reached(server) as provider:
        server.status, server.body = 200, "<html>"
        with pytest.raises(UpstreamFailed, match="not a list of models"):
            await provider.models(Nothing())


async def test_log_probabilities_are_asked_for_and_told_as_ollama_tells_them() -> None:
    server = FakeServer()
    entry = {"token": "H", "logprob": -0.1, "bytes": [72], "top_logprobs": [{"token": "J", "logprob": -2, "id": 7}]}
    broken: list[Any] = ["x", {"token": 1}, {"token": "i", "logprob": -0.2, "bytes": None, "top_logprobs": None}]
    event = {"choices": [{"delta": {"content": "Hi"}, "logprobs": {"content": [entry, *broken]}}]}
    server.events = [json.dumps(event), delta(content="!"), END, "[DONE]"]
    async with reached(server) as provider:
        chunks = await every(provider.chat(chat(logprobs=True, top_logprobs=3)))
    assert chunks[0].logprobs == (
        {
            "token": "H",
            "logprob": -0.1,
            "bytes": [72],
            "top_logprobs": [{"token": "J", "logprob": -2, "bytes": [74]}],
        },
        {"token": "i", "logprob": -0.2, "bytes": [105]},
    )
    assert chunks[1].logprobs == ()
    assert server.asked[0][1].items() >= {"logprobs": True, "top_logprobs": 3}.items()


async def test_log_probabilities_of_a_plain_completion_have_another_form() -> None:
    server = FakeServer()
    told = {"tokens": ["H", "i"], "token_logprobs": [-0.1, None], "top_logprobs": [{"J": -2.5}, None]}
    server.events = [json.dumps({"choices": [{"text": "Hi", "logprobs": told}]}), END, "[DONE]"]
    async with reached(server) as provider:
        asked = GenerateRequest(model="small", prompt="x", raw=True, logprobs=True, top_logprobs=1)
        chunks = await every(provider.generate(asked))
    assert chunks[0].logprobs == (
        {
            "token": "H",
            "logprob": -0.1,
            "bytes": [72],
            "top_logprobs": [{"token": "J", "logprob": -2.5, "bytes": [74]}],
        },
    )
    assert server.asked[0][1]["logprobs"] == 1


@pytest.mark.parametrize(
    ("told", "cost"),
    [("0.0021", 0.0021), ("0", 0.0), ("null", None), ('"0.1"', None), ("-1", None), ("true", None), ("1e300", None)],
)
async def test_a_server_that_says_what_an_answer_cost_is_believed_when_it_is_an_amount(
    told: str, cost: float | None
) -> None:
    server = FakeServer()
    usage = f'{{"choices":[],"usage":{{"prompt_tokens":5,"completion_tokens":2,"cost":{told}}}}}'
    server.events = [delta(content="Hi"), END, usage, "[DONE]"]
    async with reached(server) as provider:
        *_, last = await every(provider.chat(chat()))
    assert last.usage is not None
    assert (last.usage.completion_tokens, last.usage.cost_usd) == (2, cost)
