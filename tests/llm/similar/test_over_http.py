"""What a client says to get the answer to a similar prompt, and what it is told: in every dialect."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import anthropic
import ollama
import openai
import pytest

from tests.deployments import one_service
from tests.llm.similar.asking import QUESTION, SAME

MODEL = "understudy"
ON = {"X-Greenroom-Similar": "on"}
OFF = {"X-Greenroom-Similar": "off"}


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    async with one_service(tmp_path, "llm") as url:
        yield url


def said(words: str) -> list[Any]:
    return [{"role": "user", "content": words}]


async def chatted(url: str, words: str, headers: dict[str, str], **body: Any) -> tuple[str, aiohttp.ClientResponse]:
    asked = {"model": MODEL, "messages": said(words), "options": {"temperature": 0}, **body}
    async with aiohttp.ClientSession(url) as http, http.post("/api/chat", json=asked, headers=headers) as response:
        return await response.text(), response


@pytest.mark.parametrize("stream", [True, False])
async def test_a_header_asks_for_it_and_others_tell_of_it(url: str, stream: bool) -> None:
    _, first = await chatted(url, QUESTION, ON, stream=False)
    assert first.headers["X-Greenroom-Cache"] == "miss"
    assert "X-Greenroom-Similarity" not in first.headers
    _, second = await chatted(url, SAME, ON, stream=stream)
    assert second.headers["X-Greenroom-Cache"] == "similar"
    assert 0 < float(second.headers["X-Greenroom-Similarity"]) <= 1
    assert second.headers["X-Greenroom-Key"] != first.headers["X-Greenroom-Key"]
    for headers in (OFF, {}, {"X-Greenroom-Similar": "perhaps"}):
        _, other = await chatted(url, SAME.upper() + str(headers), headers)
        assert other.headers["X-Greenroom-Cache"] == "miss"


async def test_a_stream_that_misses_is_kept_for_similar_prompts_too(url: str) -> None:
    await chatted(url, QUESTION, ON, stream=True)
    _, second = await chatted(url, SAME, ON, stream=True)
    assert second.headers["X-Greenroom-Cache"] == "similar"


async def test_every_client_gets_the_answer_that_was_given_to_one_of_its_kind(url: str) -> None:
    native = ollama.AsyncClient(url, headers=ON)
    answers = [await native.generate(MODEL, words, options={"temperature": 0}) for words in (QUESTION, SAME)]
    await native._client.aclose()
    assert answers[0].response == answers[1].response
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="any", default_headers=ON) as client:
        ask = client.chat.completions.with_raw_response.create
        found = [await ask(model=MODEL, messages=said(words), temperature=0) for words in (QUESTION, SAME)]
        assert [answer.headers["X-Greenroom-Cache"] for answer in found] == ["miss", "similar"]
        texts = [answer.parse().choices[0].message.content for answer in found]
        assert texts[0] == texts[1]
    async with anthropic.AsyncAnthropic(base_url=url, api_key="any", default_headers=ON) as other:
        write = other.messages.with_raw_response.create
        raw = [
            await write(model=MODEL, messages=said(words), max_tokens=60, extra_body={"temperature": 0})
            for words in (QUESTION, SAME)
        ]
        assert [answer.headers["X-Greenroom-Cache"] for answer in raw] == ["miss", "similar"]


async def test_the_key_of_an_answer_shows_it_reports_it_and_deletes_it(url: str) -> None:
    _, first = await chatted(url, QUESTION, ON, stream=False)
    _, second = await chatted(url, SAME, ON, stream=False)
    own, served = (answer.headers["X-Greenroom-Key"] for answer in (first, second))
    async with aiohttp.ClientSession(url) as http:
        async with http.get(f"/cache/entries/{quote(served, safe='')}") as found:
            entry = await found.json()
            assert (entry["key"], entry["prompt"], entry["tiers"]) == (own, QUESTION, ["memory", "sqlite"])
        async with http.post("/cache/report", json={"key": served}) as told:
            assert await told.json() == {"deleted": own, "similar": True}
        async with http.delete(f"/cache/entries/{own}") as gone:
            assert gone.status == 404
        async with http.get("/cache/stats") as stats:
            (similar,) = (await stats.json())["similar"]
            assert (similar["embedder"], similar["served"], similar["reported"]) == ("understudy/hash", 1, 1)
    assert (await chatted(url, SAME, ON))[1].headers["X-Greenroom-Cache"] == "miss"
    assert (await chatted(url, QUESTION, ON))[1].headers["X-Greenroom-Cache"] == "miss"
