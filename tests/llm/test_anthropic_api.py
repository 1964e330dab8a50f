"""Our Anthropic, as Anthropic's own client sees it, and byte for byte."""

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import anthropic
import pytest
from anthropic import beta_async_tool
from anthropic.types import MessageParam, ToolParam
from pydantic import BaseModel

from greenroom.errors import NoUpstream, UpstreamFailed
from greenroom.llm.asked import NamedModels
from greenroom.model import Chunk, ModelCard, ModelDetails, ToolCall, ToolFunction, Usage
from greenroom.testing import FakeOllama, Reply, ScriptedModel
from tests.llm.reading import asked

SAID: list[MessageParam] = [{"role": "user", "content": "hi"}]
ASK: dict[str, Any] = {"model": "llama3.2", "messages": SAID, "max_tokens": 50}
AFAR: dict[str, Any] = {**ASK, "model": "cloud/org/big"}
PICTURE = base64.b64encode(b"\x89PNG\r\n").decode()
WEATHER: ToolParam = {
    "name": "weather",
    "description": "Tells the weather.",
    "input_schema": {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]},
}
CALLED = {"id": "call_1", "function": {"name": "weather", "arguments": {"place": "Zürich", "days": 2}}}


@pytest.fixture
async def client(url: str) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(base_url=url, api_key="none", max_retries=0) as client:
        yield client


async def post(http: aiohttp.ClientSession, body: Any, path: str = "/v1/messages") -> tuple[int, Any]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with http.post(path, data=content) as response:
        return response.status, await response.json()


async def events(http: aiohttp.ClientSession, body: dict[str, Any]) -> list[Any]:
    """The events of a stream; each says its type twice."""
    async with http.post("/v1/messages", json={**body, "stream": True}) as response:
        assert (response.status, response.headers["content-type"]) == (200, "text/event-stream")
        *blocks, rest = (await response.text()).split("\n\n")
    assert rest == ""
    found = []
    for block in blocks:
        first, second = block.split("\n")
        event = json.loads(second.removeprefix("data: "))
        assert first == f"event: {event['type']}"
        found.append(event)
    return found


# With Anthropic's own client ----------------------------------------------------------------------------------------


async def test_the_client_gets_a_message(client: anthropic.AsyncAnthropic, fake: FakeOllama) -> None:
    fake.enqueue(Reply(text="Hello there", thinking="hm"))
    answer = await client.messages.create(
        model="llama3.2",
        max_tokens=2000,
        messages=SAID,
        system="Be brief.",
        thinking={"type": "enabled", "budget_tokens": 1024},
        stop_sequences=["END", "STOP"],
        extra_body={"temperature": 0.2, "top_p": 0.8, "top_k": 7},
    )
    thought, said = answer.content
    assert thought.type == "thinking"
    assert said.type == "text"
    assert (thought.thinking, said.text) == ("hm", "Hello there")
    assert (answer.model, answer.role, answer.stop_reason) == ("llama3.2", "assistant", "end_turn")
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (3, 2)
    body = fake.requests[-1].body
    assert body["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}]
    assert body["think"] is True
    options = {"num_predict": 2000, "temperature": 0.2, "top_p": 0.8, "top_k": 7, "stop": ["END", "STOP"]}
    assert body["options"] == options


async def test_the_client_streams(client: anthropic.AsyncAnthropic, fake: FakeOllama) -> None:
    fake.enqueue(Reply(text="one two three", thinking="let me see", done_reason="length"))
    thinking: Any = {"type": "adaptive"}
    async with client.messages.stream(model="llama3.2", max_tokens=9, messages=SAID, thinking=thinking) as stream:
        texts = [text async for text in stream.text_stream]
        answer = await stream.get_final_message()
    assert texts == ["one", " two", " three"]
    assert [block.type for block in answer.content] == ["thinking", "text"]
    assert (answer.stop_reason, answer.usage.input_tokens, answer.usage.output_tokens) == ("max_tokens", 3, 3)


async def test_the_client_reads_the_plain_events(client: anthropic.AsyncAnthropic, fake: FakeOllama) -> None:
    fake.enqueue("one two")
    stream = await client.messages.create(model="llama3.2", max_tokens=9, messages=SAID, stream=True)
    assert [event.type async for event in stream] == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


async def test_the_client_gets_tool_calls_and_gives_their_results(
    client: anthropic.AsyncAnthropic, fake: FakeOllama
) -> None:
    fake.enqueue(Reply(text="Wait.", tool_calls=(CALLED,)), "Sunny.")
    answer = await client.messages.create(
        model="llama3.2", max_tokens=9, messages=SAID, tools=[WEATHER], tool_choice={"type": "auto"}
    )
    assert answer.stop_reason == "tool_use"
    called = answer.content[1]
    assert called.type == "tool_use"
    assert (called.id, called.name, called.input) == ("call_1", "weather", {"place": "Zürich", "days": 2})
    results: MessageParam = {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": called.id, "content": [{"type": "text", "text": "sun"}]},
            {"type": "text", "text": "And tomorrow?"},
        ],
    }
    again: list[MessageParam] = [*SAID, {"role": "assistant", "content": answer.content}, results]
    await client.messages.create(model="llama3.2", max_tokens=9, messages=again)
    function = {"name": "weather", "description": "Tells the weather.", "parameters": WEATHER["input_schema"]}
    assert fake.requests[-2].body["tools"] == [{"type": "function", "function": function}]
    assert fake.requests[-1].body["messages"][1:] == [
        {"role": "assistant", "content": "Wait.", "tool_calls": [CALLED]},
        {"role": "tool", "content": "sun", "tool_name": "weather", "tool_call_id": "call_1"},
        {"role": "user", "content": "And tomorrow?"},
    ]


