import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
import stamina

from greenroom.config import Backoff, LlmSettings
from greenroom.errors import (
    BadRequest,
    GreenroomError,
    NoUpstream,
    OutOfTime,
    Overloaded,
    UnknownModel,
    Unsupported,
    UpstreamFailed,
    UpstreamRefused,
    UpstreamSilent,
)
from greenroom.journey import due_in
from greenroom.llm.ollama import Ollama
from greenroom.model import (
    ChatMessage,
    ChatRequest,
    Chunk,
    GenerateRequest,
    Nothing,
    Options,
    Texts,
    ToolCall,
    ToolFunction,
)
from greenroom.testing import FakeOllama, Reply
from tests.llm.reading import collect, every

MODEL = "llama3.2:latest"
AT_ONCE = Backoff(base_s=0)


def chat(text: str = "hello there", **fields: Any) -> ChatRequest:
    return ChatRequest(model=MODEL, messages=(ChatMessage(role="user", content=text),), **fields)


@pytest.fixture
async def fake() -> AsyncIterator[FakeOllama]:
    async with FakeOllama() as fake:
        yield fake


@pytest.fixture
async def ollama(fake: FakeOllama) -> AsyncIterator[Ollama]:
    async with Ollama(LlmSettings(ollama_url=fake.url), AT_ONCE) as ollama:
        yield ollama


async def test_a_chat_streams_token_by_token_and_ends_with_its_figures(ollama: Ollama, fake: FakeOllama) -> None:
    fake.enqueue("one two three")
    chunks = await every(ollama.chat(chat()))
    assert [chunk.text for chunk in chunks] == ["one", " two", " three", ""]
    assert [chunk.done for chunk in chunks] == [False, False, False, True]
    assert {chunk.model for chunk in chunks} == {"ollama/llama3.2:latest"}
    end = chunks[-1]
    assert end.done_reason == "stop"
    assert end.usage is not None
    assert (end.usage.prompt_tokens, end.usage.completion_tokens, end.usage.load_ns) == (3, 3, 1_000_000)


async def test_thinking_and_tool_calls_come_through(ollama: Ollama, fake: FakeOllama) -> None:
    call = {"id": "call_1", "function": {"index": 0, "name": "weather", "arguments": {"city": "Quahog"}}}
    fake.enqueue(Reply(thinking="hm", tool_calls=(call,)))
    chunks = await every(ollama.chat(chat()))
    assert chunks[0].thinking == "hm"
    assert chunks[1].tool_calls == (
        ToolCall(id="call_1", function=ToolFunction(name="weather", arguments={"city": "Quahog"}, index=0)),
    )


async def test_everything_that_was_set_reaches_the_server_and_nothing_else(ollama: Ollama, fake: FakeOllama) -> None:
    message = ChatMessage(role="user", content="look", images=("aGk=",))
    asked = ChatMessage(role="assistant", tool_calls=(ToolCall(function=ToolFunction(name="f", arguments={"a": 1})),))
    answer = ChatMessage(role="tool", content="7", tool_name="f")
    request = ChatRequest(
        model=MODEL,
        messages=(message, asked, answer),
        tools=({"type": "function", "function": {"name": "f"}},),
        options=Options.model_validate({"temperature": 0.1, "seed": 7, "stop": ["x"], "mirostat": 2}),
        format={"type": "object"},
        think="low",
        keep_alive="5m",
        logprobs=True,
        character="peter",
    )
    await every(ollama.chat(request))
    assert fake.requests[0].body == {
        "model": MODEL,
        "stream": True,
        "messages": [
            {"role": "user", "content": "look", "images": ["aGk="]},
            {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}]},
            {"role": "tool", "content": "7", "tool_name": "f"},
        ],
        "tools": [{"type": "function", "function": {"name": "f"}}],
        "options": {"temperature": 0.1, "seed": 7, "stop": ["x"], "mirostat": 2},
        "format": {"type": "object"},
        "think": "low",
        "keep_alive": "5m",
        "logprobs": True,
    }


async def test_a_prompt_is_completed_and_an_empty_one_loads_the_model(ollama: Ollama, fake: FakeOllama) -> None:
    fake.enqueue("out in the hall")
    written = await every(ollama.generate(GenerateRequest(model=MODEL, prompt="in", system="be", raw=False)))
    loaded = await every(ollama.generate(GenerateRequest(model=MODEL, prompt="", keep_alive=0)))
    assert "".join(chunk.text for chunk in written) == "out in the hall"
    assert fake.requests[0].body["system"] == "be"
    assert [(chunk.done, chunk.done_reason) for chunk in loaded] == [(True, "unload")]


