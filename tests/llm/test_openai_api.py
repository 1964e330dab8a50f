"""Our OpenAI, as OpenAI's own client sees it, and byte for byte."""

import asyncio
import base64
import json
import re
import struct
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam
from pydantic import BaseModel

from greenroom.errors import NoUpstream, UpstreamFailed
from greenroom.model import Chunk, ToolCall, ToolFunction, Usage
from greenroom.testing import FakeOllama, Reply, ScriptedModel

SAID: list[ChatCompletionMessageParam] = [{"role": "user", "content": "hi"}]
ASK: dict[str, Any] = {"model": "llama3.2", "messages": SAID}
CREATED = 1767268800
"""What the frozen clock says."""


@pytest.fixture
async def client(url: str) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client:
        yield client


async def post(http: aiohttp.ClientSession, path: str, body: Any) -> tuple[int, Any]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with http.post(path, data=content) as response:
        return response.status, await response.json()


async def events(http: aiohttp.ClientSession, path: str, body: dict[str, Any]) -> list[Any]:
    """The events of a stream: each as JSON, and its end as it is."""
    async with http.post(path, json={**body, "stream": True}) as response:
        assert (response.status, response.headers["content-type"]) == (200, "text/event-stream")
        *blocks, rest = (await response.text()).split("\n\n")
    assert rest == ""
    found = [block.removeprefix("data: ") for block in blocks]
    assert all(block.startswith("data: ") for block in blocks)
    return [event if event == "[DONE]" else json.loads(event) for event in found]


# With OpenAI's own client -------------------------------------------------------------------------------------------


async def test_the_client_chats(client: openai.AsyncOpenAI, fake: FakeOllama) -> None:
    fake.enqueue(Reply(text="Hello there", thinking="hm"))
    answer = await client.chat.completions.create(model="llama3.2", messages=SAID, reasoning_effort="low")
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == ("Hello there", "stop")
    assert (answer.model, answer.object, answer.system_fingerprint) == ("llama3.2", "chat.completion", "fp_ollama")
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (3, 2, 5)
    assert answer.choices[0].message.model_extra == {"reasoning": "hm"}
    assert fake.requests[0].body["think"] == "low"


async def test_the_client_streams(client: openai.AsyncOpenAI, fake: FakeOllama) -> None:
    fake.enqueue("one two three")
    stream = await client.chat.completions.create(
        model="llama3.2", messages=SAID, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == "one two three"
    assert [c.choices[0].finish_reason for c in chunks if c.choices] == [None, None, None, "stop"]
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == 6


async def test_the_clients_own_stream_puts_everything_together(
    client: openai.AsyncOpenAI, cloud: ScriptedModel
) -> None:
    """Calls that came in two chunks stay two calls."""
    first, second = (ToolCall(function=ToolFunction(name=n, arguments={"of": n}, index=0)) for n in ("f", "g"))
    cloud.enqueue(Chunk(model="", text="Wait", tool_calls=(first,)), Chunk(model="", tool_calls=(second,)), " a bit")
    async with client.chat.completions.stream(model="cloud/org/big", messages=SAID) as stream:
        answer = await stream.get_final_completion()
    message = answer.choices[0].message
    assert message.content == "Wait a bit"
    assert [(c.function.name, json.loads(c.function.arguments)) for c in message.tool_calls or ()] == [
        ("f", {"of": "f"}),
        ("g", {"of": "g"}),
    ]
    assert answer.choices[0].finish_reason == "tool_calls"


async def test_the_client_gets_tool_calls_and_gives_their_results(client: openai.AsyncOpenAI, fake: FakeOllama) -> None:
    called = {"function": {"name": "weather", "arguments": {"in": "Zürich", "days": 2}}}
    fake.enqueue(Reply(tool_calls=(called,)), "Sunny.")
    answer = await client.chat.completions.create(
        model="llama3.2",
        messages=SAID,
        tools=[{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}],
        tool_choice="auto",
    )
    message = answer.choices[0].message
    assert answer.choices[0].finish_reason == "tool_calls"
    assert message.tool_calls is not None
    call = message.tool_calls[0]
    assert call.type == "function"
    assert call.function.arguments == '{"in":"Zürich","days":2}'
    assert re.fullmatch("call_[a-z0-9]{8}", call.id)
    result: ChatCompletionMessageParam = {"role": "tool", "tool_call_id": call.id, "content": "sun"}
    again = [*SAID, message.model_dump(exclude_unset=True), result]
    await client.chat.completions.create(model="llama3.2", messages=again)  # type: ignore[arg-type]
    assert fake.requests[0].body["tools"][0]["function"]["name"] == "weather"
    assert fake.requests[1].body["messages"][1:] == [
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"function": called["function"], "id": call.id}],
        },
        {"role": "tool", "content": "sun", "tool_name": "weather", "tool_call_id": call.id},
    ]


