"""Making results out of what engines send: plain text, addresses that may be shown, each page once."""

import html
import re
import unicodedata
from collections.abc import Iterable

from greenroom.addresses import address, same_page
from greenroom.llm.search.hit import Hit
from greenroom.model import SearchResult
from greenroom.text import plain

_TITLE_CHARS, _SNIPPET_CHARS, _SOURCE_CHARS = 200, 800, 100
_UNSEEN = re.compile(r"<(script|style)\b.*?(</\1\s*>|$)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")


def tidy(hits: Iterable[Hit]) -> list[SearchResult]:
    """Each page once, at its first place, with a score of 0; without a proper address or any text it is left out."""
    kept: dict[str, SearchResult] = {}
    for hit in hits:
        url = address(hit.url)
        title, snippet = clean(hit.title, _TITLE_CHARS), clean(hit.snippet, _SNIPPET_CHARS)
        if url is None or not (title or snippet):
            continue
        source = clean(hit.source, _SOURCE_CHARS)
        result = SearchResult(title=title or url, url=url, snippet=snippet, score=0.0, source=source)
        kept.setdefault(same_page(url), result)
    return list(kept.values())


def clean(text: str, chars: int) -> str:
    """The text on one line, without HTML, control characters or characters that nobody sees; at most so many.

    Compatibility forms are folded (NFKC), so that no sign passes for another one later.
    """
    seen = _TAG.sub(" ", _UNSEEN.sub(" ", text[: chars * 8]))
    letters = plain(html.unescape(seen))
    visible = "".join(" " if c.isspace() else c for c in letters if c.isspace() or unicodedata.category(c)[0] != "C")
    return cut(" ".join(visible.split()), chars)


def cut(text: str, chars: int) -> str:
    """The text, cut at the end of a word where it is longer; with `…` in place of the rest."""
    if len(text) <= chars:
        return text
    head = text[: chars - 1]
    return (head[: head.rfind(" ")] if head.rfind(" ") > chars // 2 else head).rstrip() + "…"
