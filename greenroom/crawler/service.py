"""The way into the crawler: sites are read into the library, and so are texts that somebody has."""

import asyncio
from dataclasses import replace
from typing import Self

import structlog

from greenroom.background import TaskQueue
from greenroom.clock import Clock
from greenroom.config import CrawlerSettings
from greenroom.crawler.crawls import TASK, CrawlBook, Job
from greenroom.crawler.discovery import discovered
from greenroom.crawler.folder_keeper import FolderKeeper
from greenroom.crawler.frontier import Frontier
from greenroom.crawler.mediawiki import WikiSource
from greenroom.crawler.places import place
from greenroom.crawler.round import Round
from greenroom.crawler.site import SiteSource
from greenroom.crawler.source import Source
from greenroom.crawler.visitor import Visitor
from greenroom.errors import FetchRefused, GreenroomError, InvalidInput
from greenroom.following import for_ever
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
    Task,
)
from greenroom.ports import Library
from greenroom.storage.database import Database

_AT_ONCE = 2
_ATTEMPTS = 6
_BASE_S = 5.0
_MAX_S = 300.0

log = structlog.get_logger(__name__)


class CrawlerService:
    """Fills the library, which belongs to the retriever. While it is entered, it starts the crawls that are due."""

    def __init__(
        self, library: Library, database: Database, work: TaskQueue, settings: CrawlerSettings, clock: Clock
    ) -> None:
        self._library, self._database, self._settings, self._clock = library, database, settings, clock
        self._book = CrawlBook(database, work, settings, clock)
        self._visitor = Visitor(settings, clock)
        self._folders = FolderKeeper(library, settings, clock)
        self._keeper: asyncio.Task[None] | None = None
        self._looking = asyncio.Lock()
        work.handle(TASK, self.drive, at_once=_AT_ONCE, attempts=_ATTEMPTS, base_s=_BASE_S, max_s=_MAX_S)

    async def __aenter__(self) -> Self:
        """Open the way out, and begin to look for crawls that are due, and to read folders."""
        await self._visitor.__aenter__()
        await self._folders.__aenter__()
        self._keeper = asyncio.create_task(
            for_ever(self._start_due, self._clock, "crawls"), name="the crawler looks for crawls that are due"
        )
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Stop. Crawls that are under way go on at the next start."""
        assert self._keeper is not None
        async with self._looking:  # a cancellation in the middle of a statement would leave its connection behind
            self._keeper.cancel()
        await asyncio.wait([self._keeper])
        await self._folders.__aexit__(*exc_info)
        await self._visitor.__aexit__(*exc_info)

    async def crawl(self, order: CrawlOrder, /) -> Crawl:
        """Begin to read a site into a collection, or read it anew."""
        url = place(order.url, "")
        if url is None:
            raise InvalidInput(f"url: {order.url!r} is no address of a page; it begins with http:// or https://")
        return await self._book.one(await self._book.order(order, url))

    async def status(self, which: CrawlRef, /) -> Crawl:
        """Tell how far a crawl is."""
        return await self._book.one(which.id)

    async def crawls(self, nothing: Nothing, /) -> Crawls:
        """List all crawls."""
        return Crawls(crawls=await self._book.all())

    async def pages(self, request: CrawlPagesRequest, /) -> CrawlPages:
        """List the pages of a crawl."""
        return await self._book.pages(request)

    async def stop(self, which: CrawlRef, /) -> Crawl:
        """Stop a crawl."""
        await self._book.stop(which.id)
        return await self._book.one(which.id)

    async def start(self, which: CrawlRef, /) -> Crawl:
        """Let a crawl go on, or begin anew."""
        await self._book.start(which.id)
        return await self._book.one(which.id)

    async def forget(self, which: CrawlRef, /) -> Nothing:
        """Forget a crawl."""
        await self._book.forget(which.id)
        return Nothing()

    async def index_content(self, order: Documents, /) -> Indexed:
        """Put documents that somebody has into the library."""
        return await self._library.put(order)

    async def collection_stats(self, nothing: Nothing, /) -> Collections:
        """List the collections in figures."""
        return await self._library.stats(nothing)

    async def ping(self) -> None:
        """Raise what is wrong with its database; its health names the retriever beside it."""
        await self._database.ping()

    # Doing ------------------------------------------------------------------------------------------------------

    async def drive(self, task: Task) -> None:
        """Do a crawl to its end. Raises: what went wrong, as long as it is worth another attempt."""
        job = await self._book.begin(str(task.payload["crawl"]), int(str(task.payload["start"])))
        if job is None:
            return
        try:
            why = await self._read(job)
        except Exception as exc:
            detail = exc.detail if isinstance(exc, GreenroomError) else f"{type(exc).__name__}; the log says more"
            if task.attempt < _ATTEMPTS and not isinstance(exc, FetchRefused):
                await self._book.note(job, detail=f"{detail}; tries again")
                raise
            log.warning("crawl_failed", crawl=job.id, detail=detail, exc_info=not isinstance(exc, GreenroomError))
            await self._book.end(job, "failed", detail)
            return
        if why is not None:
            await self._book.end(job, "done", why)
            log.info("crawl_done", crawl=job.id, round=job.round, detail=why)

    async def _read(self, job: Job) -> str | None:
        if not job.base:
            found = await discovered(job.url, job.kind, self._visitor)
            await self._book.note(job, kind=found.kind, base=found.base, detail="")
            job = replace(job, kind=found.kind, base=found.base)
        frontier = Frontier(self._database, self._clock, job.id, job.round, job.max_pages)
        await frontier.open()
        source: Source
        if job.kind == "mediawiki":
            source = WikiSource(job, frontier, self._visitor, self._book, self._clock)
        else:
            source = SiteSource(job, frontier, self._visitor, self._clock)
        working = Round(job, source, frontier, self._book, self._library, self._visitor, self._settings)
        return await working.go()

    async def _start_due(self) -> None:
        await self._clock.sleep(self._settings.check_every_s)
        async with self._looking:
            await self._book.start_due()