async def test_the_client_streams_tool_calls(client: anthropic.AsyncAnthropic, cloud: ScriptedModel) -> None:
    """Calls that came in two chunks, with and without an id, are two blocks."""
    first, second = (
        ToolCall(id=i, function=ToolFunction(name=n, arguments={"of": n})) for i, n in ((None, "f"), ("2", "g"))
    )
    cloud.enqueue(Chunk(model="", thinking="hm", tool_calls=(first,)), Chunk(model="", tool_calls=(second,)), "so")
    async with client.messages.stream(model="cloud/org/big", max_tokens=9, messages=SAID, tools=[WEATHER]) as stream:
        answer = await stream.get_final_message()
    assert answer.stop_reason == "tool_use"
    assert [block.type for block in answer.content] == ["thinking", "tool_use", "tool_use", "text"]
    calls = [block for block in answer.content if block.type == "tool_use"]
    assert [(call.name, call.input) for call in calls] == [("f", {"of": "f"}), ("g", {"of": "g"})]
    assert re.fullmatch("call_[a-z0-9]{8}", calls[0].id)
    assert calls[1].id == "2"


async def test_the_clients_tool_runner_goes_through(client: anthropic.AsyncAnthropic, fake: FakeOllama) -> None:
    @beta_async_tool
    async def weather(place: str) -> str:
        """Tell the weather.

        Args:
            place: Where.
        """
        return f"sun in {place}"

    called = {"function": {"name": "weather", "arguments": {"place": "Zürich"}}}
    fake.enqueue(Reply(tool_calls=(called,)), "It is sunny.")
    runner = client.beta.messages.tool_runner(
        model="llama3.2", max_tokens=9, messages=[{"role": "user", "content": "hi"}], tools=[weather]
    )
    answer = await runner.until_done()
    assert answer.content[0].type == "text"
    assert answer.content[0].text == "It is sunny."
    assert fake.requests[-1].body["messages"][-1]["content"] == "sun in Zürich"


async def test_the_client_shows_pictures(client: anthropic.AsyncAnthropic, fake: FakeOllama) -> None:
    picture: Any = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PICTURE}}
    content = [{"type": "text", "text": "What"}, picture, {"type": "text", "text": "is this?"}]
    seen = {"type": "tool_result", "tool_use_id": "call_1", "content": [picture]}
    messages: Any = [{"role": "user", "content": content}, {"role": "user", "content": [seen]}]
    await client.messages.create(model="llama3.2", max_tokens=9, messages=messages)
    first, second = fake.requests[-1].body["messages"]
    assert first == {"role": "user", "content": "What\nis this?", "images": [PICTURE]}
    assert second == {"role": "tool", "content": "", "images": [PICTURE], "tool_call_id": "call_1"}


