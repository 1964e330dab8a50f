"""What a crawler must be careful with: pages without end, copies, loops, and servers that fail."""

import asyncio
import zlib

from aiohttp import web

COPIES = 5
TRAPS = (
    "/calendar/2026/1",
    "/list?sort=name&page=1",
    "/again/",
    "/loop/a",
    "/elsewhere",
    "/huge",
    "/bomb",
    "/broken",
    "/flaky",
    "/slow",
    "/private/diary",
    "/hidden",
    "/empty",
    "/picture.png",
    "/wiki/Pelican_Rock?action=edit",
    "/rules",
    *(f"/{kind}/{number}" for kind in ("copy", "print") for number in range(COPIES)),
)
"""Where they begin."""

_RULES = " ".join(
    f"Rule {number}: nobody may {deed} before dawn."
    for number, deed in enumerate(
        """
        sing dance row whistle bake knit fish argue sneeze paint plough trade skip climb boast borrow juggle gamble
        hammer saw sweep polish shout yawn
        """.split()  # noqa: SIM905 - a list of one word a line would hide the rest of the file
    )
)

Text = tuple[str, str, str]
"""A page: title, HTML, and what changes when it does."""


async def sprung(request: web.Request, path: str, times: int) -> web.StreamResponse | Text:
    """What is at a path, which was asked for so many times: a page, or an answer that is worse."""
    first, _, rest = path.strip("/").partition("/")
    if first == "loop":
        raise web.HTTPMovedPermanently(f"/loop/{'b' if rest == 'a' else 'a'}")
    if first == "slow":
        await asyncio.Event().wait()
    if first == "broken" or (first == "flaky" and times < 3):
        return web.Response(status=503, headers={"Retry-After": "0"})
    if first == "empty":
        return web.Response(text="<html><body></body></html>", content_type="text/html")
    if first in {"huge", "bomb"}:
        return await _without_end(request, packed=first == "bomb")
    if first == "calendar":
        return _calendar(rest)
    if first == "list":
        return _list(int(request.query["page"]))
    return _text(first, rest)


def _calendar(rest: str) -> Text:
    year, _, month = rest.partition("/")
    months = [int(year) * 12 + int(month) - 1 + ahead for ahead in range(1, 10)]
    links = "".join(f'<a href="/calendar/{one // 12}/{one % 12 + 1}">later</a>' for one in months)
    return "Calendar", f"<p>Nothing happens in this month, as in every other one.</p>{links}", rest


def _list(page: int) -> Text:
    links = "".join(f'<a href="/list?sort={sort}&page={page + 1}">{sort}</a>' for sort in ("name", "age", "pet"))
    return "List", f"<p>All who live on the rock, in some order or another.</p>{links}", str(page)


def _text(first: str, rest: str) -> Text:
    rules = "Village rules"
    texts = {
        "again": ("Again", '<p>This page leads on to itself, again and again.</p><a href="again/">on</a>'),
        "hidden": ("Hidden", '<meta name="robots" content="noindex"><p>Not to be kept by anybody at all.</p>'),
        "flaky": ("Ferry", "<p>The ferry to Pelican Rock leaves when the ferryman has found his boots.</p>"),
        "rules": (rules, f"<p>{_RULES}</p>"),
        "copy": (rules, f"<p>{_RULES}</p>"),
        "print": (rules, f"<p>{_RULES}</p><p>Printed on day {rest} of May.</p>"),
    }
    if first not in texts:
        raise web.HTTPNotFound
    return *texts[first], f"{first} {rest}"


async def _without_end(request: web.Request, *, packed: bool) -> web.StreamResponse:
    """Send a page for ever, or what unpacks into one."""
    response = web.StreamResponse(headers={"Content-Type": "text/html"})
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    await response.prepare(request)
    packer, piece = zlib.compressobj(wbits=31), b"<p>There is more and more and more of this.</p>" * 2000
    if packed:
        await response.write(packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH))
        piece = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)  # may be repeated: it refers to nothing before
    while True:
        await response.write(piece)
        await asyncio.sleep(0)
