"""The web's help for requests of outsiders: quoted in the request, where the owner has switched search on."""

from typing import TypeVar

from greenroom.config import SearchSettings
from greenroom.llm.search.enrichment import enriched
from greenroom.model import ChatRequest, Decision, GenerateRequest
from greenroom.ports import WebSearch

R = TypeVar("R", ChatRequest, GenerateRequest)


class LookUp:
    """Looks up what a request asks. It takes no longer than the search's own limit, and never fails a request."""

    def __init__(self, search: WebSearch, settings: SearchSettings) -> None:
        self._search = search
        self._settings = settings

    @property
    def is_on(self) -> bool:
        """Whether anybody would be asked."""
        return self._settings.provider != "none"

    async def into(self, request: R, decision: Decision) -> tuple[R, Decision]:
        """The request with what was found, and the decision with its sources, or with why there are none."""
        found = await enriched(request, self._search, self._settings)
        if found.sources:
            sources = tuple(source.url for source in found.sources)
            return found.request, decision.model_copy(update={"sources": sources})
        alone = decision.route.removeprefix("search + ")
        degraded = (*decision.degraded, f"no web search: {found.why_not}")
        return request, decision.model_copy(update={"route": alone, "degraded": degraded})


def may_look_up(request: ChatRequest | GenerateRequest) -> bool:
    """Whether a request may be looked up: not those of the house itself, whose words nobody sent out to be searched."""
    return request.role is None and request.character is None
