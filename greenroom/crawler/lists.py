"""Lists of pages: sitemaps, and the feeds of RSS and Atom."""

import html
import re
import zlib
from io import BytesIO

from greenroom.crawler.places import place

_LOCATION = re.compile(r"<(?:\w+:)?loc>(?:\s*<!\[CDATA\[)?([^<\]]+)(?:\]\]>\s*)?</(?:\w+:)?loc>")
_SITEMAP = re.compile(rb"<(?:\w+:)?(urlset|sitemapindex)[\s>]")
_FEED = re.compile(rb"<(?:\w+:)?(?:rss|feed|RDF)[\s>]")
_GZIP = 31
_GZIP_MAGIC = b"\x1f\x8b"
_HEAD = 2000
_MOST_ENTRIES = 1000
_LONGEST = 2000


def unpacked(body: bytes, limit: int) -> bytes:
    """A list that is packed as a file (`sitemap.xml.gz`), at most `limit` bytes of it; others as they are."""
    if not body.startswith(_GZIP_MAGIC):
        return body
    try:
        return zlib.decompressobj(wbits=_GZIP).decompress(body, limit)
    except zlib.error:
        return b""


def is_sitemap(body: bytes) -> bool:
    """Whether this is a sitemap, or a list of them."""
    return _SITEMAP.search(body[:_HEAD]) is not None


def is_feed(body: bytes) -> bool:
    """Whether this is RSS or Atom."""
    return _FEED.search(body[:_HEAD]) is not None


def sitemap(body: bytes, url: str) -> tuple[bool, list[str]]:
    """What a sitemap names, and whether those are sitemaps again. Source: sitemaps.org, protocol 0.9.

    Read with one pattern and no parser of XML, for which strangers could write entities that grow without end.
    """
    head = _SITEMAP.search(body[:_HEAD])
    named = (one.strip() for one in _LOCATION.findall(body.decode("utf-8", "replace")))
    found = (place(url, html.unescape(one)) for one in named if 0 < len(one) <= _LONGEST)
    return bool(head and head[1] == b"sitemapindex"), [one for one in found if one]


def feed(body: bytes, url: str) -> list[str]:
    """The pages that a feed has news of. Blocking."""
    import feedparser  # here, for few crawls read feeds

    stream = BytesIO(body)  # of bytes, feedparser would first try whether they name a file of this machine
    entries = feedparser.parse(stream, sanitize_html=False, resolve_relative_uris=False).entries[:_MOST_ENTRIES]
    found = (place(url, entry.get("link", "")) for entry in entries)
    return [one for one in found if one]