async def test_texts_become_rows_of_length_one_cut_to_the_wanted_dimensions(ollama: Ollama) -> None:
    vectors = await ollama.embed(Texts(texts=("a dog", "", "a cat"), model=MODEL, dimensions=8))
    assert [len(row) for row in vectors.vectors] == [8, 8, 8]
    assert sum(v * v for v in vectors.vectors[0]) == pytest.approx(1.0)
    assert not any(vectors.vectors[1])


async def test_models_are_listed_with_what_they_can_do() -> None:
    async with (
        FakeOllama(models=("new:latest", "nomic-embed-text:latest")) as fake,
        Ollama(LlmSettings(ollama_url=fake.url)) as ollama,
    ):
        found = await ollama.models(Nothing())
    assert [(card.full_name, card.capabilities[0]) for card in found.models] == [
        ("ollama/new:latest", "completion"),
        ("ollama/nomic-embed-text:latest", "embedding"),
    ]
    assert found.models[0].modified_at is not None


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(status=400, error='"x" does not support thinking'), Unsupported),
        (Reply(status=400, error="invalid options"), BadRequest),
        (Reply(status=401, error="unauthorized"), UpstreamRefused),
        (Reply(status=404, error="model 'x' not found"), UnknownModel),
        (Reply(status=500, error="out of memory"), UpstreamFailed),
        (Reply(status=502, error=""), UpstreamFailed),
        (Reply(status=307, error=""), UpstreamFailed),
        (Reply(error="the runner died"), UpstreamFailed),
        (Reply(text="one two", error="the runner died", after=1), UpstreamFailed),
        (Reply(reset=True), UpstreamFailed),
        (Reply(raw=b"<html>Welcome</html>", content_type="text/html"), UpstreamFailed),
        (Reply(raw=b'{"message":{"content":"a"},"done":false}\n'), UpstreamFailed),
        (Reply(raw=b'{"message":{"content":"a"},"eval_count":NaN,"done":true}\n'), UpstreamFailed),
        (Reply(raw=b'{"message":{"content":5},"done":true}\n'), UpstreamFailed),
        (Reply(raw=b"[" * 500_000 + b"\n"), UpstreamFailed),
        (Reply(raw=b'{"response":"' + b"x" * 16_000_000), UpstreamFailed),
        (Reply(raw=b'{"response":"\xff\xfe","done":true}\n'), UpstreamFailed),
        (Reply(raw=b""), UpstreamFailed),
    ],
)
async def test_what_goes_wrong_is_an_error_of_our_own_that_names_the_server_or_the_reason(
    ollama: Ollama, fake: FakeOllama, reply: Reply, error: type[GreenroomError]
) -> None:
    fake.enqueue(reply)
    with pytest.raises(GreenroomError) as caught:
        await every(ollama.chat(chat()))
    assert type(caught.value) is error
    assert "Ollama at http" in caught.value.detail or (reply.error and reply.error in caught.value.detail)
    assert fake.open_streams == 0 or await _closes(fake)


async def _closes(fake: FakeOllama) -> bool:
    async with asyncio.timeout(30):
        await fake.until_idle()
    return True


async def test_the_text_before_an_error_inside_the_stream_arrives(ollama: Ollama, fake: FakeOllama) -> None:
    fake.enqueue(Reply(text="one two three", error="the runner died", after=2))
    seen: list[Chunk] = []
    with pytest.raises(UpstreamFailed, match="the runner died"):
        await collect(ollama.chat(chat()), seen)
    assert [chunk.text for chunk in seen] == ["one", " two"]


async def test_two_objects_on_a_line_and_blank_lines_are_read(ollama: Ollama, fake: FakeOllama) -> None:
    line = b'{"message":{"content":"%s"}} '
    end = b'{"message":{"content":""},"done":true,"done_reason":"length"}'
    fake.enqueue(Reply(raw=b"\n \r\n" + line % "é".encode() + line % b"b" + b"\r\n\n" + end))
    chunks = await every(ollama.chat(chat()))
    assert [chunk.text for chunk in chunks] == ["é", "b", ""]
    assert chunks[-1].done_reason == "length"


async def test_a_server_that_is_not_there_is_said_to_be_so_with_what_to_do() -> None:
    with stamina.set_testing(True, attempts=2):
        async with Ollama(LlmSettings(ollama_url="127.0.0.1:1"), AT_ONCE) as ollama:
            with pytest.raises(NoUpstream, match=r"Ollama at http://127.0.0.1:1 does not answer.*ollama serve"):
                await every(ollama.chat(chat()))
            with pytest.raises(NoUpstream, match="does not answer"):
                await ollama.models(Nothing())


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_server_is_asked_again(ollama: Ollama, fake: FakeOllama, status: int) -> None:
    fake.enqueue(Reply(status=status, error="busy", retry_after="0"), Reply(text="now"))
    assert (await every(ollama.chat(chat())))[0].text == "now"
    assert len(fake.requests) == 2


