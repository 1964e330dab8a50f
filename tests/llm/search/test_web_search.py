"""`/api/search`, as outsiders and as our own client meet it, at the root in both deployments."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from greenroom.testing import FakeSearXNG, Found
from tests.deployments import one_process, one_service


@pytest.fixture(params=["up", "serve llm"])
def deployment(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@asynccontextmanager
async def house(deployment: str, folder: Path, **settings: Any) -> AsyncIterator[aiohttp.ClientSession]:
    """The service llm, as its callers reach it: `/api/*` at the root, its own routes below `/llm` in `up`."""
    where = one_process if deployment == "up" else one_service
    more = () if deployment == "up" else ("llm",)
    async with where(folder, *more, llm__search__timeout_s=60, **settings) as reached:
        url = reached if isinstance(reached, str) else reached["llm"].removesuffix("/llm")
        async with aiohttp.ClientSession(url) as http:
            yield http


async def test_a_search_gives_ranked_results_with_their_sources(deployment: str, tmp_path: Path) -> None:
    async with FakeSearXNG(Found("Bay", "https://clams.example", "Clams")) as fake:
        on = {"llm__search__provider": "searxng", "llm__search__searxng_url": fake.url}
        async with house(deployment, tmp_path, **on) as http:
            for cached in (False, True):
                async with http.post("/api/search", json={"query": "clams", "max_results": 3}) as response:
                    assert response.status == 200
                    answer = await response.json()
                result = {"title": "Bay", "url": "https://clams.example", "snippet": "Clams", "source": "google"}
                assert answer["results"] == [{**result, "score": answer["results"][0]["score"]}]
                assert (answer["query"], answer["provider"], answer["cached"]) == ("clams", "searxng", cached)
                assert answer["took_ms"] >= 0
            state = await (await http.get("/api/search")).json()
            assert (state["provider"], state["ready"], state["searches"], state["cached"]) == ("searxng", True, 2, 1)
            below = "/llm" if deployment == "up" else ""
            figures = await (await http.get(f"{below}/metrics")).json()
            assert (figures["searches_total"], figures["searches_remembered_total"]) == (2, 1)
            health = await (await http.get(f"{below}/health")).json()
            assert health["dependencies"]["search"]["status"] == "healthy"


async def test_where_search_is_off_the_cure_comes_in_the_words_of_ollama(deployment: str, tmp_path: Path) -> None:
    async with house(deployment, tmp_path) as http:
        async with http.post("/api/search", json={"query": "clams"}) as response:
            assert response.status == 503
            assert await response.json() == {
                "error": "web search is off; set llm.search.provider to ddgs, searxng or brave"
            }
        for wrong in ({"query": " "}, {"query": "clams", "max_results": 21}, {"query": "clams", "provider": "other"}):
            async with http.post("/api/search", json=wrong) as response:
                assert response.status == 422
                assert set(await response.json()) == {"error"}


async def test_clients_of_ollama_search_at_its_own_path(deployment: str, tmp_path: Path) -> None:
    path = "/api/experimental/web_search"
    async with FakeSearXNG(Found("Bay", "https://clams.example", "Clams")) as fake:
        on = {"llm__search__provider": "searxng", "llm__search__searxng_url": fake.url}
        async with house(deployment, tmp_path, **on) as http:
            for limit in ({}, {"max_results": None}, {"max_results": 100}):
                async with http.post(path, json={"query": "clams", **limit}) as response:
                    found = {"title": "Bay", "url": "https://clams.example", "content": "Clams"}
                    assert (response.status, await response.json()) == (200, {"results": [found]})
            async with http.post(path, json={"query": " "}) as response:
                assert (response.status, list(await response.json())) == (400, ["error"])
            async with http.get(path) as response:
                assert (response.status, await response.text()) == (405, "405 method not allowed")
