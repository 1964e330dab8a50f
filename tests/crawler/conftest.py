"""A crawler of one's own, with a library behind it, and no pauses."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from greenroom.clock import SYSTEM_CLOCK, Clock
from greenroom.config import CrawlerSettings, KnowledgeSettings
from greenroom.crawler.service import CrawlerService
from greenroom.model import (
    Crawl,
    CrawlOrder,
    CrawlPage,
    CrawlPagesRequest,
    CrawlRef,
    DocumentPageRequest,
    Passage,
    SemanticSearch,
)
from greenroom.retriever.library import LibraryService
from greenroom.retriever.service import RetrieverService
from greenroom.retriever.vectors import FaissIndex
from greenroom.storage.database import Database
from greenroom.testing import FixedCast, ScriptedModel, TasksAtOnce
from tests.retriever.conftest import EMBEDDER, service_over

__all__ = ["Crawling", "OpenCrawler", "over"]


@dataclass
class Crawling:
    """A crawler with all that it stands on. Its tasks are done when a test says so."""

    crawler: CrawlerService
    library: LibraryService
    retriever: RetrieverService
    work: TasksAtOnce

    async def read(self, url: str, **wish: Any) -> Crawl:
        """Order a crawl, and see it through."""
        crawl = await self.crawler.crawl(CrawlOrder(url=url, collection="rock", **wish))
        return await self.done(crawl)

    async def done(self, crawl: Crawl) -> Crawl:
        """Do what waits."""
        await self.work.run()
        assert not self.work.failed
        return await self.crawler.status(CrawlRef(id=crawl.id))

    async def pages(self, crawl: Crawl) -> dict[str, CrawlPage]:
        """What became of each page, by the path of its address."""
        listed = await self.crawler.pages(CrawlPagesRequest(id=crawl.id, limit=1000))
        return {"/" + page.url.split("/", 3)[3]: page for page in listed.pages}

    async def titles(self) -> list[str]:
        """The titles of what is in the library."""
        request = DocumentPageRequest(collection="rock", limit=1000)
        return [entry.title for entry in (await self.library.documents(request)).documents]

    async def find(self, query: str) -> Passage | None:
        """The best passage."""
        found = await self.retriever.semantic_search(SemanticSearch(query=query, collections=("rock",)))
        return found.results[0] if found.results else None


OpenCrawler = Callable[..., AbstractAsyncContextManager[Crawling]]


@asynccontextmanager
async def over(database: Database, clock: Clock = SYSTEM_CLOCK, **settings: Any) -> AsyncIterator[Crawling]:
    """A crawler over a database, that may read this machine."""
    wished = CrawlerSettings(**{"allowed_hosts": ("127.0.0.1",), "pause_s": 0.0, "page_s": 60.0, **settings})
    work, model = TasksAtOnce(), ScriptedModel(card=EMBEDDER)
    knowing = KnowledgeSettings(check_every_s=60.0, vector_s=60.0)
    async with (
        LibraryService(database, FaissIndex(), model, knowing, SYSTEM_CLOCK) as library,
        CrawlerService(library, database, work, wished, clock) as crawler,
    ):
        yield Crawling(crawler, library, service_over(database, library, FixedCast()), work)


@pytest.fixture
def crawling(tmp_path: Path) -> OpenCrawler:
    """`async with crawling(page_bytes=…) as here`: a crawler over an empty SQLite file."""

    @asynccontextmanager
    async def opened(**settings: Any) -> AsyncIterator[Crawling]:
        async with Database(f"sqlite:///{tmp_path / 'greenroom.db'}") as database, over(database, **settings) as here:
            yield here

    return opened
