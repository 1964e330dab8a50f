"""The pages that a crawl knows: what is still to be asked for, and what became of the rest. All of it is in the
database, so that a crawl that was broken off goes on where it was."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Update, cast, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.clock import Clock
from greenroom.crawler.places import shape
from greenroom.crawler.prints import Print, print_of
from greenroom.crawler.tables import crawl_pages as table
from greenroom.crawler.tables import crawls
from greenroom.model import PageState
from greenroom.storage.database import Database
from greenroom.storage.upsert import add_new

MOST_TRIES = 3
_ROOM = 10
"""How many times as many pages may be known as may be read: beyond that, links are not written down any more."""
_DETAIL_CHARS = 300


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is to be asked for, with what is known of it from the round before."""

    url: str
    depth: int
    attempts: int
    shape: str
    was: PageState
    kept: bool
    etag: str
    last_modified: str
    detail: str
    title: str
    print: str
    same_as: str


class Listed(NamedTuple):
    """A page that a list names, with the revision that it has now."""

    url: str
    title: str
    revision: str


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a page. `values` are other columns of its row; `links` are written down one step deeper.

    `tally` is what is added to the figures of the crawl.
    """

    page: Page
    state: PageState
    detail: str
    values: Mapping[str, Any]
    links: Sequence[str]
    tally: Mapping[str, int]


class Frontier:
    """The pages of one crawl. One process at a time works on it."""

    def __init__(self, database: Database, clock: Clock, crawl: str, round_: int, max_pages: int) -> None:
        self._database, self._clock, self._crawl, self._round = database, clock, crawl, round_
        self._room = max_pages * _ROOM
        self._next = 1

    async def open(self) -> None:
        """Find out where new pages go on."""
        query = select(func.coalesce(func.max(table.c.number), 0), func.count()).where(self._mine)
        async with self._database.read() as connection:
            highest, known = (await connection.execute(query)).one()
        self._next = highest + 1
        self._room -= known

    async def add(self, urls: Iterable[str], depth: int) -> None:
        """Write down pages that are not known yet."""
        async with self._database.write() as connection:
            await self._add(connection, urls, depth)

    async def note_listed(self, pages: Sequence[Listed]) -> None:
        """Note pages that a list names, and let those wait that are new or have another revision than we have."""
        named = {page.url: page for page in pages if page.url}
        known = select(table.c.url, table.c.etag, table.c.kept).where(self._mine, table.c.url.in_(list(named)))
        async with self._database.write() as connection:
            rows = (await connection.execute(known)).all()
            same = [row.url for row in rows if row.kept and row.etag == named[row.url].revision]
            other = [row.url for row in rows if row.url not in same]
            await connection.execute(self._of(same).where(table.c.round < self._round).values(round=self._round))
            for url in other:  # its title too: it may have been read in another way before
                anew = self._of([url]).where(table.c.round < self._round)
                await connection.execute(anew.values(title=named[url].title, **self._anew))
            await self._add(connection, named, 0, {url: page.title for url, page in named.items()})
            await self._count(connection, {"unchanged": len(same)})

    async def known_in_round(self) -> int:
        """How many pages this round has named so far."""
        query = select(func.count()).where(self._mine, table.c.round == self._round)
        async with self._database.read() as connection:
            return await connection.scalar(query) or 0

    async def ask_for_unlisted(self) -> None:
        """Let those wait that are in the library and that no list of this round names."""
        gone = update(table).where(self._mine, table.c.kept, table.c.round < self._round)
        async with self._database.write() as connection:
            await connection.execute(gone.values(**self._anew))

    async def take(self, count: int) -> list[Page]:
        """The next pages to ask for. It is noted that they are tried, in case the process does not outlive them."""
        order = (table.c.attempts, table.c.depth, table.c.number)
        waiting = select(table).where(self._mine, table.c.state == "waiting").order_by(*order).limit(count)
        async with self._database.write() as connection:
            rows = (await connection.execute(waiting)).all()
            await connection.execute(self._of([row.url for row in rows]).values(attempts=table.c.attempts + 1))
        return [_page(row) for row in rows]

    async def settle(self, fates: Sequence[Fate]) -> None:
        """Write down what became of pages, what they link to, and the figures, all at once."""
        async with self._database.write() as connection:
            for fate in fates:
                row = {"state": fate.state, "detail": fate.detail[:_DETAIL_CHARS], "visited_at": self._clock.now()}
                await connection.execute(self._of([fate.page.url]).values(**row | dict(fate.values)))
                await self._add(connection, fate.links, fate.page.depth + 1)
                await self._count(connection, fate.tally)

    async def put_back(self, page: Page, detail: str) -> None:
        """Let a page that did not come wait for another try."""
        async with self._database.write() as connection:
            await connection.execute(self._of([page.url]).values(detail=detail[:_DETAIL_CHARS]))

    async def forgive(self) -> None:
        """Let all tries be forgotten: they failed for no fault of the pages."""
        tried = update(table).where(self._mine, table.c.state == "waiting")
        async with self._database.write() as connection:
            await connection.execute(tried.values(attempts=0))

    async def skip(self, which: ColumnElement[bool], detail: str) -> int:
        """Leave those that wait and are meant alone; how many they are."""
        skipped = update(table).where(self._mine, table.c.state == "waiting", which)
        async with self._database.write() as connection:
            return (await connection.execute(skipped.values(state="skipped", detail=detail))).rowcount

    async def release(self, url: str) -> None:
        """Have those asked for anew that said what a page said which now says something else."""
        same = update(table).where(self._mine, table.c.same_as == url, table.c.url != url)
        anew = {"state": "waiting", "attempts": 0, "etag": "", "last_modified": "", "print": "", "same_as": ""}
        async with self._database.write() as connection:
            await connection.execute(same.values(**anew))

    async def ask_anew(self, *which: ColumnElement[bool]) -> None:
        """Let pages of an earlier round wait to be asked for again: those that are meant, or all."""
        earlier = update(table).where(self._mine, table.c.state != "waiting", table.c.round < self._round, *which)
        async with self._database.write() as connection:
            await connection.execute(earlier.values(**self._anew))

    async def prints(self) -> list[tuple[str, Print]]:
        """The prints of the pages whose documents are in the library."""
        query = select(table.c.url, table.c.print, table.c.sketch).where(self._mine, table.c.kept)
        async with self._database.read() as connection:
            return [(row.url, print_of(row.print, row.sketch)) for row in await connection.execute(query)]

    async def shapes(self) -> dict[str, tuple[int, int]]:
        """How many pages of each shape came, and how many of them are in the library."""
        settled = (table.c.state != "waiting") & table.c.status.in_((200, 304))
        kept = func.sum(cast(table.c.kept, Integer))
        query = select(table.c.shape, func.count(), kept).where(self._mine, settled).group_by(table.c.shape)
        async with self._database.read() as connection:
            return {name: (count, found or 0) for name, count, found in await connection.execute(query)}

    @property
    def _mine(self) -> ColumnElement[bool]:
        return table.c.crawl == self._crawl

    @property
    def _anew(self) -> dict[str, Any]:
        return {"state": "waiting", "was": table.c.state, "attempts": 0, "round": self._round}

    def _of(self, urls: Sequence[str]) -> Update:
        return update(table).where(self._mine, table.c.url.in_(urls))

    async def _count(self, connection: AsyncConnection, tally: Mapping[str, int]) -> None:
        sums = {name: crawls.c[name] + count for name, count in tally.items() if count}
        if sums:
            await connection.execute(update(crawls).where(crawls.c.id == self._crawl).values(**sums))

    async def _add(
        self, connection: AsyncConnection, urls: Iterable[str], depth: int, titles: Mapping[str, str] | None = None
    ) -> None:
        fresh = list(dict.fromkeys(urls))
        known = select(table.c.url).where(self._mine, table.c.url.in_(fresh))
        here = set(await connection.scalars(known)) if fresh else set()
        fresh = [url for url in fresh if url not in here][: max(0, self._room)]
        rows = [self._row(url, depth, self._next + place) for place, url in enumerate(fresh)]
        await add_new(connection, table, [row | {"title": (titles or {}).get(row["url"], "")} for row in rows])
        self._next += len(fresh)
        self._room -= len(fresh)

    def _row(self, url: str, depth: int, number: int) -> dict[str, Any]:
        nothing = dict.fromkeys(("detail", "title", "etag", "last_modified", "print", "sketch", "same_as"), "")
        counts = {"round": self._round, "attempts": 0, "size_bytes": 0, "depth": depth, "number": number}
        known = {"crawl": self._crawl, "url": url, "shape": shape(url), "state": "waiting", "was": "waiting"}
        return nothing | counts | known | {"kept": False}


def _page(row: Any) -> Page:
    return Page(**{name: getattr(row, name) for name in Page.__dataclass_fields__})
