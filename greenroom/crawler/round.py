"""One round of a crawl: page after page is asked for, read, and put into the library, until none is left or it is
enough. What a page came to is written down before the next is asked for, so that all may end at any moment."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog

from greenroom.config import CrawlerSettings
from greenroom.crawler.crawls import CrawlBook, Job
from greenroom.crawler.frontier import MOST_TRIES, Fate, Frontier, Page
from greenroom.crawler.places import LONGEST, TOO_LONG
from greenroom.crawler.prints import Print, Prints
from greenroom.crawler.source import Found, Source
from greenroom.crawler.tables import crawl_pages
from greenroom.crawler.visitor import Visitor, Wish
from greenroom.errors import BadRequest, FetchFailed, FetchRefused, Unavailable
from greenroom.lane import step
from greenroom.model import Document, DocumentRefs, Documents
from greenroom.ports import Library

_SHAPE_TRIED = 20
_SHAPE_YIELD = 0.1
"""A shape of addresses of which the first twenty pages gave less than a tenth of new text is taken for a trap."""
_FAILURES_IN_A_ROW = 3
_PAUSES_OF_A_REST = 5

log = structlog.get_logger(__name__)


class Round:
    """One round. `go` is called again after a break, and goes on."""

    def __init__(
        self,
        job: Job,
        source: Source,
        frontier: Frontier,
        book: CrawlBook,
        library: Library,
        visitor: Visitor,
        settings: CrawlerSettings,
    ) -> None:
        self._job, self._source, self._frontier, self._book = job, source, frontier, book
        self._library, self._visitor, self._settings = library, visitor, settings
        self._prints = Prints(())
        self._shapes: dict[str, tuple[int, int]] = {}
        self._failures = 0

    async def go(self) -> str | None:
        """Work until the end; why it ended, empty when all was read, None when it was stopped from outside.

        Raises: FetchFailed and Unavailable, when it is better to go on later; what the library raises.
        """
        self._prints = Prints(await self._frontier.prints())
        self._shapes = await self._frontier.shapes()
        if not self._job.listed:
            await self._source.begin()
            await self._book.note(self._job, listed=True)
        while True:
            standing = await self._book.standing(self._job)
            if standing is None:
                return None
            asked, size_bytes = standing
            if asked >= self._job.max_pages:
                return f"{self._job.max_pages} pages were asked for, as many as it may be"
            if size_bytes >= self._settings.max_bytes:
                return f"{self._settings.max_bytes} bytes have come, as many as may (crawler.max_bytes)"
            pages = await self._frontier.take(min(self._source.pages_at_once, self._job.max_pages - asked))
            if not pages:
                return ""
            await self._work(pages)

    async def _work(self, pages: Sequence[Page]) -> None:
        outlived = [page for page in pages if page.attempts < MOST_TRIES]
        found = {page: Found("failed", page.detail or "the program ended each time") for page in pages}
        if outlived:
            found |= await self._visited(outlived)
        settled = {page: one for page, one in found.items() if not (one.again and await self._waits(page, one))}
        if any(not one.again for one in settled.values()):
            self._failures = 0
        async with step():
            fates = await self._shelved(settled)
            await self._frontier.settle(fates)
        for fate in fates:
            page, values = fate.page, fate.values
            if page.kept and (not values["kept"] or values.get("print", page.print) != page.print):
                await self._frontier.release(page.url)
            if values["status"] in {200, 304}:
                await self._look_for_a_trap(page, kept=values["kept"])

    async def _visited(self, pages: Sequence[Page]) -> Mapping[Page, Found]:
        """What came of each page. Also redirects and lists of wikis lead to addresses that are too long."""
        too_long = {page: Found("skipped", TOO_LONG) for page in pages if len(page.url) > LONGEST}
        rest = [page for page in pages if page not in too_long]
        return too_long | await self._asked(rest) if rest else too_long

    async def _asked(self, pages: Sequence[Page]) -> dict[Page, Found]:
        """The same. Where they cannot be had together, each is asked for by itself: at once, where another try would
        not help (they are too large together), and else the last time.
        """
        try:
            found = await self._source.visit(pages)
        except FetchFailed as exc:
            is_refused, retry_s = isinstance(exc, FetchRefused), exc.extra.get("retry_after_s")
            if not is_refused:
                self._rest(pages[0], retry_s)
            if len(pages) > 1 and (is_refused or any(page.attempts + 1 >= MOST_TRIES for page in pages)):
                return {page: one for alone in pages for page, one in (await self._asked([alone])).items()}
            if is_refused:
                return {page: Found("skipped", exc.detail) for page in pages}
            return {page: Found("failed", exc.detail, again=True, retry_after_s=retry_s) for page in pages}
        return {page: found[page.url] for page in pages}

    async def _waits(self, page: Page, found: Found) -> bool:
        """Whether a page that did not come is to be tried again, after a rest.

        Raises: Unavailable, when it is not the page's fault: the first one does not come any more either.
        """
        self._rest(page, found.retry_after_s)
        self._failures += 1
        if self._failures >= _FAILURES_IN_A_ROW:
            self._failures = 0
            await self._see_that_it_is_there(found.detail)
        if page.attempts + 1 >= MOST_TRIES:
            return False
        await self._frontier.put_back(page, found.detail)
        return True

    def _rest(self, page: Page, retry_after_s: float | None) -> None:
        """Leave a page's host in peace for as long as it says, or for some pauses."""
        rest_s = self._settings.pause_s * _PAUSES_OF_A_REST if retry_after_s is None else retry_after_s
        self._visitor.rest(page.url, rest_s)

    async def _see_that_it_is_there(self, detail: str) -> None:
        try:
            answer = await self._visitor.visit(Wish(self._job.base))
            if answer.status < 500 and answer.status != 429:
                return
        except FetchRefused:
            return
        except FetchFailed as exc:
            detail = exc.detail
        await self._frontier.forgive()
        raise Unavailable(f"the site is away: {detail}")

    # The library ------------------------------------------------------------------------------------------------

    async def _shelved(self, found: Mapping[Page, Found]) -> list[Fate]:
        """Bring the library to what pages say, and tell what became of each."""
        fates = {page: self._fate(page, one) for page, one in found.items()}
        fresh = [one.document for page, one in found.items() if one.document and fates[page].state == "indexed"]
        gone = [page.url for page, fate in fates.items() if page.kept and not fate.values["kept"]]
        for url in gone:
            self._prints.remove(url)
        sums = {"removed": await self._removed(gone)} if gone else {}
        if fresh:
            sums |= await self._put(fresh, fates)
        for page in list(fates)[:1]:
            fates[page] = replace(fates[page], tally={**fates[page].tally, **sums})
        return list(fates.values())

    async def _put(self, documents: Sequence[Document], fates: dict[Page, Fate]) -> dict[str, int]:
        """Put documents in, all at once; or one by one, where one is not taken. How many were added, and so on."""
        try:
            return await self._put_all(documents)
        except BadRequest as exc:
            if len(documents) > 1:
                sums = [await self._put([document], fates) for document in documents]
                return {name: sum(one.get(name, 0) for one in sums) for name in ("added", "changed", "unchanged")}
            [page] = [page for page in fates if page.url == documents[0].id]
            self._prints.remove(page.url)
            why = f"the library does not take it: {exc.detail}"
            fates[page] = replace(fates[page], state="skipped", detail=why, values={"kept": page.kept, "status": None})
            return {}

    async def _put_all(self, documents: Sequence[Document]) -> dict[str, int]:
        done = await self._library.put(Documents(collection=self._job.collection, documents=tuple(documents)))
        return {"added": done.added, "changed": done.changed, "unchanged": done.unchanged}

    async def _removed(self, urls: Sequence[str]) -> int:
        refs = DocumentRefs(collection=self._job.collection, ids=tuple(urls))
        return (await self._library.remove(refs)).removed

    def _fate(self, page: Page, found: Found) -> Fate:
        """What becomes of a page, if the library takes what it says."""
        values: dict[str, Any] = {"kept": page.kept, "status": found.status}
        tally = {"asked": 1, "size_bytes": found.sent_bytes}
        if found.document is not None:
            return self._fate_of(found.document, page, found, values, tally)
        if found.as_before:
            tally["unchanged"] = int(page.kept)
        elif found.state != "failed":
            values |= {"kept": False, "print": "", "same_as": ""}
            values |= {"etag": found.etag, "last_modified": found.last_modified}
        return Fate(page, found.state, found.detail, values, found.links, tally)

    def _fate_of(
        self, document: Document, page: Page, found: Found, values: dict[str, Any], tally: dict[str, int]
    ) -> Fate:
        said = Print.of(document.text)
        other = self._prints.same_as(page.url, said)
        if not other:
            self._prints.add(page.url, said)
        values |= {
            "kept": not other,
            "same_as": other,
            "title": document.title,
            "etag": found.etag,
            "last_modified": found.last_modified,
            "print": said.exact,
            "sketch": said.written,
            "size_bytes": found.sent_bytes,
        }
        if other:
            return Fate(page, "duplicate", f"says what {other} says", values, found.links, tally)
        return Fate(page, "indexed", "", values, found.links, tally)

    # Traps ------------------------------------------------------------------------------------------------------

    async def _look_for_a_trap(self, page: Page, *, kept: bool) -> None:
        """Leave those alone whose addresses differ only in numbers from many that said nothing new."""
        tried, gave = self._shapes.get(page.shape, (0, 0))
        tried, gave = tried + 1, gave + kept
        self._shapes[page.shape] = tried, gave
        if tried >= _SHAPE_TRIED and gave < tried * _SHAPE_YIELD:
            detail = f"looks like a trap: {tried} addresses of this shape gave {gave} texts"
            skipped = await self._frontier.skip(crawl_pages.c.shape == page.shape, detail)
            if skipped:
                log.info("crawl_left_trap", crawl=self._job.id, shape=page.shape[:200], pages=skipped)
