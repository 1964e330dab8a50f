"""Bodies that no honest client sends, on the routes of each dialect: refused in its words, and cheaply."""

import gzip
import resource
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.deployments import browser, one_service

OLLAMA = ("/api/chat", "/api/generate", "/api/embed", "/api/show")
OPENAI = ("/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses")
ANTHROPIC = ("/v1/messages",)
PATHS = (*OLLAMA, *OPENAI, *ANTHROPIC)

DEEP = b'{"model": "understudy", "options": ' + b'{"a":' * 10_000 + b"1" + b"}" * 10_000 + b"}"
ODD: dict[str, tuple[bytes, dict[str, str]]] = {
    "nested 10 000 deep": (DEEP, {}),
    "an array 10 000 deep": (b"[" * 10_000 + b"]" * 10_000, {}),
    "not UTF-8": (b'{"model": "\xff\xfe"}', {}),
    "UTF-16": ('{"model": "understudy"}'.encode("utf-16"), {}),
    "half a surrogate": (b'{"model": "\xed\xa0\x80"}', {}),
    "a key twice": (b'{"model": "understudy", "model": "other"}', {}),
    "a key twice, inside": (b'{"model": "understudy", "options": {"seed": 1, "seed": 2}}', {}),
    "packed": (gzip.compress(b"[" * 30_000_000), {"Content-Encoding": "gzip"}),
    "said to be packed": (b"{}", {"Content-Encoding": "br"}),
    "not JSON": (b"model=understudy", {}),
    "two objects": (b'{"model": "understudy"} {}', {}),
    "NaN": (b'{"model": "understudy", "options": {"seed": NaN}}', {}),
    "a number without end": (b'{"model": "understudy", "options": {"seed": ' + b"9" * 100_000 + b"}}", {}),
    "nothing": (b"", {}),
}


@pytest.fixture
async def llm(tmp_path: Path) -> AsyncIterator[str]:
    async with one_service(tmp_path, "llm") as url:
        yield url


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with browser() as session:
        yield session


def words_of(path: str, said: Any) -> str:
    """The words of an error, which is in the form of its dialect."""
    if path in OLLAMA:
        assert list(said) == ["error"]
        return str(said["error"])
    if path in ANTHROPIC:
        assert said["type"] == "error"
    return str(said["error"]["message"])


async def test_odd_bodies_are_refused_in_the_words_of_the_dialect(llm: str, http: aiohttp.ClientSession) -> None:
    for path in PATHS:
        for name, (body, headers) in ODD.items():
            async with http.post(llm + path, data=body, headers=headers) as response:
                assert response.status == 400, f"{path}: {name}"
                assert words_of(path, await response.json(content_type=None)), f"{path}: {name}"
    async with http.post(f"{llm}/api/generate", json={"model": "understudy", "prompt": "Good evening!"}) as response:
        assert response.status == 200


async def test_an_endless_body_is_refused_soon_and_takes_no_memory(llm: str, http: aiohttp.ClientSession) -> None:
    """Ten gigabytes in pieces, of which the first 64 MB are read at most."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'{"model": "'
        while sent < 10_000_000_000:
            sent += 1_000_000
            yield b"x" * 1_000_000

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for path, said in (("/llm/nowhere", 2_000_000), ("/api/chat", 64_000_000)):
        sent = 0
        try:
            async with http.post(llm + path, data=endless()) as response:
                assert response.status in {404, 413}
                if response.status == 413 and path in OLLAMA:
                    words_of(path, await response.json())
        except aiohttp.ClientError:
            pass  # refused while more was coming: then the answer may be lost on its way
        assert sent < said + 30_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 250_000


@pytest.mark.parametrize("key", ["' OR 1=1--", "x" * 60_000, "gr-' OR '1'='1", "gr-" + "\u00e9" * 100])
@pytest.mark.parametrize("header", ["Authorization", "x-api-key"])
async def test_a_key_is_compared_and_nothing_else(llm: str, http: aiohttp.ClientSession, header: str, key: str) -> None:
    """A key of another kind is any text, as clients of OpenAI send one; none of them gets into a query or an error."""
    said = f"Bearer {key}" if header == "Authorization" else key
    for path in PATHS:
        async with http.post(llm + path, data=b"{}", headers={header: said}) as response:
            assert response.status in {400, 401, 404}, path
            assert key not in await response.text()


@pytest.mark.parametrize("path", PATHS)
async def test_a_foreign_name_and_a_foreign_page_reach_no_dialect(
    llm: str, http: aiohttp.ClientSession, path: str
) -> None:
    for headers in ({"Host": "evil.com"}, {"Origin": "https://evil.com", "Content-Type": "text/plain"}):
        async with http.post(llm + path, data=b"{}", headers=headers) as response:
            assert response.status == 403
            assert words_of(path, await response.json())
