"""The way into web search: who is asked, what is remembered, and what is made of the answer."""

import asyncio
import hashlib
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, Self

import structlog
from pydantic import RootModel, ValidationError

from greenroom.clock import Clock
from greenroom.config import SearchSettings
from greenroom.errors import GreenroomError, SearchFailed, SearchOff
from greenroom.llm.search.discretion import without_keys
from greenroom.llm.search.engines import not_ready
from greenroom.llm.search.hit import Engine, Hit
from greenroom.llm.search.ranking import ranked
from greenroom.llm.search.tidying import cut, tidy
from greenroom.llm.search.turnstile import Turnstile
from greenroom.model import (
    Nothing,
    SearchAnswer,
    SearchProvider,
    SearchRequest,
    SearchResult,
    SearchState,
    Texts,
)
from greenroom.ports import Llm
from greenroom.storage.cache import Cache

_CANDIDATES = 20
"""Results that are fetched, ranked and remembered, however few are asked for."""

_QUERY_CHARS, _QUERY_WORDS = 400, 50
"""The longest query: what Brave accepts."""

_Results = tuple[SearchResult, ...]

_log = structlog.get_logger()


class _Kept(RootModel[_Results]):
    """Ranked results as they lie in the cache."""


class WebSearchService:
    """A `WebSearch` over engines. Entering it opens them.

    `engines` are those that the owner has made ready, none where search is off. `llm` embeds, for the ranking. The
    same query asked several times at once is searched for once.
    """

    def __init__(
        self, settings: SearchSettings, engines: Mapping[SearchProvider, Engine], llm: Llm, cache: Cache, clock: Clock
    ) -> None:
        self._settings = settings
        self._engines = engines
        self._llm = llm
        self._cache = cache
        self._clock = clock
        self._turnstiles = {name: Turnstile(name, settings.per_minute, clock) for name in engines}
        self._under_way: dict[str, asyncio.Task[_Results]] = {}
        self._resources = AsyncExitStack()
        self._searches = self._failures = self._cached = 0
        self._seconds = 0.0

    async def __aenter__(self) -> Self:
        """Open the engines."""
        async with AsyncExitStack() as stack:
            for engine in self._engines.values():
                if isinstance(engine, AbstractAsyncContextManager):
                    await stack.enter_async_context(engine)
            self._resources = stack.pop_all()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Give up what is under way, and close the engines."""
        for task in self._under_way.values():
            task.cancel()
        if self._under_way:
            await asyncio.wait(self._under_way.values())
        await self._resources.aclose()

    async def search(self, request: SearchRequest, /) -> SearchAnswer:
        """Look something up; keys and passwords in the query are left out of what is sent."""
        began_s = self._clock.monotonic_s()
        name = self._chosen(request.provider)
        query = _sent(request.query)
        if not query:
            raise SearchFailed("nothing is left of this query without the keys and passwords in it")
        self._searches += 1
        key = _key(name, query, self._settings)
        results = await self._remembered(key)
        cached = results is not None
        if results is None:
            results = await self._once(key, lambda: self._counted(name, query, key))
        else:
            self._cached += 1
        took_ms = (self._clock.monotonic_s() - began_s) * 1000
        return SearchAnswer(
            query=query, provider=name, results=results[: request.max_results], took_ms=round(took_ms, 1), cached=cached
        )

    async def state(self, nothing: Nothing, /) -> SearchState:
        """Say how search is, without asking anybody."""
        try:
            ready, detail = True, self._turnstiles[self._chosen(None)].trouble
        except SearchOff as exc:
            ready, detail = False, exc.detail
        return SearchState(
            provider=self._settings.provider,
            ready=ready,
            detail=detail,
            searches=self._searches,
            failures=self._failures,
            cached=self._cached,
            seconds=self._seconds,
        )

    async def ping(self) -> None:
        """Raise what keeps search from working, as far as that is known without searching: SearchOff, SearchFailed."""
        trouble = self._turnstiles[self._chosen(None)].trouble
        if trouble:
            raise SearchFailed(trouble)

    def figures(self) -> dict[str, float]:
        """Searches, those that failed or were remembered, and the seconds that the others took; for metrics."""
        return {
            "searches_total": float(self._searches),
            "searches_failed_total": float(self._failures),
            "searches_remembered_total": float(self._cached),
            "search_seconds_total": self._seconds,
        }

    def _chosen(self, wished: SearchProvider | None) -> SearchProvider:
        """Who is asked. Off is off for everybody; a caller chooses only among those that the owner has made ready."""
        provider = self._settings.provider
        if provider == "none":
            raise SearchOff("web search is off; set llm.search.provider to ddgs, searxng or brave")
        name = wished or provider
        if name not in self._engines:
            raise not_ready(name, self._settings)
        return name

    async def _remembered(self, key: str) -> _Results | None:
        content = await self._cache.get(key) if self._settings.cache_s else None
        if content is None:
            return None
        try:
            return _Kept.model_validate_json(content).root
        except ValidationError:
            await self._cache.delete(key)
            return None

    async def _once(self, key: str, search: Callable[[], Coroutine[Any, Any, _Results]]) -> _Results:
        """Share a search that is under way. It ends by its own time limit, also when nobody waits for it any more."""
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(search())
            task.add_done_callback(lambda ended: self._ended(key, ended))
        return await asyncio.shield(task)

    def _ended(self, key: str, task: asyncio.Task[_Results]) -> None:
        del self._under_way[key]
        if not task.cancelled():
            task.exception()  # marks it as seen: those who waited may be gone

    async def _counted(self, name: SearchProvider, query: str, key: str) -> _Results:
        began_s, turnstile = self._clock.monotonic_s(), self._turnstiles[name]
        try:
            turnstile.admit()
            results = await self._found(name, query)
        except SearchFailed:
            self._failures += 1
            raise
        finally:
            self._seconds += self._clock.monotonic_s() - began_s
        if results and self._settings.cache_s:
            await self._cache.set(key, _Kept(results).model_dump_json().encode(), self._settings.cache_s)
        return results

    async def _found(self, name: SearchProvider, query: str) -> _Results:
        until = asyncio.get_running_loop().time() + self._settings.timeout_s
        try:
            hits = await self._hits(name, query, until)
        except SearchFailed as exc:
            self._turnstiles[name].failed(exc)
            raise
        self._turnstiles[name].answered()
        results = tidy(hits)[:_CANDIDATES]
        return tuple(ranked(query, results, await self._vectors(query, results, until))) if results else ()

    async def _hits(self, name: SearchProvider, query: str, until: float) -> list[Hit]:
        try:
            async with asyncio.timeout_at(until):
                return await self._engines[name].find(query, _CANDIDATES)
        except TimeoutError as exc:
            limit = f"{self._settings.timeout_s:g} s; llm.search.timeout_s allows more"
            raise SearchFailed(f"{name} did not answer within {limit}") from exc

    async def _vectors(
        self, query: str, results: list[SearchResult], until: float
    ) -> tuple[tuple[float, ...], ...] | None:
        """Vectors for the ranking; None when the embedding model is away or takes too long."""
        texts = (query, *(f"{result.title}. {result.snippet}" for result in results))
        try:
            async with asyncio.timeout_at(until):
                return (await self._llm.embed(Texts(texts=texts, role="embedding"))).vectors
        except (GreenroomError, TimeoutError) as exc:
            _log.info("search_ranked_by_words_alone", reason=type(exc).__name__)
            return None


def _sent(query: str) -> str:
    words = without_keys(query).split()
    return cut(" ".join(words[:_QUERY_WORDS]), _QUERY_CHARS).removesuffix("…")


def _key(name: str, query: str, settings: SearchSettings) -> str:
    asked = f"{name}\0{settings.region}\0{settings.ddgs_backend}\0{query.casefold()}"
    return "search:" + hashlib.sha256(asked.encode()).hexdigest()
