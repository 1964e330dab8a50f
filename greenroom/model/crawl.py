"""What is read elsewhere for the library: an order, how far it has come, and what became of each page."""

from typing import Annotated, Literal

from pydantic import Field

from greenroom.model.knowledge import CollectionName
from greenroom.model.value import Key, Moment, Name, NonBlank, Storable, Value

CrawlKind = Literal["site", "page", "sitemap", "feed", "mediawiki"]
"""What is at an address: pages that link to each other, one page alone, a list of pages (sitemap, or RSS and Atom), or
a wiki that has MediaWiki's API (Fandom's do)."""

CrawlState = Literal["waiting", "running", "done", "stopped", "failed"]

PageState = Literal["waiting", "indexed", "duplicate", "moved", "skipped", "failed", "gone"]
"""What became of a page. `duplicate` says what another page says; `moved` led elsewhere; `skipped` was left alone, and
its `detail` says why; `failed` did not come; `gone` is not there any more."""


class CrawlOrder(Value):
    """A wish to have a site read into a collection. The same address and collection again is the same crawl.

    `kind` None means to find out. Where `max_pages` or `max_depth` is None, the settings say. With `every_hours` it is
    read anew so often. `known_to` names the characters that may know what is found; empty means all.
    """

    url: Annotated[NonBlank, Storable] = Field(max_length=2000)
    collection: CollectionName
    kind: CrawlKind | None = None
    max_pages: int | None = Field(None, ge=1, le=100_000)
    max_depth: int | None = Field(None, ge=0, le=100)
    every_hours: float | None = Field(None, ge=0.1, le=8784)
    known_to: tuple[Name, ...] = Field((), max_length=200)


class CrawlRef(Value):
    """One crawl."""

    id: Key


class Crawl(Value):
    """A crawl, and how far it is. Each time that it is read anew is a `round`, beginning with 1.

    `pages` counts those that are known by what became of them. The other figures are those of this round: pages
    asked for, bytes that came, documents that were `added`, `changed` or `removed`, pages that said what they had said.
    """

    id: str
    url: str
    collection: str
    kind: CrawlKind | None = None
    state: CrawlState
    detail: str = ""
    round: int
    max_pages: int
    pages: dict[PageState, int] = {}
    asked: int = 0
    size_bytes: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    every_hours: float | None = None
    ordered_at: Moment
    begun_at: Moment | None = None
    ended_at: Moment | None = None
    next_at: Moment | None = None


class Crawls(Value):
    """All crawls, the one that was ordered last first."""

    crawls: tuple[Crawl, ...] = ()


class CrawlPagesRequest(Value):
    """Pages of a crawl after the cursor `after`, at most `limit`; with `state`, those alone."""

    id: Key
    state: PageState | None = None
    after: int = Field(0, ge=0)
    limit: int = Field(100, ge=1, le=1000)


class CrawlPage(Value):
    """What became of a page. `depth` counts the links that led to it, `status` is HTTP's."""

    url: str
    state: PageState
    detail: str = ""
    title: str = ""
    status: int | None = None
    depth: int = 0
    size_bytes: int = 0
    visited_at: Moment | None = None


class CrawlPages(Value):
    """A part of the pages of a crawl, in the order in which they were found. `cursor` goes into the next request."""

    pages: tuple[CrawlPage, ...] = ()
    cursor: int = 0