async def test_a_server_that_asks_for_a_long_pause_is_not_asked_again(ollama: Ollama, fake: FakeOllama) -> None:
    fake.enqueue(Reply(status=429, error="slow down", retry_after="120"))
    with pytest.raises(Overloaded, match="slow down") as caught:
        await every(ollama.chat(chat()))
    assert caught.value.extra["retry_after_s"] == 120
    assert len(fake.requests) == 1


@pytest.mark.parametrize(
    "reply", [Reply(status=500, error="x"), Reply(reset=True), Reply(text="a", error="x", after=1)]
)
async def test_what_may_have_been_worked_on_is_not_asked_again(ollama: Ollama, fake: FakeOllama, reply: Reply) -> None:
    fake.enqueue(reply)
    with pytest.raises(UpstreamFailed):
        await every(ollama.chat(chat()))
    assert len(fake.requests) == 1


@pytest.mark.parametrize(("after", "words"), [(0, "first token"), (1, r"for 0\.1 s")])
async def test_a_server_that_falls_silent_is_not_waited_for(fake: FakeOllama, after: int, words: str) -> None:
    fake.enqueue(Reply(text="one two", stall=True, after=after))
    settings = LlmSettings(ollama_url=fake.url, first_token_s=0.1 if not after else 10, between_tokens_s=0.1)
    async with Ollama(settings, AT_ONCE) as ollama:
        with pytest.raises(UpstreamSilent, match=words):
            await every(ollama.chat(chat()))
    assert await _closes(fake)


async def test_closing_the_stream_closes_the_connection(ollama: Ollama, fake: FakeOllama) -> None:
    fake.enqueue(Reply(text="one two", stall=True, after=2))
    async with aclosing(ollama.chat(chat())) as chunks:
        await anext(chunks)
        assert fake.open_streams == 1
    assert await _closes(fake)
    assert fake.left == 1


async def test_cancelling_the_reader_closes_the_connection_also_before_the_first_token(
    ollama: Ollama, fake: FakeOllama
) -> None:
    fake.enqueue(Reply(stall=True))
    reader = asyncio.create_task(every(ollama.chat(chat())))
    await fake.until_busy()
    reader.cancel()
    await asyncio.wait([reader])
    assert reader.cancelled()
    assert await _closes(fake)


async def test_the_deadline_of_a_call_bounds_the_wait(fake: FakeOllama) -> None:
    fake.enqueue(Reply(stall=True))
    async with Ollama(LlmSettings(ollama_url=fake.url)) as ollama:
        with pytest.raises(OutOfTime):
            async with due_in(0.05):
                await every(ollama.chat(chat()))
    assert await _closes(fake)


async def test_a_slow_reader_is_not_a_silent_server(fake: FakeOllama) -> None:
    fake.enqueue("one two three")
    settings = LlmSettings(ollama_url=fake.url, between_tokens_s=1)
    async with Ollama(settings) as ollama, aclosing(ollama.chat(chat())) as chunks:
        async for _ in chunks:
            await asyncio.sleep(1.1)


async def test_a_proxy_of_the_environment_is_not_used(
    fake: FakeOllama, monkeypatch: pytest.MonkeyPatch, ollama: Ollama
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert (await ollama.models(Nothing())).models


async def test_a_stream_cut_at_any_byte_never_ends_well_unless_its_last_line_came(fake: FakeOllama) -> None:
    """A recorded stream of four lines, dropped after each of its bytes."""
    recorded = b"".join(
        b'{"model":"m","message":{"role":"assistant","content":"%s"},"done":false}\n' % word
        for word in (b"Hey", " über".encode(), b" Brian")
    )
    end = b'{"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop"}'
    whole = recorded + end + b"\n"
    async with Ollama(LlmSettings(ollama_url=fake.url), Backoff(attempts=1)) as ollama:
        for at in range(len(whole)):
            fake.enqueue(Reply(raw=whole, drop_at_byte=at))
            seen: list[Chunk] = []
            try:
                await collect(ollama.chat(chat()), seen)
            except UpstreamFailed:
                assert not any(chunk.done for chunk in seen)
            else:
                assert at >= len(recorded + end)
                assert seen[-1].done
