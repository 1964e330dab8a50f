"""The one tool of Anthropic's that runs here too, its web search: how it is offered, and what it gives.

Source: Anthropic's API reference, web search tool: fields, blocks and codes of errors.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from greenroom.addresses import address
from greenroom.errors import BadRequest
from greenroom.llm.search.quoting import quotation
from greenroom.model import ChatMessage, ChatRequest, SearchResult

NAME = "web_search"
FUNCTION: dict[str, Any] = {
    "name": NAME,
    "description": "Search the web, for what is new or what you do not know. Gives pages with excerpts.",
    "parameters": {
        "type": "object",
        "properties": {"query": {"type": "string", "description": "What to search for, in a few words"}},
        "required": ["query"],
    },
}
"""How models are offered it."""

_USES, _MOST_USES = 5, 10

Failure = Literal["invalid_tool_input", "query_too_long", "max_uses_exceeded", "unavailable"]
"""Why a search gave nothing, in Anthropic's words."""

Found = tuple[SearchResult, ...] | Failure

_Place = tuple[str, str]
"""A host, and the path below which pages are meant."""


@dataclass(frozen=True, slots=True)
class SearchTool:
    """How often the model may search for one answer, and where pages may be: anywhere, where nothing is `allowed`."""

    max_uses: int
    allowed: tuple[_Place, ...] = ()
    blocked: tuple[_Place, ...] = ()

    def among(self, results: Sequence[SearchResult], most: int) -> tuple[SearchResult, ...]:
        """The first of the results that may be shown."""
        return tuple(result for result in results if self._shows(result.url))[:most]

    def _shows(self, url: str) -> bool:
        if self.allowed:
            return any(_is_at(url, place) for place in self.allowed)
        return not any(_is_at(url, place) for place in self.blocked)


def search_tool(max_uses: int | None, allowed: Sequence[str] | None, blocked: Sequence[str] | None) -> SearchTool:
    """The tool as a request describes it. Raises: BadRequest."""
    if max_uses is not None and max_uses < 1:
        raise BadRequest(f"max_uses of {NAME} must be at least 1")
    if allowed and blocked:
        raise BadRequest(f"{NAME} takes allowed_domains or blocked_domains, not both")
    uses = min(max_uses or _USES, _MOST_USES)
    return SearchTool(uses, tuple(map(_place, allowed or ())), tuple(map(_place, blocked or ())))


def search_id(request: ChatRequest, number: int, arguments: dict[str, Any]) -> str:
    """The id of a search, the `number`-th in the reply to a request. The same conversation that comes to the same
    search gets the same one, so that the cache knows what was said to what was found.
    """
    said = [message.model_dump() for message in request.messages]
    told = json.dumps([said, number, arguments])
    return f"srvtoolu_{hashlib.sha256(told.encode()).hexdigest()[:24]}"


def search_block(id: str, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 - the API's name
    """What tells of a search that begins."""
    return {"type": "server_tool_use", "id": id, "name": NAME, "input": arguments}


def result_block(id: str, found: Found) -> dict[str, Any]:  # noqa: A002
    """What tells how it ended. Nobody here encrypts: the excerpt stands as it is where Anthropic has a cipher."""
    content: Any = (
        {"type": "web_search_tool_result_error", "error_code": found}
        if isinstance(found, str)
        else [_page(result) for result in found]
    )
    return {"type": "web_search_tool_result", "tool_use_id": id, "content": content}


def result_message(id: str, found: Found, max_chars: int) -> ChatMessage:  # noqa: A002
    """What the model is told: pages as a quotation of `max_chars` at most, or why there are none."""
    if isinstance(found, str):
        content = f"The search gave no results: {found}. Answer without it."
    else:
        content = quotation(found, max_chars) if found else "The search found nothing."
    return ChatMessage(role="tool", content=content, tool_name=NAME, tool_call_id=id)


def failure(code: str | None) -> Failure:
    """The failure that somebody else tells of; `unavailable` where it is none that we know."""
    return next((known for known in get_args(Failure) if known == code), "unavailable")


def _page(result: SearchResult) -> dict[str, Any]:
    return {
        "type": "web_search_result",
        "url": result.url,
        "title": result.title,
        "encrypted_content": result.snippet,
        "page_age": None,
    }


def _place(domain: str) -> _Place:
    url = None if "://" in domain or "*" in domain else address(f"https://{domain}")
    if url is None:
        raise BadRequest(f"invalid domain {domain[:100]!r} for {NAME}: expected one such as 'example.com'")
    return _host(url), urlsplit(url).path.rstrip("/")


def _is_at(url: str, place: _Place) -> bool:
    """Whether a page is at a host or one below it, and below the path."""
    host, path = place
    return f".{_host(url)}".endswith(f".{host}") and f"{urlsplit(url).path}/".startswith(f"{path}/")


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").rstrip(".")
