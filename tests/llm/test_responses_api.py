"""Our Responses API, as OpenAI's own client sees it, and byte for byte."""

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import openai
import pytest
from backports import zstd
from openai.types.responses import FunctionToolParam
from pydantic import BaseModel

from greenroom.errors import NoUpstream, UpstreamFailed
from greenroom.llm.responses_answer import MOST_CHARACTERS
from greenroom.model import Chunk, ToolCall, ToolFunction
from greenroom.testing import FakeOllama, Reply, ScriptedModel
from tests.llm.reading import asked

ASK: dict[str, Any] = {"model": "llama3.2", "input": "hi"}
AFAR: dict[str, Any] = {**ASK, "model": "cloud/org/big"}
CREATED = 1767268800
"""What the frozen clock says."""
PICTURE = base64.b64encode(b"\x89PNG\r\n").decode()
WEATHER: FunctionToolParam = {
    "type": "function",
    "name": "weather",
    "description": "Tells the weather.",
    "parameters": {"type": "object", "properties": {"place": {"type": "string"}}},
    "strict": True,
}
CALLED = {"id": "call_1", "function": {"name": "weather", "arguments": {"place": "Zürich", "days": 2}}}


@pytest.fixture
async def client(url: str) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client:
        yield client


async def post(http: aiohttp.ClientSession, body: Any) -> tuple[int, Any]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with http.post("/v1/responses", data=content) as response:
        return response.status, await response.json()


async def events(http: aiohttp.ClientSession, body: dict[str, Any]) -> list[Any]:
    """The events of a stream, which are numbered, and say their type twice."""
    async with http.post("/v1/responses", json={**body, "stream": True}) as response:
        assert (response.status, response.headers["content-type"]) == (200, "text/event-stream")
        *blocks, rest = (await response.text()).split("\n\n")
    assert rest == ""
    found = []
    for number, block in enumerate(blocks):
        first, second = block.split("\n")
        event = json.loads(second.removeprefix("data: "))
        assert first == f"event: {event['type']}"
        assert event.pop("sequence_number") == number
        found.append(event)
    return found


# With OpenAI's own client -------------------------------------------------------------------------------------------


