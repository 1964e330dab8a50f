"""The way into the crawler: texts that somebody has are put into the library."""

from greenroom.model import Collections, Documents, Indexed, Nothing
from greenroom.ports import Library


class CrawlerService:
    """Fills the library, which belongs to the retriever."""

    def __init__(self, library: Library) -> None:
        self._library = library

    async def index_content(self, order: Documents, /) -> Indexed:
        """Put documents that somebody has into the library."""
        return await self._library.put(order)

    async def collection_stats(self, nothing: Nothing, /) -> Collections:
        """List the collections in figures."""
        return await self._library.stats(nothing)

    async def ping(self) -> None:
        """Is well by itself; its health names the retriever beside it."""
