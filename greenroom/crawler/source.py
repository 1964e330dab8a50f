"""What a crawl reads from: a contract that a web site, a feed and a wiki keep each in their own way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from greenroom.crawler.frontier import Page
from greenroom.model import Document, PageState


@dataclass(frozen=True, slots=True)
class Found:
    """What came of asking for a page.

    `indexed` with a `document` is what it says now. `as_before` is what the server says of one that we know. `again`
    says that another try is worth it, and `retry_after_s` when, if the server said so. `etag` and `last_modified` are
    the server's, for the next round.
    """

    state: PageState
    detail: str = ""
    document: Document | None = None
    links: Sequence[str] = ()
    status: int | None = None
    etag: str = ""
    last_modified: str = ""
    sent_bytes: int = 0
    as_before: bool = False
    again: bool = False
    retry_after_s: float | None = None


class Source(Protocol):
    """Where pages come from."""

    pages_at_once: int
    """How many pages are asked for together."""

    async def begin(self) -> None:
        """Write down where to begin, and the pages that a list names; once in a round. Raises: FetchFailed."""
        ...

    async def visit(self, pages: Sequence[Page]) -> Mapping[str, Found]:
        """Ask for pages; what came of each, by its address. Raises: FetchFailed, when that is true of all of them."""
        ...
