"""A make-believe wiki over real HTTP: pages made from numbers, and all that a crawler must be careful with."""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Self
from urllib.parse import quote, unquote
from zlib import crc32

from aiohttp import web

from greenroom.testing.fake_wiki.api import answer_api
from greenroom.testing.fake_wiki.pages import KEEPER, WikiPage, make_pages
from greenroom.testing.fake_wiki.traps import TRAPS, sprung

__all__ = ["KEEPER", "TRAPS", "FakeWiki", "WikiPage"]

_LICENCE = '<a rel="license" href="https://creativecommons.org/licenses/by-sa/4.0/">CC BY-SA 4.0</a>'


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its address, when it came, and whether it asked only for what has changed."""

    path: str
    at_s: float
    conditional: bool
    agent: str


class FakeWiki:
    """The wiki. Enter it, and it answers at `url`.

    `traps` are some of `TRAPS`, which the first page then links to. `extra` are pages of any HTML by their paths,
    linked from the first one; `raw` are lists in XML. With `api` it is a MediaWiki; `dated`, it tells versions apart by
    their date instead of an ETag. `asked` has all requests; `bodies`
    counts those that got a page. `when_asked` is what is done before an address is answered; `robots_status` and
    `page_status` are the statuses of robots.txt and of the pages. The API fails where it is asked for one of `spoilt`,
    which are titles.
    """

    def __init__(
        self,
        pages: int = 150,
        *,
        traps: Collection[str] = (),
        api: bool = False,
        dated: bool = False,
        crawl_delay_s: float = 0.0,
        sitemap: bool = False,
        extra: Mapping[str, str] | None = None,
        elsewhere: str = "http://169.254.169.254/latest/meta-data",
        port: int = 0,
    ) -> None:
        self.pages = {page.name: page for page in make_pages(pages)}
        self.traps, self.api, self.crawl_delay_s, self.sitemap = traps, api, crawl_delay_s, sitemap
        self.dated = dated
        self.extra = dict(extra or {})
        self.raw: dict[str, str] = {}
        self.elsewhere = elsewhere
        self.redirects = {"The_Rock": "Pelican Rock"}
        self.asked: list[Asked] = []
        self.bodies: Counter[str] = Counter()
        self.most_at_once = 0
        self.api_lag = 0
        self.spoilt: frozenset[str] = frozenset()
        self.robots_status = self.page_status = 200
        self.broken = False
        self.when_asked: dict[str, Callable[[], Awaitable[object]]] = {}
        self._port = port
        self._under_way = 0
        self._runner: web.AppRunner | None = None

    # What a test does -------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where it answers, once it was entered."""
        return f"http://127.0.0.1:{self._port}"

    def at(self, title: str) -> str:
        """The address of a page."""
        return f"{self.url}/wiki/{quote(title.replace(' ', '_'))}"

    def numbered(self, number: int) -> WikiPage:
        """The page with a number."""
        return next(page for page in self.pages.values() if page.number == number)

    def change(self, number: int, sentence: str) -> None:
        """Add a sentence to a page."""
        page = self.numbered(number)
        page.sentences.append(sentence)
        page.version += 1

    def remove(self, number: int) -> None:
        """Take a page away."""
        del self.pages[self.numbered(number).name]

    async def break_down(self) -> None:
        """Answer everything with 503 from now on, until `broken` is false again."""
        self.broken = True

    def forget_requests(self) -> None:
        """Begin to count anew."""
        self.asked.clear()
        self.bodies.clear()

    async def __aenter__(self) -> Self:
        """Start."""
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Stop."""
        assert self._runner is not None
        await self._runner.cleanup()

    # Answering --------------------------------------------------------------------------------------------------

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        conditional = not {"If-None-Match", "If-Modified-Since"}.isdisjoint(request.headers)
        agent = request.headers.get("User-Agent", "")
        self.asked.append(Asked(request.path_qs, time.monotonic(), conditional, agent))
        self._under_way += 1
        self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            if act := self.when_asked.get(self.url + request.rel_url.raw_path_qs):
                await act()
            return web.Response(status=503, headers={"Retry-After": "0"}) if self.broken else await self._found(request)
        finally:
            self._under_way -= 1

    async def _found(self, request: web.Request) -> web.StreamResponse:
        path = unquote(request.path)
        if path == "/":
            raise web.HTTPMovedPermanently(self.at("Pelican Rock"))
        if path == "/robots.txt":
            return web.Response(text=self._robots(), status=self.robots_status)
        if path == "/sitemap.xml" and self.sitemap:
            return web.Response(text=self._sitemap(), content_type="application/xml")
        if path == "/api.php" and self.api:
            return answer_api(self, request)
        if path in self.raw:
            return web.Response(text=self.raw[path], content_type="application/xml")
        if path in self.extra:
            return self._page_of(request, "Extra", self.extra[path], "1")
        if path.startswith("/wiki/"):
            return self._wiki_page(request, path.removeprefix("/wiki/"))
        return await self._trap(request, path) if self.traps else web.Response(status=404)

    async def _trap(self, request: web.Request, path: str) -> web.StreamResponse:
        if path == "/elsewhere":
            raise web.HTTPFound(self.elsewhere)
        times = sum(one.path == request.path_qs for one in self.asked)
        trap = await sprung(request, path, times)
        return trap if isinstance(trap, web.StreamResponse) else self._page_of(request, *trap)

    def _robots(self) -> str:
        delay = f"Crawl-delay: {self.crawl_delay_s}\n" if self.crawl_delay_s else ""
        sitemap = f"Sitemap: {self.url}/sitemap.xml\n" if self.sitemap else ""
        return f"User-agent: *\nDisallow: /private/\n{delay}\n{sitemap}"

    def _sitemap(self) -> str:
        entries = "".join(f"<url><loc>{self.at(page.title)}</loc></url>" for page in self.pages.values())
        return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'

    def _wiki_page(self, request: web.Request, name: str) -> web.StreamResponse:
        if name in self.redirects:
            raise web.HTTPFound(self.at(self.redirects[name]))
        if self.page_status != 200:
            return web.Response(status=self.page_status)
        page = self.pages.get(name)
        if page is None:
            return web.Response(status=404, text="<h1>No such page</h1>", content_type="text/html")
        text = f"<p>{' '.join(page.sentences[:3])}</p><h2>More</h2><p>{' '.join(page.sentences[3:])}</p>"
        by_number = {one.number: one for one in self.pages.values()}
        links = [by_number[number].title for number in page.links if number in by_number]
        seen_also = "".join(f'<li><a href="{self.at(title)}">{title}</a></li>' for title in links)
        body = f"{text}<nav><ul>{seen_also}{self._more(page)}</ul></nav>"
        return self._page_of(request, page.title, body, str(page.version))

    def _more(self, page: WikiPage) -> str:
        if page.number:
            return ""
        paths = [*self.extra, *self.traps]
        return "".join(f'<li><a href="{path}">more</a></li>' for path in paths)

    def _page_of(self, request: web.Request, title: str, body: str, version: str) -> web.StreamResponse:
        named, asks = self._version(title, version)
        if request.headers.get(asks) == next(iter(named.values())):
            return web.Response(status=304, headers=named)
        self.bodies[request.path_qs] += 1
        generator = '<meta name="generator" content="MediaWiki 1.43.0">' if self.api else ""
        page = (
            f"<!doctype html><html lang=en><head><title>{title} - Pelican Wiki</title>{generator}"
            f'<link rel="EditURI" type="application/rsd+xml" href="{self.url}/api.php?action=rsd"></head><body>'
            f'<header><a href="/">Pelican Wiki</a> the wiki that nobody asked for</header>'
            f"<main><article><h1>{title}</h1>{body}</article></main>"
            f"<footer>Text under {_LICENCE}. Cookies are baked daily.</footer></body></html>"
        )
        return web.Response(text=page, content_type="text/html", headers=named)

    def _version(self, title: str, version: str) -> tuple[dict[str, str], str]:
        """The header that tells a page's version, and the one that a client asks about it with."""
        if self.dated:
            return {"Last-Modified": formatdate(crc32(f"{title} {version}".encode()), usegmt=True)}, "If-Modified-Since"
        return {"ETag": f'"{title.encode().hex()}-{version}"'}, "If-None-Match"
