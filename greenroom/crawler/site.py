"""A web site as a source: its pages are found by their links, in its sitemaps, or in a feed."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from greenroom.clock import Clock
from greenroom.crawler.crawls import Job
from greenroom.crawler.frontier import Frontier, Page
from greenroom.crawler.lists import feed, sitemap, unpacked
from greenroom.crawler.places import place, site, trap
from greenroom.crawler.reading import MOST_CHARS, Reading, read_html, read_plain
from greenroom.crawler.source import Found
from greenroom.crawler.tables import crawl_pages
from greenroom.crawler.visitor import Answer, Visitor, Wish
from greenroom.errors import FetchFailed, FetchRefused
from greenroom.lane import step
from greenroom.model import Document
from greenroom.text import words

LIST_KINDS = ("text/", "application/")
_PAGE_KINDS = ("text/html", "application/xhtml+xml", "text/plain", "text/markdown")
_FEWEST_WORDS = 5
_MOST_SITEMAPS = 50
_SITEMAP_BYTES = 50_000_000
"""Source: sitemaps.org, protocol 0.9, which allows no larger ones."""
_GONE = frozenset({404, 410})


class SiteSource:
    """The pages of one site."""

    pages_at_once = 1

    def __init__(self, job: Job, frontier: Frontier, visitor: Visitor, clock: Clock) -> None:
        self._job, self._frontier, self._visitor, self._clock = job, frontier, visitor, clock
        self._site = site(job.base)

    async def begin(self) -> None:
        """Write down the first page, and what the lists of this site name."""
        if self._job.kind == "feed":  # what it had news of once would be asked for again and again, before the news
            await self._frontier.ask_anew((crawl_pages.c.depth == 0) | (crawl_pages.c.state == "failed"))
        else:
            await self._frontier.ask_anew()
        if self._job.kind != "sitemap":
            await self._frontier.add([self._job.base], 0)
        if self._job.kind == "site":
            await self._read_sitemaps(await self._named_sitemaps())
        elif self._job.kind == "sitemap":
            await self._read_sitemaps([self._job.base])

    async def visit(self, pages: Sequence[Page]) -> Mapping[str, Found]:
        """Ask for a page."""
        [page] = pages
        try:
            answer = await self._visitor.visit(Wish(page.url, page.etag, page.last_modified, self._kinds))
        except FetchRefused as exc:
            return {page.url: Found("skipped", exc.detail)}
        found = await self._found(page, answer)
        return {page.url: found}

    @property
    def _kinds(self) -> tuple[str, ...]:
        return LIST_KINDS if self._job.kind == "feed" else _PAGE_KINDS

    async def _found(self, page: Page, answer: Answer) -> Found:
        status = answer.status
        if answer.leads_to:
            return self._moved(page, answer)
        if status == 304:
            return Found(page.was, page.detail, status=status, as_before=True)
        if status in _GONE:
            return Found("gone", f"status {status}", status=status)
        if status == 429 or status >= 500:
            return Found("failed", f"status {status}", status=status, again=True, retry_after_s=answer.retry_after_s)
        if status != 200:
            # What is there stays: a site that lets nobody in for a while, as some do with all robots, has lost nothing.
            return Found("failed" if page.kept else "skipped", f"status {status}", status=status)
        if self._job.kind == "feed" and page.depth == 0:
            return await self._read_feed(answer)
        return await self._read(page, answer)

    def _moved(self, page: Page, answer: Answer) -> Found:
        target = place(page.url, answer.leads_to)
        inside = [target] if target and target != page.url and self._belongs(target) else []
        where = "another address" if inside else "another site" if target else "no page"
        return Found("moved", f"leads to {where}: {answer.leads_to[:200]}", links=inside, status=answer.status)

    async def _read(self, page: Page, answer: Answer) -> Found:
        read = read_plain if answer.kind in {"text/plain", "text/markdown"} else read_html
        async with step():
            reading = await asyncio.to_thread(read, answer.body, page.url, answer.headers)
        links = self._followed(reading.links) if page.depth < self._depth else ()
        why = _why_not(reading)
        return Found(
            "skipped" if why else "indexed",
            why,
            None if why else self._document(page.url, reading),
            links,
            answer.status,
            answer.headers.get("ETag", "")[:500],
            answer.headers.get("Last-Modified", "")[:100],
            answer.sent_bytes,
        )

    @property
    def _depth(self) -> int:
        return self._job.max_depth if self._job.kind == "site" else 0

    def _document(self, url: str, reading: Reading) -> Document:
        return Document(
            id=url,
            title=reading.title,
            text=reading.text[:MOST_CHARS],
            metadata={"site": self._site},
            source=self._site,
            url=url,
            licence=reading.licence,
            known_to=self._job.known_to,
            fetched_at=self._clock.now(),
        )

    def _followed(self, links: Iterable[str]) -> list[str]:
        return [link for link in links if self._belongs(link) and not trap(link)]

    def _belongs(self, url: str) -> bool:
        return site(url) == self._site

    # Lists ------------------------------------------------------------------------------------------------------

    async def _named_sitemaps(self) -> list[str]:
        named = await self._visitor.sitemaps(self._job.base)
        usual = place(self._job.base, "/sitemap.xml")
        found = [place(self._job.base, one) for one in named] or [usual]
        return [one for one in found if one and self._belongs(one)]

    async def _read_sitemaps(self, first: Sequence[str]) -> None:
        """Read sitemaps, and those that they name; one that does not come is no mistake."""
        waiting, read = list(first), set[str]()
        while waiting and len(read) < _MOST_SITEMAPS:
            url = waiting.pop(0)
            read.add(url)
            is_index, named = await self._sitemap(url)
            inside = [one for one in named if self._belongs(one) and not trap(one)]
            if is_index:
                waiting += [one for one in inside if one not in read]
            else:
                await self._frontier.add(islice(inside, self._job.max_pages), 1)

    async def _sitemap(self, url: str) -> tuple[bool, list[str]]:
        try:
            answer = await self._visitor.visit(Wish(url, kinds=LIST_KINDS, redirects=3))
        except FetchFailed:
            return False, []
        body = unpacked(answer.body, _SITEMAP_BYTES) if answer.status == 200 else b""
        return await asyncio.to_thread(sitemap, body, url)

    async def _read_feed(self, answer: Answer) -> Found:
        entries = await asyncio.to_thread(feed, answer.body, answer.url)
        links = self._followed(entries)
        return Found(
            "skipped",
            f"a feed with {len(entries)} entries, {len(links)} of them on this site",
            links=links,
            status=answer.status,
            etag=answer.headers.get("ETag", "")[:500],
            last_modified=answer.headers.get("Last-Modified", "")[:100],
            sent_bytes=answer.sent_bytes,
        )


def _why_not(reading: Reading) -> str:
    if not reading.is_wanted:
        return "its author does not want it to be kept (noindex)"
    return "" if len(words(reading.text)) >= _FEWEST_WORDS else "has next to no text"