class Guest(BaseModel):
    name: str
    age: int


async def test_the_client_parses_what_keeps_to_a_schema(client: anthropic.AsyncAnthropic, fake: FakeOllama) -> None:
    fake.enqueue('{"name": "Ann", "age": 7}')
    answer = await client.messages.parse(model="llama3.2", max_tokens=9, messages=SAID, output_format=Guest)
    assert answer.parsed_output == Guest(name="Ann", age=7)
    assert fake.requests[-1].body["format"]["properties"].keys() == {"name", "age"}
    parsed = await client.messages.parse(model="understudy", max_tokens=99, messages=SAID, output_format=Guest)
    assert isinstance(parsed.parsed_output, Guest)


async def test_the_client_estimates_tokens(client: anthropic.AsyncAnthropic) -> None:
    few = await client.messages.count_tokens(model="llama3.2", messages=SAID)
    text = "All that was ever said about the weather in one long evening. " * 20
    many = await client.messages.count_tokens(model="llama3.2", messages=[{"role": "user", "content": text}])
    more = await client.messages.count_tokens(
        model="llama3.2", messages=[{"role": "user", "content": text}], system=text, tools=[WEATHER]
    )
    assert 1 <= few.input_tokens < 12
    assert 250 < many.input_tokens < 450 < 2 * many.input_tokens < more.input_tokens


async def test_the_client_sees_each_error_as_its_own_class(
    client: anthropic.AsyncAnthropic, cloud: ScriptedModel
) -> None:
    with pytest.raises(anthropic.NotFoundError, match="model 'nope' not found"):
        await client.messages.create(model="nope", max_tokens=9, messages=SAID)
    with pytest.raises(anthropic.BadRequestError, match="max_tokens is required and must be positive"):
        await client.messages.create(model="llama3.2", max_tokens=0, messages=SAID)
    with pytest.raises(anthropic.NotFoundError, match="page not found"):
        await client.messages.batches.list()
    cloud.enqueue(NoUpstream("cloud does not answer"))
    with pytest.raises(anthropic.ServiceUnavailableError, match="cloud does not answer"):
        await client.messages.create(model="cloud/org/big", max_tokens=9, messages=SAID)


async def test_the_client_sees_an_error_inside_the_stream(client: anthropic.AsyncAnthropic, fake: FakeOllama) -> None:
    fake.enqueue(Reply(text="one two", error="the runner died", after=1))
    async with client.messages.stream(model="llama3.2", max_tokens=9, messages=SAID) as stream:
        texts = aiter(stream.text_stream)
        assert await anext(texts) == "one"
        with pytest.raises(anthropic.APIStatusError, match="the runner died"):
            await anext(texts)


# Byte for byte ------------------------------------------------------------------------------------------------------


async def test_a_stream_is_written_as_anthropic_writes_it(http: aiohttp.ClientSession, fake: FakeOllama) -> None:
    fake.enqueue(Reply(text="Hé ho", thinking="hm", tool_calls=(CALLED,)))
    start, *rest = await events(http, ASK)
    message = start.pop("message")
    assert start == {"type": "message_start"}
    assert re.fullmatch("msg_[0-9a-f]{24}", message.pop("id"))
    assert message == {
        "type": "message",
        "role": "assistant",
        "model": "llama3.2",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 9, "output_tokens": 0},
    }
    call = {"type": "tool_use", "id": "call_1", "name": "weather", "input": {}}
    arguments = '{"place":"Zürich","days":2}'
    thinking = {"type": "thinking", "thinking": "", "signature": ""}
    assert rest == [
        {"type": "content_block_start", "index": 0, "content_block": thinking},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "Hé"}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": " ho"}},
        {"type": "content_block_stop", "index": 1},
        {"type": "content_block_start", "index": 2, "content_block": call},
        {"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": arguments}},
        {"type": "content_block_stop", "index": 2},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "tool_use", "stop_sequence": None},
            "usage": {"input_tokens": 3, "output_tokens": 2},
        },
        {"type": "message_stop"},
    ]


