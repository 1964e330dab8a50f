"""Greenroom as the clients from npm see it. Each feature is used in a program of its own, which prints what came."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from greenroom.testing import FakeOllama, Reply
from tests.deployments import one_process

PROGRAMS = Path(__file__).parents[1] / "npm"
CALLED = {"id": "call_1", "function": {"name": "weather", "arguments": {"in": "Bern"}}}


@pytest.fixture(scope="session")
def node() -> str:
    """The program that runs them."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("no Node.js is installed (apt-get install nodejs npm)")
    if not (PROGRAMS / "node_modules").exists():
        pytest.skip("the clients from npm are not installed (make npm)")
    return found


@pytest.fixture
async def fake() -> AsyncIterator[FakeOllama]:
    async with FakeOllama(models=("llama3.2:latest", "nomic-embed-text:latest")) as fake:
        yield fake


class Clients:
    """Uses features of a client, one after the other."""

    def __init__(self, node: str, url: str) -> None:
        self._node, self._url = node, url

    async def __call__(self, client: str, *features: str) -> list[Any]:
        """What came of each. A program that fails, or complains, fails the test."""
        running = await asyncio.create_subprocess_exec(
            self._node,
            str(PROGRAMS / f"{client}.mjs"),
            self._url,
            *features,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        printed, complaint = await running.communicate()
        assert (running.returncode, complaint.decode()) == (0, "")
        return [json.loads(line) for line in printed.splitlines()]


@pytest.fixture
async def run(node: str, fake: FakeOllama, tmp_path: Path) -> AsyncIterator[Clients]:
    async with one_process(tmp_path, llm__ollama_url=fake.url) as addresses:
        yield Clients(node, addresses["llm"].removesuffix("/llm"))


# Ollama's -------------------------------------------------------------------------------------------------------------


async def test_ollamas_client_chats(run: Clients, fake: FakeOllama) -> None:
    fake.enqueue(Reply(text="Hello there", thinking="hm"), Reply(text="one two"))
    answer, parts = await run("ollama", "chat", "chat_in_a_stream")
    assert answer["message"] == {"role": "assistant", "content": "Hello there", "thinking": "hm"}
    assert (answer["done_reason"], answer["eval_count"]) == ("stop", 2)
    first = fake.requests[-2].body
    assert (first["think"], first["options"], first["keep_alive"]) == (True, {"seed": 7}, "5m")
    assert [part["message"]["content"] for part in parts] == ["one", " two", ""]
    assert [part["done"] for part in parts] == [False, False, True]


async def test_ollamas_client_calls_tools(run: Clients, fake: FakeOllama) -> None:
    fake.enqueue(Reply(tool_calls=(CALLED,)), "Sunny.")
    calling, answer = await run("ollama", "tools", "tool_results")
    assert calling["message"]["tool_calls"][0]["function"]["arguments"] == {"in": "Bern"}
    assert answer["message"]["content"] == "Sunny."
    first, second = (request.body for request in fake.requests[-2:])
    assert first["tools"][0]["function"]["name"] == "weather"
    assert second["messages"][-1] == {"role": "tool", "content": "sun", "tool_name": "weather"}


async def test_ollamas_client_asks_for_a_form_and_shows_pictures(run: Clients, fake: FakeOllama) -> None:
    fake.enqueue('{"age": 7}', "A picture.", "Likely.")
    form, *_ = await run("ollama", "format", "picture", "logprobs")
    assert form["message"]["content"] == '{"age": 7}'
    first, second, third = (request.body for request in fake.requests[-3:])
    assert first["format"]["properties"] == {"age": {"type": "integer"}}
    assert second["messages"][0]["images"] == ["iVBORw=="]
    assert (third["logprobs"], third["top_logprobs"]) == (True, 2)


async def test_ollamas_client_completes_a_prompt(run: Clients, fake: FakeOllama) -> None:
    fake.enqueue("an answer", "an answer")
    answer, parts, unloaded = await run("ollama", "generate", "generate_in_a_stream", "unload")
    assert answer["response"] == "an answer"
    said = {"prompt": "hi", "system": "Be brief.", "images": ["iVBORw=="], "suffix": "!"}
    assert fake.requests[-3].body.items() >= said.items()
    assert [part["response"] for part in parts] == ["an", " answer", ""]
    assert unloaded["done_reason"] == "unload"


async def test_ollamas_client_embeds_and_asks_about_models(run: Clients, fake: FakeOllama) -> None:
    fake.shelf.in_memory = ("llama3.2:latest",)
    rows, row, listed, shown, running, version = await run(
        "ollama", "embed", "embeddings", "list", "show", "ps", "version"
    )
    assert [len(row) for row in rows["embeddings"]] == [8, 8]
    assert len(row["embedding"]) == 64
    assert [model["name"] for model in listed["models"]][:2] == ["llama3.2:latest", "nomic-embed-text:latest"]
    assert shown["model_info"]["general.architecture"] == "llama"
    assert [model["name"] for model in running["models"]] == ["llama3.2:latest"]
    assert version == {"version": "0.33.0"}


async def test_ollamas_client_manages_models(run: Clients, fake: FakeOllama) -> None:
    pulled, *others = await run("ollama", "pull", "push", "create", "copy", "delete")
    assert pulled[-1] == {"status": "success"}
    assert others == [{"status": "success"}] * 4
    assert fake.shelf.models == ("copy:latest", "mario:latest", "phi4:latest", "nomic-embed-text:latest")


async def test_ollamas_client_can_break_off(run: Clients, fake: FakeOllama) -> None:
    fake.enqueue(Reply(text="one two", stall=True, after=1))
    assert await run("ollama", "abort") == [{"heard": ["one"], "error": "AbortError"}]
    async with asyncio.timeout(50):
        await fake.until_idle()
    assert fake.left == 1


async def test_ollamas_client_sees_errors(run: Clients, fake: FakeOllama) -> None:
    fake.enqueue(Reply(text="one two", error="the runner died", after=1))
    before, inside = await run("ollama", "error", "error_in_a_stream")
    assert before == [404, "model 'nope' not found"]
    assert "the runner died" in inside


# OpenAI's -------------------------------------------------------------------------------------------------------------


async def test_openais_client_chats_and_completes(run: Clients, fake: FakeOllama) -> None:
    fake.enqueue("Hello", "one two", Reply(tool_calls=(CALLED,)), "an end")
    whole, streamed, calling, completed = await run("openai", "chat", "chat_in_a_stream", "tools", "complete")
    assert whole["choices"][0]["message"]["content"] == "Hello"
    assert streamed["choices"][0]["message"]["content"] == "one two"
    assert calling["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"] == '{"in":"Bern"}'
    assert completed["choices"][0]["text"] == "an end"


async def test_openais_client_gets_responses(run: Clients, fake: FakeOllama) -> None:
    fake.enqueue("Hello", "one two")
    whole, streamed = await run("openai", "response", "response_in_a_stream")
    assert whole["output_text"] == "Hello"
    assert streamed["output"][0]["content"][0]["text"] == "one two"


async def test_openais_client_embeds_lists_and_sees_errors(run: Clients) -> None:
    embedded, listed, error = await run("openai", "embed", "list", "error")
    assert len(embedded["data"][0]["embedding"]) == 8
    assert "llama3.2:latest" in [model["id"] for model in listed]
    assert error == [404, "404 model 'nope' not found"]


# Anthropic's ----------------------------------------------------------------------------------------------------------


async def test_anthropics_client_gets_messages(run: Clients, fake: FakeOllama) -> None:
    fake.enqueue(Reply(text="Hello", thinking="hm"), "one two", Reply(text="Wait.", tool_calls=(CALLED,)))
    whole, streamed, calling, counted = await run("anthropic", "message", "message_in_a_stream", "tools", "count")
    thought, said = whole["content"]
    assert (thought["thinking"], said["text"]) == ("hm", "Hello")
    assert streamed["content"][0]["text"] == "one two"
    assert (calling["stop_reason"], calling["content"][1]["input"]) == ("tool_use", {"in": "Bern"})
    assert counted["input_tokens"] > 0


async def test_anthropics_client_sees_errors(run: Clients) -> None:
    ((status, told),) = await run("anthropic", "error")
    assert (status, told["error"]) == (404, {"type": "not_found_error", "message": "model 'nope' not found"})