class Guest(BaseModel):
    name: str
    age: int


async def test_the_client_parses_what_keeps_to_a_schema(client: openai.AsyncOpenAI, fake: FakeOllama) -> None:
    fake.enqueue('{"name": "Ann", "age": 7}')
    answer = await client.chat.completions.parse(model="llama3.2", messages=SAID, response_format=Guest)
    assert answer.choices[0].message.parsed == Guest(name="Ann", age=7)
    assert fake.requests[0].body["format"]["properties"].keys() == {"name", "age"}
    parsed = await client.chat.completions.parse(model="understudy", messages=SAID, response_format=Guest)
    assert isinstance(parsed.choices[0].message.parsed, Guest)


async def test_the_client_completes_a_text(client: openai.AsyncOpenAI, fake: FakeOllama) -> None:
    fake.enqueue("an answer", Reply(text="an answer", done_reason="length"))
    answer = await client.completions.create(model="llama3.2", prompt="q", max_tokens=5, suffix="!")
    assert (answer.choices[0].text, answer.object) == ("an answer", "text_completion")
    assert re.fullmatch(r"cmpl-\d{1,3}", answer.id)
    stream = await client.completions.create(model="llama3.2", prompt="q", stream=True)
    choices = [chunk.choices[0] async for chunk in stream]
    assert [(c.text, c.finish_reason) for c in choices] == [("an", None), (" answer", None), ("", "length")]
    assert fake.requests[0].body.items() >= {"prompt": "q", "suffix": "!"}.items()
    assert fake.requests[0].body["options"]["num_predict"] == 5


async def test_the_client_embeds(client: openai.AsyncOpenAI, url: str) -> None:
    """The client asks for base64 unless it is told otherwise, and unpacks it."""
    packed = await client.embeddings.create(model="nomic-embed-text", input=["a cat", "a dog"], dimensions=8)
    plain = await client.embeddings.create(
        model="nomic-embed-text", input=["a cat", "a dog"], dimensions=8, encoding_format="float"
    )
    assert [entry.index for entry in plain.data] == [0, 1]
    assert [entry.embedding for entry in packed.data] == [entry.embedding for entry in plain.data]
    assert {len(entry.embedding) for entry in plain.data} == {8}
    assert (plain.model, plain.usage.prompt_tokens, plain.usage.total_tokens) == ("nomic-embed-text", 2, 2)
    alone = await client.embeddings.create(model="understudy/hash", input="a cat")
    assert len(alone.data) == 1


async def test_the_client_lists_models_each_under_the_name_that_it_is_asked_by(client: openai.AsyncOpenAI) -> None:
    models = [model async for model in client.models.list()]
    assert [(model.id, model.owned_by) for model in models] == [
        ("llama3.2:latest", "library"),
        ("nomic-embed-text:latest", "library"),
        ("hf.co/somebody/small:q4", "somebody"),
        ("cloud/org/big", "cloud"),
        ("understudy:latest", "understudy"),
        ("understudy/hash", "understudy"),
    ]
    newest, older, *_, built_in = [model.created for model in models]
    assert newest > older > built_in == 0
    for model in models:
        assert (await client.models.retrieve(model.id)) == model
        if "embed" not in model.id and "hash" not in model.id:
            answer = await client.chat.completions.create(model=model.id, messages=SAID)
            assert answer.choices[0].message.content


