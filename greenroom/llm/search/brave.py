"""Brave's search API.

Source: api-dashboard.search.brave.com, API reference of web search: at most 400 characters and 50 words, 20 results.
"""

from typing import Any, Self

import msgspec
from pydantic import SecretStr

from greenroom.errors import SearchFailed
from greenroom.llm.faults import UNREADABLE
from greenroom.llm.search.hit import Hit, hit_of
from greenroom.llm.search.site import Answer, Site

_URL = "https://api.search.brave.com"
_MOST_RESULTS = 20


class _Web(msgspec.Struct):
    results: list[dict[str, Any]] = []


class _Page(msgspec.Struct):
    web: _Web | None = None


_PAGE = msgspec.json.Decoder(_Page)


class Brave:
    """An `Engine` with a key, which is sent to Brave and written nowhere. `key_env` is the variable that holds it."""

    def __init__(self, key: SecretStr, key_env: str, region: str, url: str = _URL) -> None:
        self._key = key
        self._country, self._language = region.split("-")
        self._key_cure = f"the key in {key_env} is wrong, or its plan does not allow this"
        self._site = Site("Brave", url, "check the connection to the Internet")

    async def __aenter__(self) -> Self:
        """Open the pool of connections."""
        await self._site.__aenter__()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Close it."""
        await self._site.__aexit__(*exc_info)

    async def find(self, query: str, count: int) -> list[Hit]:
        """The best `count` pages. Raises: SearchFailed."""
        params = {
            "q": query,
            "count": str(min(count, _MOST_RESULTS)),
            "country": self._country.upper(),
            "search_lang": self._language,
            "text_decorations": "false",
            "result_filter": "web",
        }
        answer = await self._site.get(
            "/res/v1/web/search", params, {"X-Subscription-Token": self._key.get_secret_value()}
        )
        if answer.status != 200:
            raise self._refusal(answer)
        try:
            page = _PAGE.decode(answer.body)
        except UNREADABLE as exc:
            raise SearchFailed("Brave sent something that is not a list of results") from exc
        entries = page.web.results if page.web else []
        return [hit_of(entry, "title", "url", "description", source="brave") for entry in entries]

    def _refusal(self, answer: Answer) -> SearchFailed:
        if answer.status == 422 and b"TOKEN" not in answer.body:
            return self._site.refusal(answer, {422: "it does not accept this query, or llm.search.region"})
        cures = dict.fromkeys((401, 403, 422), self._key_cure)
        return self._site.refusal(answer, cures | {429: "the plan of the key allows no more searches for now"})
