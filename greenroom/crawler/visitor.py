"""The one way out of the house for the crawler: every page, list and robots.txt is fetched here.

It visits public addresses alone, unless the owner has named the host; asks robots.txt first; keeps a pause between two
requests to a host; says who it is; and reads no more than it was told to, however much is sent.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self
from urllib.parse import urljoin

import aiohttp
import aiohttp.abc
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from greenroom import __version__
from greenroom.addresses import address
from greenroom.clock import Clock
from greenroom.config import CrawlerSettings
from greenroom.crawler.pace import Pace
from greenroom.crawler.public import AllowedHosts, NotPublic, public_socket
from greenroom.crawler.robots import RobotsBook
from greenroom.errors import FetchFailed, FetchRefused

NAME = "greenroom"
"""What robots.txt calls us."""

_FOREIGN = (aiohttp.ClientError, HttpProcessingError, OSError, ValueError, zlib.error)
"""All that aiohttp raises, where a header that is no header is a ValueError; and that what came is not gzip."""
_GZIP = 31
"""zlib's `wbits` for the gzip format."""
_MOVED = frozenset({301, 302, 303, 307, 308})
_LONGEST_DELAY_S = 600.0
"""What is longer is a no in other words: only two crawls go on at a time, and such a one would keep others waiting."""
_REDIRECTS = 5
"""How far a redirect of robots.txt is followed. Source: RFC 9309, section 2.3.1.2."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be fetched. `etag` and `last_modified` are those of what is here already.

    `kinds` are the beginnings of the content types that are of use; of others nothing is read. `redirects` is how many
    are followed; one more is the answer.
    """

    url: str
    etag: str = ""
    last_modified: str = ""
    kinds: tuple[str, ...] = ()
    redirects: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came. `url` is where it came from, `leads_to` where a redirect leads; `sent_bytes` counts what was sent."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    leads_to: str = ""
    sent_bytes: int = 0

    @property
    def kind(self) -> str:
        """The content type, without its parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().casefold()

    @property
    def retry_after_s(self) -> float | None:
        """For how long the server wants to be left in peace, where it says so in seconds. Source: RFC 9110, 10.2.3."""
        named = self.headers.get("Retry-After", "").strip()
        return float(named[:6]) if named.isascii() and named.isdecimal() else None


class Visitor:
    """Fetches pages politely. Enter it before use. `resolver` finds the addresses of hosts; None is the system's."""

    def __init__(
        self, settings: CrawlerSettings, clock: Clock, resolver: aiohttp.abc.AbstractResolver | None = None
    ) -> None:
        self._settings, self._resolver = settings, resolver
        self._allowed = AllowedHosts(settings.allowed_hosts)
        self._pace = Pace(clock)
        self._robots = RobotsBook(self._robots_of, clock)
        self._strict: aiohttp.ClientSession | None = None
        self._free: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Make two pools of connections: one that leads to public addresses alone, one for hosts that are allowed."""
        strict = aiohttp.TCPConnector(socket_factory=public_socket, keepalive_timeout=10, resolver=self._resolver)
        self._strict = self._session(strict)
        self._free = self._session(aiohttp.TCPConnector(keepalive_timeout=10, resolver=self._resolver))
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Close every connection."""
        assert self._strict is not None
        assert self._free is not None
        await self._strict.close()
        await self._free.close()

    async def visit(self, wish: Wish) -> Answer:
        """Fetch what robots.txt lets us, after a pause.

        Raises: FetchRefused, for what will not be had by trying again: not allowed by robots.txt, not public, too
        large, of no use; FetchFailed, with `retry_after_s` where the server named a time.
        """
        for left in range(wish.redirects, -1, -1):
            robots = await self._robots.of(wish.url)
            if not robots.allows(wish.url):
                raise FetchRefused("robots.txt does not allow this")
            if robots.delay_s > _LONGEST_DELAY_S:
                raise FetchRefused(f"robots.txt asks for {robots.delay_s:.0f} s between two requests: too long to wait")
            await self._pace.wait(_host(wish.url), max(self._settings.pause_s, robots.delay_s))
            answer = await self._fetch(wish)
            if not answer.leads_to or not left:
                break
            wish = Wish(answer.leads_to, kinds=wish.kinds)
        return answer

    async def sitemaps(self, url: str) -> tuple[str, ...]:
        """The sitemaps that robots.txt of an address's host names. Raises: FetchFailed."""
        return (await self._robots.of(url)).sitemaps

    def rest(self, url: str, seconds: float) -> None:
        """Leave a host in peace for a while."""
        self._pace.rest(_host(url), seconds)

    def _session(self, connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
        contact = f" (+{self._settings.contact})" if self._settings.contact else ""
        return aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=None),
            headers={"User-Agent": f"{NAME}/{__version__}{contact}", "Accept-Encoding": "gzip"},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )

    async def _robots_of(self, url: str) -> Answer:
        """Fetch a robots.txt, which needs no permission."""
        wish = Wish(url)
        for _ in range(_REDIRECTS):
            answer = await self._fetch(wish)
            if not answer.leads_to:
                return answer
            wish = Wish(answer.leads_to)
        return answer

    async def _fetch(self, wish: Wish) -> Answer:
        if address(wish.url) is None:
            raise FetchRefused("this is no address of a page: http or https, a host, no password")
        try:
            async with asyncio.timeout(self._settings.page_s), self._asked(wish) as response:
                return await self._answer(wish, response)
        except _FOREIGN as exc:
            raise _translated(exc, wish.url) from exc

    @asynccontextmanager
    async def _asked(self, wish: Wish) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer of the server. A connection on which more would come is closed."""
        url = URL(wish.url, encoded=True)
        session = self._free if url in self._allowed else self._strict
        assert session is not None, "the visitor is asked before it was opened"
        response = await session.get(url, headers=_headers(wish), allow_redirects=False)
        try:
            yield response
        finally:
            response.release() if response.content.at_eof() else response.close()

    async def _answer(self, wish: Wish, response: aiohttp.ClientResponse) -> Answer:
        leads_to = ""
        if response.status in _MOVED and "Location" in response.headers:
            leads_to = urljoin(wish.url, response.headers["Location"])
        answer = Answer(wish.url, response.status, response.headers, leads_to=leads_to)
        if response.status != 200:
            return answer
        if wish.kinds and not answer.kind.startswith(wish.kinds):
            raise FetchRefused(f"of no use here: {answer.kind[:100] or 'it does not say what it is'}")
        limit = self._settings.page_bytes
        if (response.content_length or 0) > limit:
            raise FetchRefused(f"larger than {limit} bytes (crawler.page_bytes)")
        body, sent_bytes = await _read(response, limit)
        return Answer(wish.url, 200, response.headers, body, sent_bytes=sent_bytes)


async def _read(response: aiohttp.ClientResponse, limit: int) -> tuple[bytes, int]:
    """The body, unpacked, and how many bytes were sent; of either no more than `limit`."""
    coding = response.headers.get("Content-Encoding", "identity").casefold()
    if coding not in {"identity", "gzip", "x-gzip"}:
        raise FetchRefused(f"packed in a way that was not asked for ({coding[:20]!r})")
    unpack = zlib.decompressobj(wbits=_GZIP) if coding != "identity" else None
    body, sent = bytearray(), 0
    async for piece in response.content.iter_any():
        sent += len(piece)
        body += unpack.decompress(piece, limit + 1 - len(body)) if unpack else piece
        if len(body) > limit or sent > limit:
            raise FetchRefused(f"larger than {limit} bytes (crawler.page_bytes)")
    return bytes(body), sent


def _headers(wish: Wish) -> dict[str, str]:
    headers = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,text/plain;q=0.8,*/*;q=0.1"}
    if wish.etag:
        headers["If-None-Match"] = wish.etag
    if wish.last_modified:
        headers["If-Modified-Since"] = wish.last_modified
    return headers


def _host(url: str) -> str:
    return URL(url).authority


def _translated(exc: Exception, url: str) -> FetchFailed:
    host = _host(url)
    if isinstance(exc, aiohttp.ClientConnectorError) and isinstance(exc.os_error, NotPublic):
        return FetchRefused(f"{host} is not a public address; if it is yours, name it in crawler.allowed_hosts")
    if isinstance(exc, aiohttp.InvalidURL | ValueError):
        return FetchRefused(f"{host} cannot be asked: {type(exc).__name__}")
    if isinstance(exc, aiohttp.ClientConnectorDNSError):
        return FetchFailed(f"the host {host} is not known")
    if isinstance(exc, TimeoutError):
        return FetchFailed(f"{host} took too long (crawler.page_s)")
    if isinstance(exc, aiohttp.ClientConnectorError):
        return FetchFailed(f"{host} does not answer")
    return FetchFailed(f"{host} broke off, or does not speak HTTP as it should")
