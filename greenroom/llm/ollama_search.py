"""Ollama's route that searches the web, answered by our own search.

Source: ollama/ollama v0.33, server/routes.go: experimental/web_search.
"""

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from greenroom.llm.asked import decoded, valid
from greenroom.llm.dialect import Endpoint, as_json
from greenroom.llm.ollama_api import refusal
from greenroom.model import SearchRequest
from greenroom.ports import WebSearch

_MOST = 20


class _Body(msgspec.Struct):
    query: str = ""
    max_results: int | None = None


def search_routes(search: WebSearch) -> list[BaseRoute]:
    """The route; it must stand before the one that answers 404 for all others below /api/."""

    async def find(content: bytes) -> Response:
        body = decoded(_Body, content)
        wanted = {"max_results": min(body.max_results, _MOST)} if body.max_results else {}
        found = await search.search(valid(SearchRequest, query=body.query, **wanted))
        results = [{"title": page.title, "url": page.url, "content": page.snippet} for page in found.results]
        return as_json({"results": results})

    return [Route("/api/experimental/web_search", Endpoint({"POST"}, find, refusal), include_in_schema=False)]
