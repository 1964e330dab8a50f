"""Putting what the web says into a request: as a quotation before the last thing said, and nothing else changed."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from greenroom.config import SearchSettings
from greenroom.errors import SearchFailed
from greenroom.llm.search.formulation import query_of
from greenroom.llm.search.quoting import quotation
from greenroom.model import ChatMessage, ChatRequest, GenerateRequest, SearchRequest, SearchResult
from greenroom.ports import WebSearch

R = TypeVar("R", ChatRequest, GenerateRequest)


@dataclass(frozen=True, slots=True)
class Enriched(Generic[R]):
    """A request, the sources that were put into it, and why there are none where there are none."""

    request: R
    sources: tuple[SearchResult, ...] = ()
    why_not: str = ""


async def enriched(request: R, search: WebSearch, settings: SearchSettings) -> Enriched[R]:
    """Search for what the request asks, and quote it there. A search that fails leaves the request as it is."""
    query = query_of(request)
    if not query:
        return Enriched(request, why_not="nothing in this request can be searched for")
    try:
        answer = await search.search(SearchRequest(query=query, max_results=settings.results))
    except SearchFailed as exc:
        return Enriched(request, why_not=exc.detail)
    if not answer.results:
        return Enriched(request, why_not="nothing was found on the web")
    return Enriched(quoting(request, answer.results, settings.prompt_chars), answer.results)


def quoting(request: R, results: tuple[SearchResult, ...], max_chars: int) -> R:
    """The request with the results before its last message, or before its prompt; all else as it was.

    They are a message of the user's side and not of the system's, since strangers must not speak with its authority.
    """
    text = quotation(results, max_chars)
    if isinstance(request, GenerateRequest):
        return request.model_copy(update={"prompt": f"{text}\n\n{request.prompt}"})
    *earlier, last = request.messages
    messages = (*earlier, ChatMessage(role="user", content=text), last)
    return request.model_copy(update={"messages": messages})