async def test_the_client_gets_log_probabilities(client: openai.AsyncOpenAI, cloud: ScriptedModel) -> None:
    entries: tuple[dict[str, Any], ...] = (
        {"token": "A", "logprob": -0.1, "bytes": [65], "top_logprobs": [{"token": "A", "logprob": -0.1}]},
        {"token": "B", "logprob": -0.2},
    )
    reply = [Chunk(model="", text=entry["token"], logprobs=(entry,)) for entry in entries]
    cloud.enqueue(*reply)
    ask: dict[str, Any] = {"model": "cloud/org/big", "messages": SAID, "logprobs": True, "top_logprobs": 1}
    answer = await client.chat.completions.create(**ask)
    told = answer.choices[0].logprobs
    assert told is not None
    assert [(entry.token, entry.logprob, len(entry.top_logprobs)) for entry in told.content or ()] == [
        ("A", -0.1, 1),
        ("B", -0.2, 0),
    ]
    cloud.enqueue(*reply)
    chunks = [chunk async for chunk in await client.chat.completions.create(**ask, stream=True)]
    assert [len(c.choices[0].logprobs.content or ()) for c in chunks if c.choices[0].logprobs] == [1, 1]
    request = cloud.requests[-1]
    assert (request.logprobs, request.top_logprobs) == (True, 1)
    cloud.enqueue(*reply)
    status = await client.completions.create(model="cloud/org/big", prompt="x", logprobs=2)
    assert status.choices[0].text == "AB"
    assert cloud.requests[-1].top_logprobs == 2


async def test_the_client_sees_each_error_as_its_own_class(client: openai.AsyncOpenAI, cloud: ScriptedModel) -> None:
    with pytest.raises(openai.NotFoundError, match="model 'nope' not found"):
        await client.chat.completions.create(model="nope", messages=SAID)
    with pytest.raises(openai.NotFoundError, match="model 'nope' not found"):
        await client.models.retrieve("nope")
    with pytest.raises(openai.NotFoundError, match="model 'nope' not found"):
        await client.embeddings.create(model="nope", input="x")
    with pytest.raises(openai.BadRequestError, match="too short"):
        await client.chat.completions.create(model="llama3.2", messages=[])
    cloud.enqueue(NoUpstream("cloud does not answer"))
    with pytest.raises(openai.InternalServerError, match="cloud does not answer"):
        await client.chat.completions.create(model="cloud/org/big", messages=SAID)


async def test_the_client_sees_an_error_inside_the_stream(client: openai.AsyncOpenAI, fake: FakeOllama) -> None:
    fake.enqueue(Reply(text="one two", error="the runner died", after=1))
    stream = await client.chat.completions.create(model="llama3.2", messages=SAID, stream=True)
    assert (await anext(stream)).choices[0].delta.content == "one"
    with pytest.raises(openai.APIError, match="the runner died"):
        await anext(stream)


# Byte for byte ------------------------------------------------------------------------------------------------------


async def test_a_stream_is_written_as_ollama_writes_it(http: aiohttp.ClientSession, fake: FakeOllama) -> None:
    fake.enqueue(Reply(text="Hé ho", thinking="hm"))
    body = {**ASK, "stream": True, "stream_options": {"include_usage": True}}
    async with http.post("/v1/chat/completions", data=json.dumps(body), headers={"Content-Type": "text/x"}) as response:
        assert (response.status, response.headers["content-type"]) == (200, "text/event-stream")
        text = await response.text()
    identity = json.loads(text.partition("\n")[0].removeprefix("data: "))["id"]
    assert re.fullmatch(r"chatcmpl-\d{1,3}", identity)
    head = (
        f'"id":"{identity}","object":"chat.completion.chunk","created":{CREATED},'
        '"model":"llama3.2","system_fingerprint":"fp_ollama"'
    )
    deltas = ['{"role":"assistant","reasoning":"hm"}', '{"content":"Hé"}', '{"content":" ho"}']
    choices = [f'[{{"index":0,"delta":{delta},"finish_reason":null}}]' for delta in deltas]
    choices.append('[{"index":0,"delta":{},"finish_reason":"stop"}]')
    lines = [f'data: {{{head},"choices":{choice}}}' for choice in choices]
    usage = '"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}'
    assert text.split("\n\n") == [*lines, f'data: {{{head},"choices":[],{usage}}}', "data: [DONE]", ""]


async def test_an_answer_in_one_piece_is_written_as_ollama_writes_it(
    http: aiohttp.ClientSession, fake: FakeOllama
) -> None:
    fake.enqueue(Reply(text="Hello", thinking="hm"))
    _, answer = await post(http, "/v1/chat/completions", ASK)
    assert re.fullmatch(r"chatcmpl-\d{1,3}", answer.pop("id"))
    message = {"role": "assistant", "content": "Hello", "reasoning": "hm"}
    assert answer == {
        "object": "chat.completion",
        "created": CREATED,
        "model": "llama3.2",
        "system_fingerprint": "fp_ollama",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
    }


