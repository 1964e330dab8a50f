"""What is read elsewhere for the library."""

from typing import Protocol

from greenroom.at import at
from greenroom.model import (
    Collections,
    Crawl,
    CrawlOrder,
    CrawlPages,
    CrawlPagesRequest,
    CrawlRef,
    Crawls,
    Documents,
    Indexed,
    Nothing,
)


class Crawler(Protocol):
    """What is read elsewhere for the library."""

    @at("POST /crawl", repeatable=True, status=202)
    async def crawl(self, order: CrawlOrder, /) -> Crawl:
        """Begin to read a site into a collection; one that was ordered before is read anew, and only what changed.

        Returns at once; `status` tells how far it is.
        Raises: InvalidInput, when this is no address of a page; Conflict, when it is under way as another kind.
        """
        ...

    @at("GET /crawl-status/{id}")
    async def status(self, which: CrawlRef, /) -> Crawl:
        """Tell how far a crawl is. Raises: NotFound."""
        ...

    @at("GET /crawls")
    async def crawls(self, nothing: Nothing, /) -> Crawls:
        """List all crawls."""
        ...

    @at("GET /crawls/{id}/pages")
    async def pages(self, request: CrawlPagesRequest, /) -> CrawlPages:
        """List the pages of a crawl, and what became of each. Raises: NotFound."""
        ...

    @at("POST /crawls/{id}/stop", repeatable=True)
    async def stop(self, which: CrawlRef, /) -> Crawl:
        """Stop a crawl after the page that it is at; it is not read anew by itself any more. Raises: NotFound."""
        ...

    @at("POST /crawls/{id}/start", repeatable=True)
    async def start(self, which: CrawlRef, /) -> Crawl:
        """Let a crawl go on that was stopped or has failed; one that is done is read anew. Raises: NotFound."""
        ...

    @at("DELETE /crawls/{id}")
    async def forget(self, which: CrawlRef, /) -> Nothing:
        """Forget a crawl; what it has put into the library stays there. One that is not there is no mistake."""
        ...

    @at("POST /index-content", repeatable=True)
    async def index_content(self, order: Documents, /) -> Indexed:
        """Put documents that somebody has into the library; see `Library.put`."""
        ...

    @at("GET /collections/stats")
    async def collection_stats(self, nothing: Nothing, /) -> Collections:
        """List the collections in figures."""
        ...
