"""Where links lead: which addresses belong to a crawl, and which look like a trap before they are asked for."""

import re
from collections import Counter
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from greenroom.addresses import address, tracks

LONGEST = 500
"""Of an address that is asked for: it is the id of a document, which can be no longer."""
_DEEPEST = 16
_MOST_PARAMETERS = 6
_REPEATED = 3
_SESSIONS = frozenset({"jsessionid", "phpsessid", "sessionid", "session_id", "sid"})
_DOING = frozenset({"action", "diff", "oldid", "printable", "redirect", "replytocom", "returnto", "veaction"})
"""Parameters that do something to a page, or show another version of it: those of wikis and of blogs' comments."""
_NO_PAGE = frozenset(
    """
    7z apk avi avif bmp bz2 css csv deb dmg doc docx eot epub exe flac flv gif gz ico iso jpeg jpg js json m4a m4v mid
    mkv mov mp3 mp4 mpeg mpg odp ods odt ogg ogv otf pdf png ppt pptx rar rpm svg swf tar tgz tif tiff ttf wav webm
    webp wma wmv woff woff2 xls xlsx xz zip zst
    """.split()  # noqa: SIM905 - a list of one word a line would hide the rest of the file
)
TOO_LONG = f"the address is longer than {LONGEST} characters"
_DIGITS = re.compile(r"\d+")


def place(base: str, link: str) -> str | None:
    """The address that a link on the page `base` leads to, as each page has only one; None for what is no page."""
    try:
        found = address(urljoin(base, link.strip()))
    except ValueError:
        return None
    if found is None:
        return None
    parts = urlsplit(found)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _is_noise(name)]
    kept = urlencode(query) if len(query) < len(parse_qsl(parts.query, keep_blank_values=True)) else parts.query
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", kept, ""))


def site(url: str) -> str:
    """What the pages of one site have in common: the host and port, `www.` aside."""
    return urlsplit(url).netloc.removeprefix("www.")


def is_page(url: str) -> bool:
    """Whether an address may be that of a page, as far as its ending shows."""
    name = urlsplit(url).path.rpartition("/")[2]
    return name.rpartition(".")[2].casefold() not in _NO_PAGE if "." in name else True


def trap(url: str) -> str:
    """Why an address looks like one of endlessly many; empty when it does not."""
    parts = urlsplit(url)
    steps = [step for step in parts.path.split("/") if step]
    names = [name.casefold() for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    if len(url) > LONGEST:
        return TOO_LONG
    if len(steps) > _DEEPEST:
        return f"the address has more than {_DEEPEST} steps"
    if steps and max(Counter(steps).values()) >= _REPEATED:
        return "the address repeats itself"
    if len(names) > _MOST_PARAMETERS:
        return f"the address has more than {_MOST_PARAMETERS} parameters"
    if not _DOING.isdisjoint(names):
        return "the address does something to a page, or shows an older version of it"
    return ""


def shape(url: str) -> str:
    """What is the same in all addresses that differ in numbers, or in the values of parameters, alone.

    `/calendar/2026/11/21?view=day` has the shape `/calendar/#/#/#?view`.
    """
    parts = urlsplit(url)
    names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
    return _DIGITS.sub("#", parts.path) + ("?" + "&".join(names) if names else "")


def _is_noise(name: str) -> bool:
    return tracks(name) or name.casefold() in _SESSIONS