async def test_an_answer_without_a_word_is_still_an_answer(http: aiohttp.ClientSession, cloud: ScriptedModel) -> None:
    silence = Chunk(model="", done=True, done_reason="content_filter", usage=Usage(prompt_tokens=1))
    cloud.enqueue(silence)
    _, answer = await post(http, AFAR)
    assert (answer["content"], answer["stop_reason"]) == ([], "refusal")
    assert answer["usage"] == {"input_tokens": 1, "output_tokens": 0}
    cloud.enqueue(silence)
    assert [event["type"] for event in await events(http, AFAR)] == ["message_start", "message_delta", "message_stop"]


async def test_an_error_inside_a_stream_is_told_and_ends_it(http: aiohttp.ClientSession, cloud: ScriptedModel) -> None:
    cloud.enqueue("half", UpstreamFailed("cloud broke off"))
    last = (await events(http, AFAR))[-1]
    assert last["error"] == {"type": "api_error", "message": "cloud broke off"}
    cloud.enqueue("half", UpstreamFailed("cloud broke off"))
    status, told = await post(http, AFAR)
    assert (status, told["type"], told["error"]) == (502, "error", last["error"])
    assert re.fullmatch("req_[0-9a-f]{24}", told["request_id"])


async def test_headers_say_what_is_wished_and_who_answers(http: aiohttp.ClientSession, cloud: ScriptedModel) -> None:
    async with http.post("/v1/messages", json=AFAR, headers={"Cache-Control": "no-cache"}) as response:
        assert response.headers["X-Greenroom-Model"] == "cloud/org/big"
    assert asked(cloud).cache_control == "no-cache"


# What requests mean ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "think"),
    [
        ({}, None),
        ({"thinking": {"type": "disabled"}}, False),
        ({"thinking": {"type": "disabled"}, "output_config": {"effort": "high"}}, False),
        ({"thinking": {"type": "enabled", "budget_tokens": 4000}}, True),
        ({"thinking": {"type": "adaptive"}, "output_config": {"effort": "medium"}}, "medium"),
        ({"output_config": {"effort": "xhigh"}}, "high"),
        ({"output_config": {"effort": "unheard of"}}, None),
    ],
)
async def test_how_much_to_think(
    http: aiohttp.ClientSession, cloud: ScriptedModel, said: dict[str, Any], think: Any
) -> None:
    await post(http, {**AFAR, **said})
    assert asked(cloud).think == think


async def test_thinking_is_not_asked_of_a_model_that_cannot_think(
    http: aiohttp.ClientSession,
) -> None:
    thinking = {"thinking": {"type": "enabled", "budget_tokens": 1024}}
    assert (await post(http, {**ASK, **thinking, "model": "understudy"}))[0] == 200


async def test_an_older_ollama_says_only_of_each_single_model_whether_it_thinks() -> None:
    card = ModelCard(name="old", provider="ollama")
    model = ScriptedModel(card=card)
    assert not await NamedModels(model).thinks(card)
    model.details = ModelDetails(card=card.model_copy(update={"capabilities": ("completion", "thinking")}))
    assert await NamedModels(model).thinks(card)


