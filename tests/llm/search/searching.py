"""A web search to test: over fakes, with its own clock and cache."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from greenroom.config import SearchSettings
from greenroom.llm.search.hit import Engine
from greenroom.llm.search.searxng import Searxng
from greenroom.llm.search.service import WebSearchService
from greenroom.model import SearchProvider
from greenroom.ports import Llm
from greenroom.storage.cache import MemoryCache
from greenroom.testing import FakeSearXNG, FrozenClock, ScriptedModel

PATIENT = 60.0
"""Seconds; where a test does not wait for the time to run out."""


def no_search(llm: Llm) -> WebSearchService:
    """A web search that is switched off; it need not be opened."""
    return WebSearchService(SearchSettings(), {}, llm, MemoryCache(1_000_000, FrozenClock()), FrozenClock())


@asynccontextmanager
async def searching(
    fake: FakeSearXNG | None = None,
    *,
    model: ScriptedModel | None = None,
    clock: FrozenClock | None = None,
    engines: dict[SearchProvider, Engine] | None = None,
    **settings: Any,
) -> AsyncIterator[WebSearchService]:
    """A service that asks `fake`, or the engines that are given."""
    given = SearchSettings(**{"provider": "searxng", "timeout_s": PATIENT, **settings})
    found = engines or ({"searxng": Searxng(fake.url, given.region)} if fake else {})
    cache = MemoryCache(1_000_000, FrozenClock())
    async with WebSearchService(given, found, model or ScriptedModel(), cache, clock or FrozenClock()) as service:
        yield service
