"""A page as it is read: its own text without what stands around it, and where it leads. Blocking: run it in a thread.

Links come from the same tree as the text. selectolax would find them in a thirtieth of the time, but takes 8 seconds
for 50,000 elements one inside the other, where lxml takes 0.03 (measured 2026-11-21): strangers write these pages.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from greenroom.crawler.places import is_page, place
from greenroom.text import plain

_MOST_LINKS = 2000
MOST_CHARS = 300_000
"""Of a page: a request with it stays below `wire.max_body_bytes`, whatever the script."""
_TITLE_CHARS = 300
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([\w-]{1,40})""", re.IGNORECASE)
_CHARSETS = re.compile(
    r"utf-?(?:8|16|16le|16be)|iso-8859-(?:[1-9]|1[013-6])|latin-?1|(?:us-)?ascii|(?:windows-|cp)125[0-8]|koi8-[ru]"
    r"|big5|gbk|gb2312|gb18030|euc-(?:jp|kr)|shift[_-]jis",
    re.IGNORECASE,
)
"""Those of pages. Python knows others, which a stranger shall not choose from."""
_EMPHASIS = re.compile(r"(\*\*|__|~~|`)(?=\S)(.{1,100}?)(?<=\S)\1")
_DASHES = re.compile(r"\s+[-|–—·:]\s+")
_REFUSING = frozenset({"none", "noindex"})
_HIDING = frozenset({"none", "nofollow"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What is on a page. `is_wanted` says whether its author lets it be kept; its links are those to be followed."""

    title: str
    text: str
    links: tuple[str, ...] = ()
    licence: str = ""
    generator: str = ""
    api: str = ""
    is_wanted: bool = True


def read_html(body: bytes, url: str, headers: Mapping[str, str]) -> Reading:
    """Read a page."""
    from trafilatura import extract, load_html  # takes most of a second to import

    tree = load_html(decoded(body, headers))
    if tree is None:
        return Reading("", "")
    rules = {rule for name in ("robots", "greenroom") for rule in _rules(_meta(tree, name))}
    rules |= _rules(headers.get("X-Robots-Tag", ""))
    base = (tree.xpath("string(//base/@href)") or "").strip()
    found = {
        "title": _title(tree),
        "links": () if rules & _HIDING else tuple(_links(tree, place(url, base) or url if base else url)),
        "licence": _licence(tree),
        "generator": _meta(tree, "generator"),
        "api": tree.xpath("string(//link[@rel='EditURI']/@href)").partition("?")[0],
    }
    text = extract(tree, output_format="markdown", fast=True, include_comments=False, deduplicate=False) or ""
    return Reading(text=tidied(text), is_wanted=not rules & _REFUSING, **found)


def read_plain(body: bytes, url: str, headers: Mapping[str, str]) -> Reading:
    """Read a text without tags; its title is its first heading, or the last part of its address."""
    text = decoded(body, headers)
    heading = re.search(r"^#\s+(.+)$", text, re.MULTILINE)
    return Reading(tidied(heading[1] if heading else name_of(url))[:_TITLE_CHARS], tidied(text))


def name_of(url: str) -> str:
    """What an address calls its page."""
    return unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2].replace("_", " ") or url


def decoded(body: bytes, headers: Mapping[str, str]) -> str:
    """The text of a body, by what its server says, then by what it says itself, then as UTF-8."""
    named = re.search(r"charset\s*=\s*[\"']?([\w-]{1,40})", headers.get("Content-Type", ""), re.IGNORECASE)
    inside = _CHARSET.search(body[:2048])
    charset = named[1] if named else inside[1].decode("ascii") if inside else "utf-8"
    return body.decode(charset if _CHARSETS.fullmatch(charset) else "utf-8", "replace").replace("\0", "")


def tidied(text: str) -> str:
    """Text for the library: compatibility forms folded, nothing invisible, no marks of emphasis."""
    return _EMPHASIS.sub(r"\2", plain(text).replace("\0", "")).strip()


def _links(tree: Any, base: str) -> Iterator[str]:
    seen: set[str] = set()
    for element in tree.iter("a", "area"):
        target, kind = element.get("href"), (element.get("rel") or "").casefold().split()
        if not target or "nofollow" in kind or len(seen) >= _MOST_LINKS:
            continue
        found = place(base, target)
        if found and found not in seen and is_page(found):
            seen.add(found)
            yield found


def _title(tree: Any) -> str:
    """The only heading of the first order, or what the page calls itself without the name of its site."""
    headings = [" ".join("".join(one.itertext()).split()) for one in tree.iter("h1")]
    own = [heading for heading in headings if heading]
    named = " ".join((tree.xpath("string(//title)") or "").split())
    return plain(own[0] if len(own) == 1 else _DASHES.split(named)[0]).replace("\0", "")[:_TITLE_CHARS]


def _meta(tree: Any, name: str) -> str:
    return str(tree.xpath("string(//meta[translate(@name, 'ROBTSGENACD', 'robtsgenacd')=$name]/@content)", name=name))


def _rules(text: str) -> set[str]:
    return {rule.strip().casefold() for rule in text.rpartition(":")[2].split(",")}


def _licence(tree: Any) -> str:
    for element in tree.xpath("//*[(self::a or self::link) and contains(concat(' ', @rel, ' '), ' license ')]"):
        words = " ".join("".join(element.itertext()).split()) or (element.get("href") or "")
        if words:
            return plain(words).replace("\0", "")[:300]
    return ""