async def test_the_client_gets_a_response(client: openai.AsyncOpenAI, fake: FakeOllama) -> None:
    fake.enqueue(Reply(text="Hello there", thinking="hm"))
    answer = await client.responses.create(
        model="llama3.2",
        input="hi",
        instructions="Be brief.",
        reasoning={"effort": "low", "summary": "auto"},
        max_output_tokens=50,
        temperature=0.2,
        top_p=0.8,
        metadata={"of": "a test"},
    )
    assert answer.output_text == "Hello there"
    thought = answer.output[0]
    assert thought.type == "reasoning"
    assert thought.summary[0].text == "hm"
    assert (answer.status, answer.instructions, answer.error) == ("completed", "Be brief.", None)
    assert (answer.temperature, answer.top_p, answer.max_output_tokens) == (0.2, 0.8, 50)
    assert answer.usage is not None
    assert (answer.usage.input_tokens, answer.usage.output_tokens, answer.usage.total_tokens) == (3, 2, 5)
    body = fake.requests[-1].body
    assert body["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}]
    assert (body["think"], body["options"]) == ("low", {"temperature": 0.2, "top_p": 0.8, "num_predict": 50})


async def test_the_client_streams(client: openai.AsyncOpenAI, fake: FakeOllama) -> None:
    fake.enqueue(Reply(text="one two three", thinking="let me see"))
    async with client.responses.stream(model="llama3.2", input="hi") as stream:
        found = [event async for event in stream]
        answer = await stream.get_final_response()
    assert [event.delta for event in found if event.type == "response.output_text.delta"] == ["one", " two", " three"]
    assert [item.type for item in answer.output] == ["reasoning", "message"]
    assert (answer.output_text, answer.status) == ("one two three", "completed")


async def test_the_client_gets_tool_calls_and_gives_their_results(client: openai.AsyncOpenAI, fake: FakeOllama) -> None:
    fake.enqueue(Reply(text="Wait.", thinking="hm", tool_calls=(CALLED,)), "Sunny.")
    answer = await client.responses.create(model="llama3.2", input="hi", tools=[WEATHER], tool_choice="auto")
    called = answer.output[2]
    assert called.type == "function_call"
    assert (called.call_id, called.name, called.arguments) == ("call_1", "weather", '{"place":"Zürich","days":2}')
    results = [{"type": "function_call_output", "call_id": "call_1", "output": "sun"}]
    again: Any = [{"role": "user", "content": "hi"}, *(item.model_dump() for item in answer.output), *results]
    await client.responses.create(model="llama3.2", input=again)
    function = {"name": "weather", "description": "Tells the weather.", "parameters": WEATHER["parameters"]}
    assert fake.requests[-2].body["tools"] == [{"type": "function", "function": function}]
    assert fake.requests[-1].body["messages"][1:] == [
        {"role": "assistant", "content": "Wait.", "thinking": "hm", "tool_calls": [CALLED]},
        {"role": "tool", "content": "sun", "tool_name": "weather", "tool_call_id": "call_1"},
    ]


async def test_the_client_streams_tool_calls(client: openai.AsyncOpenAI, cloud: ScriptedModel) -> None:
    first = ToolCall(function=ToolFunction(name="f", arguments={"of": "f"}))
    second = ToolCall(id="2", function=ToolFunction(name="g", arguments={"of": "g"}))
    cloud.enqueue(Chunk(model="", text="Wait", tool_calls=(first,)), Chunk(model="", tool_calls=(second,)))
    async with client.responses.stream(model="cloud/org/big", input="hi", tools=[WEATHER]) as stream:
        answer = await stream.get_final_response()
    assert [item.type for item in answer.output] == ["message", "function_call", "function_call"]
    calls = [item for item in answer.output if item.type == "function_call"]
    assert [(call.name, call.arguments) for call in calls] == [("f", '{"of":"f"}'), ("g", '{"of":"g"}')]
    assert re.fullmatch("call_[a-z0-9]{8}", calls[0].call_id)
    assert calls[1].call_id == "2"


class Guest(BaseModel):
    name: str
    age: int


async def test_the_client_parses_what_keeps_to_a_schema(client: openai.AsyncOpenAI, fake: FakeOllama) -> None:
    fake.enqueue('{"name": "Ann", "age": 7}')
    answer = await client.responses.parse(model="llama3.2", input="hi", text_format=Guest)
    assert answer.output_parsed == Guest(name="Ann", age=7)
    assert fake.requests[-1].body["format"]["properties"].keys() == {"name", "age"}
    parsed = await client.responses.parse(model="understudy", input="hi", text_format=Guest)
    assert isinstance(parsed.output_parsed, Guest)


async def test_the_client_shows_pictures(client: openai.AsyncOpenAI, fake: FakeOllama) -> None:
    picture = {"type": "input_image", "image_url": f"data:image/png;base64,{PICTURE}", "detail": "auto"}
    text = {"type": "input_text", "text": "What is this?"}
    seen: Any = [
        {"role": "user", "content": [text, picture]},
        {"type": "function_call_output", "call_id": "call_9", "output": [picture]},
    ]
    await client.responses.create(model="llama3.2", input=seen)
    first, second = fake.requests[-1].body["messages"]
    assert first == {"role": "user", "content": "What is this?", "images": [PICTURE]}
    assert second == {"role": "tool", "content": "", "images": [PICTURE], "tool_call_id": "call_9"}


async def test_the_client_gets_log_probabilities(client: openai.AsyncOpenAI, cloud: ScriptedModel) -> None:
    cloud.enqueue(Chunk(model="", text="A", logprobs=({"token": "A", "logprob": -0.1},)))
    answer = await client.responses.create(
        model="cloud/org/big", input="hi", include=["message.output_text.logprobs"], top_logprobs=2
    )
    message = answer.output[0]
    assert message.type == "message"
    part = message.content[0]
    assert part.type == "output_text"
    assert [(entry.token, entry.logprob) for entry in part.logprobs or ()] == [("A", -0.1)]
    assert (asked(cloud).logprobs, asked(cloud).top_logprobs) == (True, 2)


async def test_the_client_sees_each_error_as_its_own_class(client: openai.AsyncOpenAI, cloud: ScriptedModel) -> None:
    with pytest.raises(openai.NotFoundError, match="model 'nope' not found"):
        await client.responses.create(model="nope", input="hi")
    with pytest.raises(openai.BadRequestError, match="previous_response_id is not supported"):
        await client.responses.create(model="llama3.2", input="hi", previous_response_id="resp_1")
    with pytest.raises(openai.NotFoundError, match="responses are not kept here"):
        await client.responses.retrieve("resp_1")
    with pytest.raises(openai.NotFoundError, match="responses are not kept here"):
        await client.responses.delete("resp_1")
    cloud.enqueue(NoUpstream("cloud does not answer"))
    with pytest.raises(openai.InternalServerError, match="cloud does not answer"):
        await client.responses.create(model="cloud/org/big", input="hi")


# Byte for byte ------------------------------------------------------------------------------------------------------


async def test_a_stream_is_written_as_openai_writes_it(http: aiohttp.ClientSession, fake: FakeOllama) -> None:
    fake.enqueue(Reply(text="Hé ho", thinking="hm", tool_calls=(CALLED,)))
    created, under_way, *told, completed = await events(http, ASK)
    begun = created["response"]
    assert (created["type"], under_way["type"]) == ("response.created", "response.in_progress")
    assert under_way["response"] == begun
    assert (begun["status"], begun["output"], begun["usage"]) == ("in_progress", [], None)
    whole = completed["response"]
    assert (completed["type"], whole["status"], whole["id"]) == ("response.completed", "completed", begun["id"])
    rs, msg, fc = (item["id"] for item in whole["output"])
    assert re.fullmatch(r"rs_\w+ msg_\w+ fc_\w+", f"{rs} {msg} {fc}")
    thinking, saying = ({"item_id": i, "output_index": n} for n, i in enumerate((rs, msg)))
    summary, content = {**thinking, "summary_index": 0}, {**saying, "content_index": 0}
    thought, nothing_thought = ({"type": "summary_text", "text": text} for text in ("hm", ""))
    nothing = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    call = {"id": fc, "type": "function_call", "status": "in_progress", "call_id": "call_1", "name": "weather"}
    arguments = '{"place":"Zürich","days":2}'
    message = {"id": msg, "type": "message", "status": "in_progress", "role": "assistant", "content": []}
    assert [(event.pop("type").removeprefix("response."), event) for event in told] == [
        ("output_item.added", {"output_index": 0, "item": {"id": rs, "type": "reasoning", "summary": []}}),
        ("reasoning_summary_part.added", {**summary, "part": nothing_thought}),
        ("reasoning_summary_text.delta", {**summary, "delta": "hm"}),
        ("reasoning_summary_text.done", {**summary, "text": "hm"}),
        ("reasoning_summary_part.done", {**summary, "part": thought}),
        ("output_item.done", {"output_index": 0, "item": whole["output"][0]}),
        ("output_item.added", {"output_index": 1, "item": message}),
        ("content_part.added", {**content, "part": nothing}),
        ("output_text.delta", {**content, "delta": "Hé", "logprobs": []}),
        ("output_text.delta", {**content, "delta": " ho", "logprobs": []}),
        ("output_text.done", {**content, "text": "Hé ho", "logprobs": []}),
        ("content_part.done", {**content, "part": {**nothing, "text": "Hé ho"}}),
        ("output_item.done", {"output_index": 1, "item": whole["output"][1]}),
        ("output_item.added", {"output_index": 2, "item": {**call, "arguments": ""}}),
        ("function_call_arguments.delta", {"item_id": fc, "output_index": 2, "delta": arguments}),
        (
            "function_call_arguments.done",
            {"item_id": fc, "output_index": 2, "name": "weather", "arguments": arguments},
        ),
        ("output_item.done", {"output_index": 2, "item": whole["output"][2]}),
    ]


async def test_an_answer_in_one_piece_is_written_as_ollama_writes_it(
    http: aiohttp.ClientSession, fake: FakeOllama
) -> None:
    fake.enqueue("Hello")
    _, answer = await post(http, {**ASK, "tools": [WEATHER], "text": {"format": {"type": "text"}}})
    assert re.fullmatch("resp_[0-9a-f]{24}", answer.pop("id"))
    assert re.fullmatch(r"msg_[0-9a-f]{24}\d", answer["output"][0].pop("id"))
    said = {"type": "output_text", "text": "Hello", "annotations": [], "logprobs": []}
    assert answer == {
        "object": "response",
        "created_at": CREATED,
        "completed_at": CREATED,
        "status": "completed",
        "incomplete_details": None,
        "model": "llama3.2",
        "previous_response_id": None,
        "instructions": None,
        "output": [{"type": "message", "status": "completed", "role": "assistant", "content": [said]}],
        "error": None,
        "tools": [WEATHER],
        "tool_choice": "auto",
        "truncation": "disabled",
        "parallel_tool_calls": True,
        "text": {"format": {"type": "text"}},
        "top_p": 1.0,
        "presence_penalty": 0,
        "frequency_penalty": 0,
        "top_logprobs": 0,
        "temperature": 1.0,
        "reasoning": None,
        "usage": {
            "input_tokens": 3,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 1,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 4,
        },
        "max_output_tokens": None,
        "max_tool_calls": None,
        "store": False,
        "background": False,
        "service_tier": "default",
        "metadata": {},
        "safety_identifier": None,
        "prompt_cache_key": None,
    }


async def test_an_answer_that_was_cut_short_says_so(http: aiohttp.ClientSession, fake: FakeOllama) -> None:
    fake.enqueue(*[Reply(text="and so", done_reason="length")] * 2)
    _, answer = await post(http, ASK)
    cut = {"reason": "max_output_tokens"}
    assert (answer["status"], answer["incomplete_details"], answer["completed_at"]) == ("incomplete", cut, None)
    last = (await events(http, ASK))[-1]
    assert (last["type"], last["response"]["incomplete_details"]) == ("response.incomplete", cut)


async def test_an_answer_without_a_word_is_an_empty_message(http: aiohttp.ClientSession, cloud: ScriptedModel) -> None:
    cloud.enqueue(Chunk(model="", thinking="hm", done=True))
    _, answer = await post(http, AFAR)
    assert [item["type"] for item in answer["output"]] == ["reasoning", "message"]
    cloud.enqueue(Chunk(model="", done=True))
    *_, last = await events(http, AFAR)
    assert last["response"]["output"][0]["content"][0]["text"] == ""


async def test_an_error_inside_a_stream_is_told_and_ends_it(http: aiohttp.ClientSession, cloud: ScriptedModel) -> None:
    cloud.enqueue("half", UpstreamFailed("cloud broke off"))
    last = (await events(http, AFAR))[-1]
    assert last["type"] == "response.failed"
    assert last["response"]["error"] == {"code": "server_error", "message": "cloud broke off"}
    cloud.enqueue("half", UpstreamFailed("cloud broke off"))
    status, told = await post(http, AFAR)
    assert (status, told["error"]["message"]) == (502, "cloud broke off")


# What requests mean ---------------------------------------------------------------------------------------------------


async def test_a_body_may_be_packed_as_codex_packs_it(http: aiohttp.ClientSession, fake: FakeOllama) -> None:
    fake.enqueue("hello")
    packed, headers = zstd.compress(json.dumps(ASK).encode()), {"Content-Encoding": "zstd"}
    async with http.post("/v1/responses", data=packed, headers=headers) as response:
        assert response.status == 200
        assert (await response.json())["output"][0]["content"][0]["text"] == "hello"


async def test_an_answer_without_end_is_not_held_for_ever(http: aiohttp.ClientSession, cloud: ScriptedModel) -> None:
    piece = "x" * (MOST_CHARACTERS // 2)
    cloud.enqueue(piece, piece, "and one more")
    *_, last = await events(http, AFAR)
    assert (last["type"], last["response"]["status"]) == ("response.failed", "failed")
    assert "longer than 2000000 characters" in last["response"]["error"]["message"]


async def test_what_was_thought_and_called_belongs_to_the_line_beside_it(
    http: aiohttp.ClientSession, cloud: ScriptedModel
) -> None:
    def thought(text: str) -> dict[str, Any]:
        return {"type": "reasoning", "summary": [{"type": "summary_text", "text": text}]}

    def call(number: int) -> dict[str, Any]:
        return {"type": "function_call", "call_id": str(number), "name": "f", "arguments": "{}"}

    items = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": "hi"},
        thought("first"),
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "One."}]},
        call(1),
        call(2),
        {"type": "function_call_output", "call_id": "1", "output": "x"},
        {"type": "function_call_output", "call_id": "2", "output": [{"type": "input_text", "text": "y"}]},
        thought("second"),
        call(3),
        thought("third"),
    ]
    assert (await post(http, {**AFAR, "input": items}))[0] == 200
    found = [(m.role, m.content, m.thinking, [c.id for c in m.tool_calls]) for m in asked(cloud).messages]
    assert found == [
        ("system", "Be brief.", None, []),
        ("user", "hi", None, []),
        ("assistant", "One.", "first", ["1", "2"]),
        ("tool", "x", None, []),
        ("tool", "y", None, []),
        ("assistant", "", "second", ["3"]),
        ("assistant", "", "third", []),
    ]


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"", 400, "missing request body"),
        (b"{", 400, None),
        (b'{"model":"' + b"x" * 200_000 + b'"}', 413, "the body is larger than 100000 bytes (wire.max_api_body_bytes)"),
        ({"input": "hi"}, 400, "model is required"),
        ({"model": "llama3.2"}, 400, "input is required"),
        ({**ASK, "input": []}, 400, "input is required"),
        ({**ASK, "input": 7}, 400, None),
        ({**ASK, "model": "Nope"}, 404, "model 'Nope' not found"),
        ({**ASK, "model": "nomic-embed-text"}, 400, '"nomic-embed-text" does not support chat'),
        ({**ASK, "model": "understudy", "reasoning": {"effort": "low"}}, 400, '"understudy" does not support thinking'),
        (
            {**ASK, "model": "understudy", "tools": [WEATHER]},
            400,
            "registry.ollama.ai/library/understudy:latest does not support tools",
        ),
        (
            {**ASK, "tools": [{"type": "web_search"}]},
            400,
            "tools of type 'web_search' run at OpenAI's and not here; only functions can be used",
        ),
        ({**ASK, "conversation": "conv_1"}, 400, None),
        ({**ASK, "background": True}, 400, None),
        ({**ASK, "prompt": {"id": "pmpt_1"}}, 400, None),
        ({**ASK, "input": [{"type": "item_reference", "id": "x"}]}, 400, None),
        ({**ASK, "input": [{"role": "robot", "content": "x"}]}, 400, None),
        ({**ASK, "input": [{"role": "user", "content": [{"type": "input_file"}]}]}, 400, None),
        ({**ASK, "input": [{"role": "user", "content": [{"type": "smell"}]}]}, 400, "unknown content type: smell"),
        (
            {**ASK, "input": [{"role": "user", "content": [{"type": "input_image", "image_url": "https://x/y.png"}]}]},
            400,
            "image URLs are not currently supported, please use base64 encoded data instead",
        ),
        ({**ASK, "input": [{"type": "function_call", "name": "f", "arguments": "{"}]}, 400, None),
        ({**ASK, "reasoning": {"effort": "immense"}}, 400, None),
        ({**ASK, "text": {"format": {"type": "json_schema", "name": "x"}}}, 400, None),
        ({**ASK, "top_logprobs": 21}, 400, "top_logprobs must be between 0 and 20"),
    ],
)
async def test_a_wrong_request_is_refused_in_clear_words(
    http: aiohttp.ClientSession, fake: FakeOllama, body: Any, status: int, message: str | None
) -> None:
    kinds = {400: "invalid_request_error", 404: "not_found_error"}
    answered, told = await post(http, body)
    assert (answered, told["error"]["type"]) == (status, kinds.get(status, "api_error"))
    assert told["error"]["message"] == message if message else told["error"]["message"]
    assert not [request for request in fake.requests if request.body.get("messages")]


async def test_headers_say_what_is_wished_and_who_answers(http: aiohttp.ClientSession, cloud: ScriptedModel) -> None:
    async with http.post("/v1/responses", json=AFAR, headers={"Cache-Control": "no-cache"}) as response:
        assert response.headers["X-Greenroom-Model"] == "cloud/org/big"
    assert asked(cloud).cache_control == "no-cache"


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
