"""What is asked of the web, and what it answers."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from greenroom.model.value import Value

SearchProvider = Literal["ddgs", "searxng", "brave"]
"""Who can be asked: public engines through the library ddgs, a SearXNG of one's own, or Brave with a key."""

SearchQuery = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class SearchRequest(Value):
    """What to look for. Without a `provider` the one of the settings is asked."""

    query: SearchQuery
    max_results: int = Field(5, ge=1, le=20)
    provider: SearchProvider | None = None


class SearchResult(Value):
    """A page that was found: plain text on one line each, from strangers.

    `url` is http or https. `score` is 0–1, higher is better; `source` names the engines that found the page.
    """

    title: str
    url: str
    snippet: str
    score: float
    source: str


class SearchAnswer(Value):
    """What was found, best first. `query` is what was sent; `took_ms` what it took this time, `cached` or not."""

    query: str
    provider: SearchProvider
    results: tuple[SearchResult, ...]
    took_ms: float
    cached: bool


class SearchState(Value):
    """How web search is: who is asked, whether that goes well, and what was counted since the start.

    `provider` is "none" where search is off. It is `ready` when there is somebody to ask; `detail` says what is
    missing, or what went wrong last, and what to do. `failures` are searches that gave an error, `cached` those that
    were answered from memory, `seconds` what all others took together.
    """

    provider: Literal["none", "ddgs", "searxng", "brave"]
    ready: bool
    detail: str = ""
    searches: int = 0
    failures: int = 0
    cached: int = 0
    seconds: float = 0.0