async def test_a_chunk_of_all_kinds_becomes_an_event_for_each(
    http: aiohttp.ClientSession, cloud: ScriptedModel
) -> None:
    call = ToolCall(id="call_1", function=ToolFunction(name="f", arguments={}))
    usage = Usage(prompt_tokens=1, completion_tokens=None)
    cloud.enqueue(Chunk(model="", text="t", thinking="r", tool_calls=(call,), done=True, usage=usage))
    *said, last, end = await events(http, "/v1/chat/completions", {**ASK, "model": "cloud/org/big"})
    written = {"id": "call_1", "index": 0, "type": "function", "function": {"name": "f", "arguments": "{}"}}
    assert [event["choices"][0]["delta"] for event in said] == [
        {"role": "assistant", "reasoning": "r"},
        {"content": "t"},
        {"tool_calls": [written]},
    ]
    assert last["choices"] == [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]
    assert end == "[DONE]"


async def test_an_answer_without_a_word_is_still_an_answer(http: aiohttp.ClientSession, cloud: ScriptedModel) -> None:
    silence = Chunk(model="", done=True, done_reason="load")
    cloud.enqueue(silence)
    first, last, _ = await events(http, "/v1/chat/completions", {**ASK, "model": "cloud/org/big"})
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert last["choices"][0]["finish_reason"] == "stop"
    cloud.enqueue(silence)
    _, answer = await post(http, "/v1/completions", {"model": "cloud/org/big", "prompt": ""})
    assert answer["choices"] == [{"index": 0, "text": "", "finish_reason": "stop"}]
    assert answer["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


async def test_every_event_of_a_completion_has_a_usage_where_it_was_asked_for(
    http: aiohttp.ClientSession, fake: FakeOllama
) -> None:
    ask = {"model": "llama3.2", "prompt": "q"}
    nothing = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    fake.enqueue(Reply(text="word", thinking="not told"), "word")
    *said, spent, end = await events(http, "/v1/completions", {**ask, "stream_options": {"include_usage": True}})
    assert [(event["choices"][0]["text"], event["usage"]) for event in said] == [("word", nothing), ("", nothing)]
    assert (spent["choices"], spent["usage"]["total_tokens"], end) == ([], 4, "[DONE]")
    assert not any("usage" in event for event in (await events(http, "/v1/completions", ask))[:-1])


async def test_an_error_inside_a_stream_is_told_and_ends_it(http: aiohttp.ClientSession, cloud: ScriptedModel) -> None:
    asked = {**ASK, "model": "cloud/org/big"}
    told = {"error": {"message": "cloud broke off", "type": "api_error", "param": None, "code": None}}
    cloud.enqueue("half", UpstreamFailed("cloud broke off"))
    first, last = await events(http, "/v1/chat/completions", asked)
    assert first["choices"][0]["delta"]["content"] == "half"
    assert last == told
    cloud.enqueue("half", UpstreamFailed("cloud broke off"))
    assert await post(http, "/v1/chat/completions", asked) == (502, told)
    cloud.enqueue(UpstreamFailed("cloud broke off"))
    assert await post(http, "/v1/chat/completions", {**asked, "stream": True}) == (502, told)


async def test_a_mistake_of_ours_is_told_without_its_inside(http: aiohttp.ClientSession, cloud: ScriptedModel) -> None:
    cloud.enqueue(ZeroDivisionError("secret"))
    status, told = await post(http, "/v1/chat/completions", {**ASK, "model": "cloud/org/big"})
    assert (status, told["error"]["type"]) == (500, "api_error")
    assert "secret" not in told["error"]["message"]


async def test_vectors_as_base64_are_little_endian_floats(http: aiohttp.ClientSession) -> None:
    ask = {"model": "nomic-embed-text", "input": "a cat and a dog", "dimensions": 4}
    _, plain = await post(http, "/v1/embeddings", ask)
    _, packed = await post(http, "/v1/embeddings", {**ask, "encoding_format": "base64"})
    unpacked = struct.unpack("<4f", base64.b64decode(packed["data"][0]["embedding"]))
    assert list(unpacked) == pytest.approx(plain["data"][0]["embedding"])
    assert plain["data"][0].keys() == {"object", "embedding", "index"}


# Refusals, and who leaves ---------------------------------------------------------------------------------------------

CHAT, COMPLETE, EMBED = "/v1/chat/completions", "/v1/completions", "/v1/embeddings"


@pytest.mark.parametrize(
    ("path", "body", "status", "message"),
    [
        (CHAT, b"", 400, "missing request body"),
        (CHAT, b"{", 400, None),
        (CHAT, b"[]", 400, None),
        (CHAT, b'{"model":"\xff"}', 400, None),
        (CHAT, b'{"tools":' * 10_000, 400, None),
        (
            CHAT,
            b'{"model":"' + b"x" * 200_000 + b'"}',
            413,
            "the body is larger than 100000 bytes (wire.max_api_body_bytes)",
        ),
        (CHAT, {"messages": SAID}, 400, "model is required"),
        (COMPLETE, {"prompt": "x"}, 400, "model is required"),
        (EMBED, {"input": "x"}, 400, "model is required"),
        (CHAT, {**ASK, "messages": []}, 400, "[] is too short - 'messages'"),
        (CHAT, {"model": "llama3.2"}, 400, "[] is too short - 'messages'"),
        (CHAT, {**ASK, "model": "Nope"}, 404, "model 'Nope' not found"),
        (COMPLETE, {"model": "Nope", "prompt": "x"}, 404, "model 'Nope' not found"),
        (EMBED, {"model": "Nope", "input": "x"}, 404, "model 'Nope' not found"),
        (CHAT, {**ASK, "model": "nomic-embed-text"}, 400, '"nomic-embed-text" does not support chat'),
        (COMPLETE, {"model": "nomic-embed-text"}, 400, '"nomic-embed-text" does not support generate'),
        (
            CHAT,
            {**ASK, "model": "understudy", "reasoning_effort": "low"},
            400,
            '"understudy" does not support thinking',
        ),
        (
            CHAT,
            {**ASK, "model": "understudy", "tools": [{}]},
            400,
            "registry.ollama.ai/library/understudy:latest does not support tools",
        ),
        (
            COMPLETE,
            {"model": "understudy", "prompt": "x", "suffix": "y"},
            400,
            "registry.ollama.ai/library/understudy:latest does not support insert",
        ),
        (COMPLETE, {"model": "llama3.2", "prompt": ["x"]}, 400, None),
        (CHAT, {**ASK, "temperature": "hot"}, 400, None),
    ],
)
async def test_a_wrong_request_is_refused_in_clear_words(
    http: aiohttp.ClientSession, fake: FakeOllama, path: str, body: Any, status: int, message: str | None
) -> None:
    answered, told = await post(http, path, body)
    kinds = {400: "invalid_request_error", 404: "not_found_error"}
    assert (answered, told.keys()) == (status, {"error"})
    error = told["error"]
    assert error == {"message": error["message"], "type": kinds.get(status, "api_error"), "param": None, "code": None}
    assert error["message"] == message if message else error["message"]
    assert not [request for request in fake.requests if request.body.get("messages")]


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/v1/chat/completions", 405, "method not allowed"),
        ("POST", "/v1/models", 405, "method not allowed"),
        ("DELETE", "/v1/models/llama3.2", 405, "method not allowed"),
        ("GET", "/v1/nothing", 404, "page not found"),
        ("POST", "/v1/chat", 404, "page not found"),
        ("GET", "/v1/models/", 404, "model '' not found"),
        ("GET", "/v1/models/hf.co%2Fsomebody%2Fsmall:q4", 200, None),
        ("GET", "/v1/models/LLAMA3.2", 200, None),
        ("HEAD", "/v1/models", 200, None),
    ],
)
async def test_paths_and_methods(
    http: aiohttp.ClientSession, method: str, path: str, status: int, message: str | None
) -> None:
    async with http.request(method, path) as response:
        assert response.status == status
        if message:
            assert (await response.json())["error"]["message"] == message


async def test_a_refusal_before_the_endpoint_is_one_that_clients_can_read(http: aiohttp.ClientSession) -> None:
    async with http.get("/v1/models", headers={"Host": "evil.com"}) as response:
        assert (response.status, (await response.json())["error"]["type"]) == (403, "permission_error")


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize("tokens", [0, 1])
async def test_a_client_that_leaves_stops_the_model(
    http: aiohttp.ClientSession, fake: FakeOllama, streams: bool, tokens: int
) -> None:
    fake.enqueue(Reply(text="one two", stall=True, after=tokens))
    leaving = asyncio.create_task(post(http, "/v1/chat/completions", {**ASK, "stream": streams}))
    await fake.until_busy()
    leaving.cancel()
    await asyncio.wait([leaving])
    async with asyncio.timeout(30):
        await fake.until_idle()
    assert fake.left == 1
