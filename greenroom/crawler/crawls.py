"""The crawls in the database: what was ordered, how far each is, and when it is due again."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.background import TaskQueue
from greenroom.clock import Clock
from greenroom.config import CrawlerSettings
from greenroom.crawler.tables import crawl_pages, crawls
from greenroom.errors import Conflict, NotFound
from greenroom.model import (
    Crawl,
    CrawlKind,
    CrawlOrder,
    CrawlPage,
    CrawlPages,
    CrawlPagesRequest,
    CrawlState,
    PageState,
    Task,
)
from greenroom.storage.database import Database
from greenroom.storage.upsert import add_new

TASK = "CRAWL"
"""The kind of the one task that drives a crawl to its end."""

_UNDER_WAY = ("waiting", "running")
_LISTED = 500
_NO_FIGURES = {"asked": 0, "size_bytes": 0, "added": 0, "changed": 0, "unchanged": 0, "removed": 0}


@dataclass(frozen=True, slots=True)
class Job:
    """A crawl as the one who does it sees it. `base` is where it was found out that it begins; empty before that."""

    id: str
    url: str
    collection: str
    kind: CrawlKind | None
    base: str
    start: int
    round: int
    listed: bool
    cursor: str
    max_pages: int
    max_depth: int
    known_to: tuple[str, ...]


class CrawlBook:
    """Reads and writes the crawls. With each start of a crawl goes one task, in the same transaction."""

    def __init__(self, database: Database, work: TaskQueue, settings: CrawlerSettings, clock: Clock) -> None:
        self._database, self._work, self._settings, self._clock = database, work, settings, clock

    # Ordering ---------------------------------------------------------------------------------------------------

    async def order(self, order: CrawlOrder, url: str) -> str:
        """Write an order down, or change the crawl that it means, and start it; its id. Raises: Conflict."""
        id_ = sha256(f"{order.collection}\n{url}".encode()).hexdigest()[:16]
        wish = {
            "max_pages": order.max_pages or self._settings.max_pages,
            "max_depth": self._settings.max_depth if order.max_depth is None else order.max_depth,
            "known_to": list(order.known_to),
            "every_hours": order.every_hours,
        }
        async with self._database.write() as connection:
            await add_new(connection, crawls, [self._new(id_, url, order.collection)])
            await connection.execute(_one(id_).values(**wish))
            if order.kind:
                await self._read_as(connection, id_, order.kind)
            await self._start(connection, id_)
        return id_

    async def start(self, id_: str) -> None:
        """Let a crawl go on, or begin a new round when it is done. One that is under way just goes on."""
        async with self._database.write() as connection:
            await self._start(connection, id_)

    async def start_due(self) -> list[str]:
        """Start those whose time has come."""
        due = select(crawls.c.id).where(crawls.c.next_at <= self._clock.now(), crawls.c.state.not_in(_UNDER_WAY))
        async with self._database.write() as connection:
            found = list(await connection.scalars(due))
            for id_ in found:
                await self._start(connection, id_)
        return found

    async def stop(self, id_: str) -> None:
        """Stop a crawl after the page that it is at, and let it not begin by itself again."""
        async with self._database.write() as connection:
            await connection.execute(_one(id_).values(next_at=None))
            running = _one(id_).where(crawls.c.state.in_(_UNDER_WAY))
            await connection.execute(running.values(state="stopped", detail="", ended_at=self._clock.now()))

    async def forget(self, id_: str) -> None:
        """Forget a crawl and its pages."""
        async with self._database.write() as connection:
            await connection.execute(delete(crawls).where(crawls.c.id == id_))
            await connection.execute(delete(crawl_pages).where(crawl_pages.c.crawl == id_))

    # Doing ------------------------------------------------------------------------------------------------------

    async def begin(self, id_: str, start: int) -> Job | None:
        """Note that a start is being worked on; None when it is not wanted any more."""
        mine = (crawls.c.start == start) & crawls.c.state.in_(_UNDER_WAY)
        async with self._database.write() as connection:
            begun = await connection.execute(_one(id_).where(mine).values(state="running").returning(crawls))
            row = begun.mappings().one_or_none()
        return _job(dict(row)) if row else None

    async def note(self, job: Job, **values: Any) -> bool:
        """Write down something of a crawl that is being done; false when that is not wanted any more."""
        mine = (crawls.c.start == job.start) & (crawls.c.state == "running")
        async with self._database.write() as connection:
            return bool((await connection.execute(_one(job.id).where(mine).values(**values))).rowcount)

    async def end(self, job: Job, state: CrawlState, detail: str) -> None:
        """Write down how it ended, and when it is due again."""
        now = self._clock.now()
        async with self._database.read() as connection:
            hours = await connection.scalar(select(crawls.c.every_hours).where(crawls.c.id == job.id))
        next_at = now + timedelta(hours=hours) if hours else None
        await self.note(job, state=state, detail=detail, ended_at=now, next_at=next_at)

    async def standing(self, job: Job) -> tuple[int, int] | None:
        """Requests and bytes of this round so far; None when the crawl is to stop."""
        query = select(crawls.c.asked, crawls.c.size_bytes).where(
            crawls.c.id == job.id, crawls.c.start == job.start, crawls.c.state == "running"
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return (row.asked, row.size_bytes) if row else None

    # Telling ----------------------------------------------------------------------------------------------------

    async def one(self, id_: str) -> Crawl:
        """Return a crawl. Raises: NotFound."""
        found = await self._read(crawls.c.id == id_)
        if not found:
            raise NotFound(f"unknown crawl {id_!r}; GET /crawls lists those that there are")
        return found[0]

    async def all(self) -> tuple[Crawl, ...]:
        """All crawls, the one that was ordered last first."""
        return await self._read(crawls.c.id.is_not(None))

    async def pages(self, request: CrawlPagesRequest) -> CrawlPages:
        """Pages of a crawl, in the order in which they were found. Raises: NotFound."""
        await self.one(request.id)
        wanted = select(crawl_pages).where(crawl_pages.c.crawl == request.id, crawl_pages.c.number > request.after)
        if request.state:
            wanted = wanted.where(crawl_pages.c.state == request.state)
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted.order_by(crawl_pages.c.number).limit(request.limit))).all()
        pages = [CrawlPage.model_validate(row._mapping, from_attributes=False) for row in rows]
        return CrawlPages(pages=tuple(pages), cursor=rows[-1].number if rows else request.after)

    async def _read(self, which: ColumnElement[bool]) -> tuple[Crawl, ...]:
        wanted = select(crawls).where(which).order_by(crawls.c.ordered_at.desc(), crawls.c.id).limit(_LISTED)
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted)).all()
            by_state = select(crawl_pages.c.crawl, crawl_pages.c.state, func.count()).where(
                crawl_pages.c.crawl.in_([row.id for row in rows])
            )
            grouped = by_state.group_by(crawl_pages.c.crawl, crawl_pages.c.state)
            counts = (await connection.execute(grouped)).all()
        return tuple(_crawl(row, {state: count for crawl, state, count in counts if crawl == row.id}) for row in rows)

    async def _read_as(self, connection: AsyncConnection, id_: str, kind: CrawlKind) -> None:
        """Have a crawl begin anew where it was read in another way: what it knows of pages not yet read is of no use.

        Raises: Conflict, while it is under way.
        """
        row = (await connection.execute(select(crawls.c.state, crawls.c.kind).where(crawls.c.id == id_))).one()
        if row.kind == kind:
            return
        if row.state in _UNDER_WAY:
            raise Conflict(f"crawl {id_!r} is under way, and not as {kind!r}; stop it first, then order this again")
        await connection.execute(_one(id_).values(kind=kind, base="", state="new"))
        await connection.execute(delete(crawl_pages).where(crawl_pages.c.crawl == id_, ~crawl_pages.c.kept))

    async def _start(self, connection: AsyncConnection, id_: str) -> None:
        found = select(crawls.c.state, crawls.c.start, crawls.c.round).where(crawls.c.id == id_)
        row = (await connection.execute(found)).first()
        if row is None or row.state in _UNDER_WAY:
            return
        values: dict[str, Any] = {"state": "waiting", "detail": "", "start": row.start + 1, "ended_at": None}
        if row.state in {"new", "done"}:
            values |= {"round": row.round + 1, "listed": False, "cursor": "", **_NO_FIGURES}
            values |= {"begun_at": self._clock.now()}
        await connection.execute(_one(id_).values(**values, next_at=None))
        start = row.start + 1
        task = Task(kind=TASK, key=f"crawl:{id_}:{start}", payload={"crawl": id_, "start": start}, cause="ordered")
        await self._work.enqueue_within(connection, [task])

    def _new(self, id_: str, url: str, collection: str) -> dict[str, Any]:
        nothing = {"kind": None, "base": "", "detail": "", "start": 0, "round": 0, "listed": False, "cursor": ""}
        wish = {"max_pages": 0, "max_depth": 0, "known_to": [], "every_hours": None}
        named = {"id": id_, "url": url, "collection": collection, "state": "new", "ordered_at": self._clock.now()}
        return nothing | wish | _NO_FIGURES | named


def _one(id_: str) -> Any:
    return update(crawls).where(crawls.c.id == id_)


def _job(row: dict[str, Any]) -> Job:
    fields = {name: row[name] for name in Job.__dataclass_fields__}
    return Job(**fields | {"known_to": tuple(row["known_to"])})


def _crawl(row: Row[Any], pages: dict[PageState, int]) -> Crawl:
    return Crawl.model_validate({**row._mapping, "pages": pages})
