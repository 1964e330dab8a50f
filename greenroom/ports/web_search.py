"""The web, looked up for a model or a person."""

from typing import Protocol

from greenroom.at import at
from greenroom.model import Nothing, SearchAnswer, SearchRequest, SearchState


class WebSearch(Protocol):
    """What the web says. Nothing leaves this machine unless the owner has switched it on."""

    @at("POST /api/search", repeatable=True)
    async def search(self, request: SearchRequest, /) -> SearchAnswer:
        """Look something up, and rank what was found. Raises: SearchOff; SearchFailed, with what to do about it."""
        ...

    @at("GET /api/search")
    async def state(self, nothing: Nothing, /) -> SearchState:
        """Say who would be asked and how that went so far. Asks nobody."""
        ...
