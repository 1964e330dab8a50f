"""Who may call what, over every header that clients show their keys in, and at every door."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import anthropic
import ollama
import openai
import pytest

from tests.deployments import browser, one_process

ADMIN = "the-owners-own-token"
HEADERS: dict[str, Callable[[str], dict[str, str]]] = {
    "bearer": lambda key: {"Authorization": f"Bearer {key}"},
    "bearer, in small letters": lambda key: {"authorization": f"bearer {key}"},
    "x-api-key": lambda key: {"x-api-key": key},
    "api-key": lambda key: {"api-key": key},
}
MESSAGES = [{"role": "user", "content": "hello"}]
DOORS: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "chat": ("POST", "/api/chat", {"model": "understudy", "messages": MESSAGES, "stream": False}),
    "generate": ("POST", "/api/generate", {"model": "understudy", "prompt": "hello", "stream": False}),
    "embed": ("POST", "/api/embed", {"model": "understudy/hash", "input": "hello"}),
    "tags": ("GET", "/api/tags", None),
    "openai": ("POST", "/v1/chat/completions", {"model": "understudy", "messages": MESSAGES}),
    "models": ("GET", "/v1/models", None),
    "anthropic": ("POST", "/v1/messages", {"model": "understudy", "messages": MESSAGES, "max_tokens": 9}),
    "analyze": ("POST", "/api/analyze", {"prompt": "hello"}),
    "nothing": ("GET", "/api/nowhere", None),
}
STRANGE = ["' OR 1=1--", "sk-unknown", "gr-000000000000-" + "A" * 43]


@asynccontextmanager
async def house(folder: Path, **settings: Any) -> AsyncIterator[tuple[str, aiohttp.ClientSession]]:
    async with one_process(folder, wire__admin_token=ADMIN, **settings) as addresses, browser() as http:
        yield addresses["llm"].removesuffix("/llm"), http


async def new_key(url: str, http: aiohttp.ClientSession, **order: Any) -> str:
    async with http.post(f"{url}/llm/keys", json={"name": "ann", **order}) as response:
        assert response.status == 201, await response.text()
        return str((await response.json())["secret"])


async def status(url: str, http: aiohttp.ClientSession, door: str, headers: dict[str, str]) -> int:
    method, path, body = DOORS[door]
    async with http.request(method, url + path, json=body, headers=headers) as response:
        await response.read()
        return response.status


@pytest.mark.parametrize("required", [False, True])
async def test_the_same_rules_hold_at_every_door_and_over_every_header(tmp_path: Path, required: bool) -> None:
    async with house(tmp_path, llm__keys_required=required) as (url, http):
        key = await new_key(url, http)
        for door in DOORS:
            good = 404 if door == "nothing" else 200
            stranger = 401 if required else good
            assert await status(url, http, door, {}) == stranger, door
            assert await status(url, http, door, {"Authorization": f"Basic {key}"}) == stranger, door
            assert await status(url, http, door, {"Authorization": f"Bearer {ADMIN}"}) == good, door
            for name, header in HEADERS.items():
                assert await status(url, http, door, header(key)) == good, (door, name)
                for strange in STRANGE:
                    assert await status(url, http, door, header(strange)) == stranger, (door, name, strange)


async def test_a_key_that_was_revoked_opens_no_door(tmp_path: Path) -> None:
    async with house(tmp_path) as (url, http):
        key = await new_key(url, http)
        async with http.delete(f"{url}/llm/keys/ann") as response:
            assert response.status == 200
        for door in DOORS:
            for header in HEADERS.values():
                assert await status(url, http, door, header(key)) == 401, door


async def test_limits_hold_over_all_headers_together(tmp_path: Path) -> None:
    async with house(tmp_path) as (url, http):
        key = await new_key(url, http, requests_per_minute=3)
        found = [await status(url, http, "generate", header(key)) for header in HEADERS.values()]
        assert found == [200, 200, 200, 429]
        for door in ("chat", "openai", "anthropic", "embed"):
            assert await status(url, http, door, HEADERS["x-api-key"](key)) == 429


async def test_answers_that_are_sent_again_at_once_are_counted_limited_and_end_with_the_key(tmp_path: Path) -> None:
    body = {"model": "understudy", "messages": MESSAGES, "stream": False, "options": {"temperature": 0}}
    async with house(tmp_path) as (url, http):
        key = await new_key(url, http, requests_per_minute=4)

        async def ask() -> tuple[int, str]:
            async with http.post(f"{url}/api/chat", json=body, headers=HEADERS["bearer"](key)) as response:
                await response.read()
                return response.status, response.headers.get("X-Greenroom-Cache", "")

        found = [await ask() for _ in range(5)]
        assert found == [(200, "miss"), *[(200, "memory")] * 3, (429, "")]
        async with http.get(f"{url}/api/stats", headers=HEADERS["bearer"](key)) as response:
            total = (await response.json())["total"]
        assert (total["requests"], total["calls"], total["hits"]) == (4, 1, {"memory": 3})
        async with http.get(f"{url}/llm/metrics") as response:
            assert '"replay"' in await response.text(), "one of them was sent again before anything else was asked"
        async with http.delete(f"{url}/llm/keys/ann") as response:
            assert response.status == 200
        assert await ask() == (401, "")


async def test_a_key_of_a_megabyte_is_refused_and_the_next_request_is_answered(tmp_path: Path) -> None:
    async with house(tmp_path, llm__keys_required=True) as (url, http):
        key = await new_key(url, http)
        for header in HEADERS.values():
            try:
                assert await status(url, http, "tags", header("gr-" + "x" * 1_000_000)) in {400, 401, 431}
            except aiohttp.ClientError:
                continue  # the connection was closed while the header was still being sent
        assert await status(url, http, "tags", HEADERS["bearer"](key)) == 200


REFUSALS: dict[str, Callable[[Any], str]] = {
    "chat": lambda body: body["error"],
    "openai": lambda body: body["error"]["message"],
    "anthropic": lambda body: body["error"]["message"],
}


@pytest.mark.parametrize("door", REFUSALS)
async def test_refusals_are_in_the_words_of_the_dialect(tmp_path: Path, door: str) -> None:
    async with house(tmp_path, llm__keys_required=True) as (url, http):
        key = await new_key(url, http, requests_per_minute=1)
        method, path, body = DOORS[door]
        async with http.request(method, url + path, json=body) as response:
            assert response.status == 401
            assert "an API key is needed" in REFUSALS[door](await response.json())
        await status(url, http, "chat", HEADERS["bearer"](key))
        async with http.request(method, url + path, json=body, headers=HEADERS["bearer"](key)) as response:
            assert response.status == 429
            assert 1 <= int(response.headers["Retry-After"]) <= 61
            assert "requests a minute" in REFUSALS[door](await response.json())


async def test_a_budget_that_is_spent_is_a_402_in_the_words_of_the_dialect(tmp_path: Path) -> None:
    prices = {"understudy/*": {"input": 1000, "output": 1000}}
    async with house(tmp_path, llm__prices=prices) as (url, http):
        key = await new_key(url, http, budget_usd=0.0001)
        for door, said in REFUSALS.items():
            method, path, body = DOORS[door]
            async with http.request(method, url + path, json=body, headers=HEADERS["bearer"](key)) as response:
                assert response.status == 402
                assert "the budget of the key 'ann' ($0.0001 a month)" in said(await response.json())


EMBEDDINGS = {"/api/embed": "input", "/api/embeddings": "prompt", "/v1/embeddings": "input"}


async def test_a_keys_rules_hold_for_a_model_that_embeds_by_any_of_its_names(tmp_path: Path) -> None:
    async with house(tmp_path) as (url, http):
        kept_away = await new_key(url, http, models=["ollama/*"])
        frugal = await new_key(url, http, name="bob", budget_usd=1)  # the model costs nothing
        for path, field in EMBEDDINGS.items():
            for name in ("hash", "understudy/hash"):
                for key, expected in ((kept_away, 403), (frugal, 200)):
                    body = {"model": name, field: "hello"}
                    async with http.post(url + path, json=body, headers=HEADERS["bearer"](key)) as response:
                        assert response.status == expected, (path, name, await response.text())


async def test_where_keys_are_required_the_services_own_routes_need_a_token(tmp_path: Path) -> None:
    request = {"messages": MESSAGES, "model": "understudy"}
    async with house(tmp_path, llm__keys_required=True) as (url, http):
        key = await new_key(url, http)
        for headers, good in (({}, False), (HEADERS["bearer"](key), False), (HEADERS["bearer"](ADMIN), True)):
            async with http.post(f"{url}/llm/chat/stream", json=request, headers=headers) as response:
                await response.read()
                assert (response.status == 200) is good


async def test_keys_are_the_owners_business(tmp_path: Path) -> None:
    async with house(tmp_path, llm__manage_from_loopback=False) as (url, http):
        for headers, expected in (({}, 401), (HEADERS["bearer"]("wrong"), 401), (HEADERS["bearer"](ADMIN), 200)):
            async with http.get(f"{url}/llm/keys", headers=headers) as response:
                assert response.status == expected


# Figures --------------------------------------------------------------------------------------------------------------


async def test_a_caller_sees_its_own_figures_and_the_owner_all(tmp_path: Path) -> None:
    async with house(tmp_path, llm__manage_from_loopback=False) as (url, http):
        admin = HEADERS["bearer"](ADMIN)
        async with http.post(f"{url}/llm/keys", json={"name": "ann"}, headers=admin) as response:
            key = (await response.json())["secret"]
        await status(url, http, "chat", HEADERS["x-api-key"](key))
        await status(url, http, "chat", {})
        await status(url, http, "generate", {})
        for headers, requests in ((HEADERS["api-key"](key), 1), (admin, 3)):
            async with http.get(f"{url}/api/stats?days=2", headers=headers) as response:
                by_caller = (await response.json())["by_caller"]
                of_others = [spent["requests"] for name, spent in by_caller.items() if not _is_the_house(name)]
                assert sum(of_others) == requests
            async with http.get(f"{url}/api/stats.csv", headers=headers) as response:
                assert response.headers["content-type"].startswith("text/csv")
                lines = [line for line in (await response.text()).splitlines() if not _is_the_house(line)]
                assert len(lines) == 1 + min(requests, 2)
        for path in ("/api/stats", "/api/stats.csv"):
            async with http.get(url + path) as response:
                assert response.status == 401
                assert set(await response.json()) == {"error"}


def _is_the_house(said: str) -> bool:
    """Whether this names the house itself as who asked: it embeds its library when it starts."""
    return "greenroom/" in said


async def test_a_wrong_number_of_days_is_refused_in_ollamas_words(tmp_path: Path) -> None:
    async with house(tmp_path) as (url, http):
        for path in ("/api/stats", "/api/stats.csv"):
            async with http.get(f"{url}{path}?days=0") as response:
                assert response.status == 422
                assert "days" in (await response.json())["error"]


# Real clients ---------------------------------------------------------------------------------------------------------


async def test_the_clients_of_three_houses_show_their_keys_and_understand_refusals(tmp_path: Path) -> None:
    said: Any = MESSAGES
    async with house(tmp_path, llm__keys_required=True) as (url, http):
        key = await new_key(url, http, requests_per_minute=3)
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0) as client:
            assert (await client.chat.completions.create(model="understudy", messages=said)).choices
        async with anthropic.AsyncAnthropic(base_url=url, api_key=key, max_retries=0) as speaker:
            assert (await speaker.messages.create(model="understudy", messages=said, max_tokens=9)).content
        friend, stranger = ollama.AsyncClient(url, headers=HEADERS["bearer"](key)), ollama.AsyncClient(url)
        assert (await friend.chat("understudy", messages=MESSAGES)).message.content
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0) as client:
            with pytest.raises(openai.RateLimitError, match="3 requests a minute"):
                await client.chat.completions.create(model="understudy", messages=said)
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="sk-other", max_retries=0) as client:
            with pytest.raises(openai.AuthenticationError, match="an API key is needed"):
                await client.models.list()
        async with anthropic.AsyncAnthropic(base_url=url, api_key="sk-other", max_retries=0) as speaker:
            with pytest.raises(anthropic.AuthenticationError, match="an API key is needed"):
                await speaker.messages.create(model="understudy", messages=said, max_tokens=9)
        with pytest.raises(ollama.ResponseError, match="an API key is needed"):
            await stranger.list()
        for asking in (friend, stranger):
            await asking._client.aclose()
