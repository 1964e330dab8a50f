"""SearXNG, the metasearch engine that one runs oneself, through its JSON API.

Source: docs.searxng.org, "Search API"; the fields of a result are those of its JSON output of 2026.
"""

from typing import Any, Self
from urllib.parse import urlsplit

import msgspec

from greenroom.errors import SearchFailed
from greenroom.llm.faults import UNREADABLE
from greenroom.llm.search.hit import Hit, hit_of
from greenroom.llm.search.site import Site

_CURES = {
    301: "set llm.search.searxng_url to the address that it redirects to",
    302: "set llm.search.searxng_url to the address that it redirects to",
    308: "set llm.search.searxng_url to the address that it redirects to",
    403: "add `json` to search.formats in its settings.yml; public instances do not allow it",
    404: "check llm.search.searxng_url; /search is not there",
    429: "it limits how often it may be asked; set server.limiter to false in its settings.yml",
}


class _Page(msgspec.Struct):
    results: list[dict[str, Any]]
    unresponsive_engines: list[Any] = []


_PAGE = msgspec.json.Decoder(_Page)


class Searxng:
    """An `Engine` over one SearXNG. Its address is the owner's own setting, so it may be a private one."""

    def __init__(self, url: str, region: str) -> None:
        country, language = region.split("-")
        self._language = f"{language}-{country.upper()}"
        self._site = Site(
            f"SearXNG at {urlsplit(url).hostname or 'no host'}",
            url,
            "check that it runs and that llm.search.searxng_url is its address",
        )

    async def __aenter__(self) -> Self:
        """Open the pool of connections."""
        await self._site.__aenter__()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Close it."""
        await self._site.__aexit__(*exc_info)

    async def find(self, query: str, count: int) -> list[Hit]:
        """One page of results; how many that is, SearXNG decides. Raises: SearchFailed."""
        answer = await self._site.get("/search", {"q": query, "format": "json", "language": self._language})
        if answer.status != 200:
            raise self._site.refusal(answer, _CURES)
        try:
            page = _PAGE.decode(answer.body)
        except UNREADABLE as exc:
            raise SearchFailed(
                f"{self._site.label} sent something that is not a list of results; {_CURES[403]}"
            ) from exc
        if not page.results and page.unresponsive_engines:
            raise SearchFailed(f"none of the engines of {self._site.label} answered; look at its page of preferences")
        return [_hit(entry) for entry in page.results]


def _hit(entry: dict[str, Any]) -> Hit:
    engines = entry.get("engines")
    names = sorted(name for name in engines if isinstance(name, str)) if isinstance(engines, list) else []
    return hit_of(entry, "title", "url", "content", source=", ".join(names) or "searxng")
