"""A wiki that has MediaWiki's API, as Wikipedia and Fandom's do: its pages come as they were written, many at once.

Source: mediawiki.org, "API:Etiquette", "API:Allpages", "API:Categorymembers", "API:Revisions", "API:Redirects",
"Manual:Maxlag parameter".
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import msgspec

from greenroom.clock import Clock
from greenroom.crawler.crawls import CrawlBook, Job
from greenroom.crawler.frontier import Frontier, Listed, Page
from greenroom.crawler.places import site
from greenroom.crawler.reading import MOST_CHARS, tidied
from greenroom.crawler.source import Found
from greenroom.crawler.visitor import Visitor, Wish
from greenroom.crawler.wikitext import text_of
from greenroom.errors import FetchFailed
from greenroom.lane import step
from greenroom.model import Document
from greenroom.text import words

_ALWAYS = {"format": "json", "formatversion": "2", "action": "query", "maxlag": "5"}
_LISTED_AT_ONCE = 50
_PAGES_AT_ONCE = 10
_MOST_PARTS = 20
"""Answers in parts that are put together: a page with thousands of redirects has more aliases than are of use."""
_FEWEST_WORDS = 5
_ALIASES = 50
_CATEGORIES = 50
_RETRY_S = 5.0
"""What a wiki that lags behind wants, where it names no time."""


class WikiSource:
    """All articles of a wiki, or those of one category."""

    pages_at_once = _PAGES_AT_ONCE

    def __init__(self, job: Job, frontier: Frontier, visitor: Visitor, book: CrawlBook, clock: Clock) -> None:
        self._job, self._frontier, self._visitor, self._book, self._clock = job, frontier, visitor, book, clock
        self._site = site(job.base)
        self._licence: str | None = None

    async def begin(self) -> None:
        """List the pages with their revisions; only those with another one than we have are asked for."""
        cursor = msgspec.json.decode(self._job.cursor) if self._job.cursor else {}
        while await self._frontier.known_in_round() < self._job.max_pages:
            answer = await self._ask({**self._listing, **cursor})
            await self._frontier.note_listed([_listed(page) for page in answer.get("query", {}).get("pages", [])])
            cursor = answer.get("continue", {})
            if not cursor:
                await self._frontier.ask_for_unlisted()
                return
            if not await self._book.note(self._job, cursor=msgspec.json.encode(cursor).decode()):
                return  # it was stopped meanwhile

    async def visit(self, pages: Sequence[Page]) -> Mapping[str, Found]:
        """Ask for the texts of pages."""
        titles = dict.fromkeys(page.title for page in pages)
        wanted = {"titles": "|".join(titles), "prop": "revisions|categories|redirects|info", "inprop": "url"}
        options = {"rvprop": "content|ids", "rvslots": "main", "cllimit": "max", "clshow": "!hidden", "rdlimit": "max"}
        answers, sent_bytes = await self._parts({**wanted, **options})
        found = {str(page.get("title", "")): page for page in _put_together(answers)}
        renamed = {one["from"]: one["to"] for answer in answers for one in answer["query"].get("normalized", [])}
        share, fates = sent_bytes // len(pages), {}
        for page in pages:
            fates[page.url] = await self._found(page.url, found.get(renamed.get(page.title, page.title)), share)
        return fates

    async def _found(self, url: str, page: Mapping[str, Any] | None, sent_bytes: int) -> Found:
        revisions = page.get("revisions", []) if page else []
        if page is None or page.get("missing") or not revisions:
            return Found("gone", "not in the wiki any more", sent_bytes=sent_bytes)
        revision = revisions[0]
        written = str(revision.get("slots", {}).get("main", {}).get("content", ""))
        async with step():
            text = tidied(await asyncio.to_thread(text_of, written))
        etag = str(revision.get("revid", ""))
        if len(words(text)) < _FEWEST_WORDS:
            return Found("skipped", "has next to no text", etag=etag, sent_bytes=sent_bytes)
        return Found("indexed", document=await self._document(url, page, text), etag=etag, sent_bytes=sent_bytes)

    async def _document(self, url: str, page: Mapping[str, Any], text: str) -> Document:
        categories = [str(one["title"]).partition(":")[2] for one in page.get("categories", [])]
        aliases = [str(one["title"])[:200] for one in page.get("redirects", [])]
        return Document(
            id=url,
            title=str(page["title"])[:300],
            text=text[:MOST_CHARS],
            metadata={"site": self._site, "categories": list(categories[:_CATEGORIES])},
            source=self._site,
            url=url,
            licence=await self._rights(),
            aliases=tuple(aliases[:_ALIASES]),
            known_to=self._job.known_to,
            fetched_at=self._clock.now(),
        )

    async def _rights(self) -> str:
        if self._licence is None:
            answer = await self._ask({"meta": "siteinfo", "siprop": "rightsinfo"})
            rights = answer.get("query", {}).get("rightsinfo", {})
            self._licence = str(rights.get("text") or rights.get("url") or "")[:300]
        return self._licence

    @property
    def _listing(self) -> dict[str, str]:
        shared = {"prop": "info", "inprop": "url"}
        category = category_of(self._job.url)
        if category:
            members = {"gcmtitle": category, "gcmnamespace": "0", "gcmtype": "page"}
            return shared | {"generator": "categorymembers", **members, "gcmlimit": str(_LISTED_AT_ONCE)}
        pages = {"gapnamespace": "0", "gapfilterredir": "nonredirects", "gaplimit": str(_LISTED_AT_ONCE)}
        return shared | {"generator": "allpages", **pages}

    async def _parts(self, query: Mapping[str, str]) -> tuple[list[dict[str, Any]], int]:
        """The answer to a query, which may come in several parts; and how many bytes they were."""
        answers: list[dict[str, Any]] = []
        following: dict[str, str] = {}
        size_bytes = 0
        while len(answers) < _MOST_PARTS:
            answer, sent = await self._asked({**query, **following})
            answers.append(answer)
            size_bytes += sent
            following = answer.get("continue", {})
            if not following:
                break
        return [answer for answer in answers if "query" in answer], size_bytes

    async def _ask(self, query: Mapping[str, str]) -> dict[str, Any]:
        return (await self._asked(query))[0]

    async def _asked(self, query: Mapping[str, str]) -> tuple[dict[str, Any], int]:
        url = f"{self._job.base}?{urlencode({**_ALWAYS, **query})}"
        answer = await self._visitor.visit(Wish(url, kinds=("application/json",), redirects=1))
        pause_s = _RETRY_S if answer.retry_after_s is None else answer.retry_after_s
        if answer.status != 200:
            raise FetchFailed(f"the wiki's API answered {answer.status}", retry_after_s=pause_s)
        try:
            read = msgspec.json.decode(answer.body, type=dict[str, Any])
        except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
            raise FetchFailed("the wiki's API did not answer in JSON") from exc
        if "error" in read:
            code = str(read["error"].get("code", ""))[:100] if isinstance(read["error"], dict) else ""
            raise FetchFailed(f"the wiki's API refused this: {code}", retry_after_s=pause_s)
        return read, answer.sent_bytes


def _listed(page: Mapping[str, Any]) -> Listed:
    return Listed(str(page.get("fullurl", "")), str(page.get("title", "")), str(page.get("lastrevid", "")))


def title_of(url: str) -> str:
    """The title of the page at an address of a wiki."""
    parts = urlsplit(url)
    named = dict(parse_qsl(parts.query)).get("title")
    return (named or unquote(parts.path).partition("/wiki/")[2] or unquote(parts.path).rpartition("/")[2]).replace(
        "_", " "
    )


def category_of(url: str) -> str:
    """The category whose page an address is, with its namespace; empty for other pages."""
    title = title_of(url)
    return title if title.casefold().startswith("category:") and len(title) > len("category:") else ""


def _put_together(answers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The pages of an answer that came in parts: lists are put one behind the other."""
    pages: dict[str, dict[str, Any]] = {}
    for answer in answers:
        for part in answer["query"].get("pages", []):
            page = pages.setdefault(str(part.get("title", "")), {})
            for name, value in part.items():
                page[name] = [*page.get(name, []), *value] if isinstance(value, list) else value
    return list(pages.values())