async def test_a_system_prompt_may_come_in_blocks_and_thoughts_go_back(
    http: aiohttp.ClientSession, cloud: ScriptedModel
) -> None:
    system = [
        {"type": "text", "text": "One.", "cache_control": {"type": "ephemeral"}},
        {"type": "text", "text": "Two."},
    ]
    earlier = [
        {"type": "thinking", "thinking": "hm", "signature": ""},
        {"type": "redacted_thinking", "data": "x"},
        {"type": "text", "text": "Hello."},
    ]
    messages = [*SAID, {"role": "assistant", "content": earlier}, {"role": "USER", "content": ""}]
    body = {**AFAR, "system": system, "messages": messages, "metadata": {"user_id": "7"}, "service_tier": "auto"}
    assert (await post(http, body))[0] == 200
    first, _, third, last = asked(cloud).messages
    assert (first.role, first.content) == ("system", "One.\nTwo.")
    assert (third.role, third.content, third.thinking) == ("assistant", "Hello.", "hm")
    assert (last.role, last.content) == ("user", "")


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"", 400, "missing request body"),
        (b"{", 400, None),
        (b"[]", 400, None),
        (b'{"model":"\xff"}', 400, None),
        (b'{"messages":' * 5_000, 400, None),
        (b'{"model":"' + b"x" * 200_000 + b'"}', 413, "the body is larger than 100000 bytes (wire.max_api_body_bytes)"),
        ({**ASK, "model": ""}, 400, "model is required"),
        ({"model": "llama3.2", "messages": SAID}, 400, "max_tokens is required and must be positive"),
        ({**ASK, "messages": []}, 400, "messages is required"),
        ({**ASK, "model": "Nope"}, 404, "model 'Nope' not found"),
        ({**ASK, "model": "nomic-embed-text"}, 400, '"nomic-embed-text" does not support chat'),
        (
            {**ASK, "model": "understudy", "tools": [WEATHER]},
            400,
            "registry.ollama.ai/library/understudy:latest does not support tools",
        ),
        (
            {**ASK, "tools": [{"type": "code_execution_20250825", "name": "code_execution"}]},
            400,
            "the tool 'code_execution' of type 'code_execution_20250825' runs at Anthropic's and not here; "
            "only 'web_search' and tools with an input_schema can be used",
        ),
        ({**ASK, "messages": [{"role": "robot", "content": "x"}]}, 400, None),
        ({**ASK, "messages": [{"role": "user", "content": 7}]}, 400, None),
        ({**ASK, "messages": [{"role": "user", "content": [{"type": "document"}]}]}, 400, None),
        ({**ASK, "messages": [{"role": "user", "content": [{"type": "image"}]}]}, 400, "invalid image source"),
        (
            {**ASK, "messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "url"}}]}]},
            400,
            "invalid image source type: url. Only base64 images are supported.",
        ),
        (
            {**ASK, "messages": [{"role": "assistant", "content": [{"type": "tool_use", "name": "f"}]}]},
            400,
            "tool_use block missing required 'id' field",
        ),
        ({**ASK, "output_config": {"format": {"type": "xml"}}}, 400, None),
        ({**ASK, "temperature": "hot"}, 400, None),
        ({**ASK, "temperature": -1}, 400, None),
    ],
)
async def test_a_wrong_request_is_refused_in_clear_words(
    http: aiohttp.ClientSession, fake: FakeOllama, body: Any, status: int, message: str | None
) -> None:
    kinds = {400: "invalid_request_error", 404: "not_found_error", 413: "request_too_large"}
    answered, told = await post(http, body)
    assert (answered, told["type"], told["error"]["type"]) == (status, "error", kinds[status])
    assert told["error"]["message"] == message if message else told["error"]["message"]
    assert not [request for request in fake.requests if request.body.get("messages")]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/messages", 405),
        ("GET", "/v1/messages/count_tokens", 405),
        ("POST", "/v1/messages/batches", 404),
    ],
)
async def test_paths_and_methods(http: aiohttp.ClientSession, method: str, path: str, status: int) -> None:
    async with http.request(method, path) as response:
        assert (response.status, (await response.json())["type"]) == (status, "error")


async def test_a_refusal_before_the_endpoint_is_one_that_clients_can_read(http: aiohttp.ClientSession) -> None:
    async with http.post("/v1/messages", headers={"Host": "evil.com"}) as response:
        assert (response.status, (await response.json())["error"]["type"]) == (403, "permission_error")


@pytest.mark.parametrize("streams", [True, False])
async def test_a_client_that_leaves_stops_the_model(
    http: aiohttp.ClientSession, fake: FakeOllama, streams: bool
) -> None:
    fake.enqueue(Reply(text="one two", stall=True, after=1))
    leaving = asyncio.create_task(post(http, {**ASK, "stream": streams}))
    await fake.until_busy()
    leaving.cancel()
    await asyncio.wait([leaving])
    async with asyncio.timeout(60):
        await fake.until_idle()
    assert fake.left == 1
