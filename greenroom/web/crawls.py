"""What is read for the library, and how far it is. Orders are given on the command line, or to the crawler itself."""

from greenroom.model import Crawl, PageState
from greenroom.web.look import box, moment, text

_SHOWN = 20


def crawl_list(crawls: tuple[Crawl, ...]) -> None:
    """Draw crawls, those that were ordered last."""
    text(f"Crawls ({len(crawls)})", tag="h3")
    if not crawls:
        text("Nothing is read for the library. To begin: greenroom crawl, and an address or a folder.", "g-dim")
    for crawl in crawls[:_SHOWN]:
        with box("g-passage", testid="crawl"):
            with box("g-attempt-head"):
                text(crawl.collection, "g-strong", "span")
                text(crawl.state, "g-status", "span")
                moment(crawl.ended_at or crawl.begun_at)
            text(crawl.url, "g-quote")
            text(_figures(crawl), "g-dim")
            if crawl.detail:
                text(crawl.detail, "g-problem" if crawl.state == "failed" else "g-dim")


def _figures(crawl: Crawl) -> str:
    names: dict[PageState, str] = {"indexed": "in the library", "waiting": "still to be read"}
    states = [*names, *(state for state in crawl.pages if state not in names)]
    counts = [f"{crawl.pages[state]} {names.get(state, state)}" for state in states if crawl.pages.get(state)]
    return ", ".join(counts) or "no page yet"
