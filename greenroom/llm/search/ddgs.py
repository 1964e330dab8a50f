"""Public search engines through the library ddgs, which reads the pages that people see.

Those pages change and their owners limit who reads them, so this may stop working at any time. The library blocks;
each search has a thread.
"""

import asyncio
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

from greenroom.errors import SearchFailed
from greenroom.llm.search.hit import Hit, hit_of

Search = Callable[[str, int], list[dict[str, Any]]]
"""A query and a number of results; gives entries with `title`, `href` and `body`."""

_THREADS = 4


class Ddgs:
    """An `Engine` that asks several public ones. `search` stands in for the library."""

    def __init__(self, backend: str, region: str, timeout_s: float, search: Search | None = None) -> None:
        self._search = search or _with_library(backend, region, timeout_s)
        self._threads: ThreadPoolExecutor | None = None

    async def __aenter__(self) -> Self:
        """Make room for a few searches at a time. More wait, and are given up when their time is over."""
        self._threads = ThreadPoolExecutor(_THREADS, "web search")
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Let go: a search that still runs ends by its own time limit, and nobody waits for it."""
        assert self._threads is not None
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def find(self, query: str, count: int) -> list[Hit]:
        """The pages that the engines find. Raises: SearchFailed."""
        assert self._threads is not None, "ddgs is asked before it was opened"
        entries = await asyncio.get_running_loop().run_in_executor(self._threads, self._search, query, count)
        return [hit_of(entry, "title", "href", "body", source="ddgs") for entry in entries]


def _with_library(backend: str, region: str, timeout_s: float) -> Search:
    def search(query: str, count: int) -> list[dict[str, Any]]:
        from ddgs import DDGS  # brings a browser's TLS and an HTML parser along, for those who search this way only
        from ddgs.exceptions import DDGSException, RatelimitException, TimeoutException

        engines = DDGS(timeout=math.ceil(timeout_s))
        try:
            return engines.text(query, region=region, max_results=count, backend=backend)
        except TimeoutException as exc:
            raise SearchFailed("the public search engines did not answer in time; check the Internet") from exc
        except RatelimitException as exc:
            raise SearchFailed("the public search engines want fewer searches; wait, or use SearXNG or Brave") from exc
        except DDGSException as exc:
            if "No results" in str(exc):
                return []
            raise SearchFailed(
                "the public search engines cannot be reached; check the connection to the Internet"
            ) from exc

    return search
