"""What is at an address: a wiki with an API, a list of pages, or pages that link to each other."""

import asyncio
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from greenroom.crawler.lists import is_feed, is_sitemap, unpacked
from greenroom.crawler.places import place
from greenroom.crawler.reading import read_html
from greenroom.crawler.site import LIST_KINDS
from greenroom.crawler.visitor import Answer, Visitor, Wish
from greenroom.errors import FetchFailed, FetchRefused
from greenroom.model import CrawlKind

_REDIRECTS = 5
_HEAD_BYTES = 10_000


class Beginning(NamedTuple):
    """What a crawl reads, and the address where it begins: for a wiki, that of its API."""

    kind: CrawlKind
    base: str


async def discovered(url: str, wanted: CrawlKind | None, visitor: Visitor) -> Beginning:
    """Look at the first page, and follow it to where it leads.

    Raises: FetchRefused, when there is nothing to read; FetchFailed, when it does not come.
    """
    answer = await visitor.visit(Wish(url, kinds=LIST_KINDS, redirects=_REDIRECTS))
    if answer.status == 429 or answer.status >= 500:
        raise FetchFailed(f"{url} answers with status {answer.status}")
    if answer.status != 200:
        raise FetchRefused(f"{url} answers with status {answer.status}")
    if wanted not in {None, "mediawiki"}:
        return Beginning(wanted, answer.url)
    api = await _api(answer, visitor)
    if api:
        return Beginning("mediawiki", api)
    if wanted == "mediawiki":
        raise FetchRefused(f"{url} leads to no MediaWiki API that we may use; leave the kind out to read it as a site")
    head = unpacked(answer.body, _HEAD_BYTES)
    return Beginning("sitemap" if is_sitemap(head) else "feed" if is_feed(head) else "site", answer.url)


async def _api(answer: Answer, visitor: Visitor) -> str:
    """The address of the wiki's API, if there is one and robots.txt lets us use it."""
    if "html" not in answer.kind:
        return answer.url.partition("?")[0] if urlsplit(answer.url).path.endswith("/api.php") else ""
    reading = await asyncio.to_thread(read_html, answer.body, answer.url, answer.headers)
    if not reading.generator.startswith("MediaWiki"):
        return ""
    named = place(answer.url, reading.api or "/api.php")
    return named if named and await _answers(named, visitor) else ""


async def _answers(api: str, visitor: Visitor) -> bool:
    wish = Wish(f"{api}?action=query&meta=siteinfo&format=json&formatversion=2", kinds=("application/json",))
    try:
        answer = await visitor.visit(wish)
        return answer.status == 200 and "query" in msgspec.json.decode(answer.body, type=dict[str, object])
    except (FetchFailed, msgspec.MsgspecError):
        return False
