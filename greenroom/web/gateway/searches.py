"""How searching the web goes."""

from greenroom.model import Nothing, SearchState
from greenroom.ports import WebSearch
from greenroom.web.card import Card
from greenroom.web.figures import facts, state
from greenroom.web.look import text

_PROVIDERS = {"ddgs": "Public engines, through ddgs", "searxng": "SearXNG", "brave": "Brave"}


def searches_card(web_search: WebSearch) -> None:
    """Who is asked about the web, and whether that goes well."""
    Card("Web search", "card-search", lambda: web_search.state(Nothing()), _draw)


def _draw(search: SearchState) -> None:
    if search.provider == "none":
        text("Nobody is asked about the web.", "g-strong")
        text("To change that, set llm.search.provider to ddgs, searxng or brave.", "g-dim")
        return
    words = "not set up" if not search.ready else "in trouble" if search.detail else "ready"
    state(_PROVIDERS[search.provider], not search.detail, words, search.detail)
    asked = search.searches - search.cached
    facts(
        {
            "Searches": f"{search.searches:,}",
            "Remembered": f"{search.cached:,}",
            "Failed": f"{search.failures:,}",
            "Took": f"{search.seconds / asked:.1f} s on average" if asked else "",
        }
    )
