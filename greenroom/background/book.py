"""The book of tasks: what is to be done and what became of it. It is the truth; the engine only drives it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Text, bindparam, case, cast, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.background.tables import background_tasks as table
from greenroom.clock import Clock
from greenroom.errors import Conflict, NotFound
from greenroom.model import Task, TaskPage, TaskQuery, TaskRecord, TaskRef
from greenroom.storage.database import Database
from greenroom.storage.upsert import add_new

_UNDER_WAY = ("pending", "processing")
_ERROR_CHARS = 2000


class Ticket(NamedTuple):
    """What the engine is told of a task."""

    run: str
    kind: str
    priority: int
    due_at: datetime | None


class Start(NamedTuple):
    """One beginning of a task. Who ends it must show `starts`: nobody else has begun it since."""

    task: Task
    starts: int
    interruptions: int


class TaskBook:
    """Reads and writes the table of tasks. All raise: Unavailable; StorageFull; StorageFailed."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    # Leaving tasks ----------------------------------------------------------------------------------------------

    async def add(self, connection: AsyncConnection, tasks: Sequence[Task]) -> int:
        """Write down those whose keys are new; how many."""
        rows = [_row(task, self._clock.now()) for task in tasks]
        return await add_new(connection, table, rows)

    async def discard(self, keys: Iterable[str]) -> int:
        """Drop those that wait or have failed."""
        which = table.c.key.in_(list(keys)) & table.c.status.in_(("pending", "failed"))
        return await self._update(which, **self._dropped())

    # Handing them to the engine -----------------------------------------------------------------------------------

    async def has_work(self, kinds: Collection[str]) -> bool:
        """Whether anything of these kinds is to be done."""
        return await self._database.value(_ANY_WORK, kinds=list(kinds)) is not None

    async def waiting(self, kinds: Collection[str]) -> set[str]:
        """Those of these kinds of which there are tasks that have not begun."""
        return {row.kind for row in await self._database.rows(_WAITING_KINDS, kinds=list(kinds))}

    async def hand_out(self, kinds: Collection[str], token: str, limit: int) -> list[Ticket]:
        """Name the next ones that the engine does not have yet, by a token that is used only once."""
        next_ones = await self._database.rows(_NEXT_ONES, kinds=list(kinds), most=limit)
        if not next_ones:
            return []
        values = {"kinds": list(kinds), "ids": [row.id for row in next_ones], "end": "-" + token}
        async with self._database.write() as connection:
            return [Ticket(*row) for row in await connection.execute(_HAND_OUT, values)]

    async def handed_out(self, kinds: Collection[str], after: int, limit: int) -> list[tuple[int, str]]:
        """Those that the engine should have, by number: `(id, run)`."""
        has_run = table.c.status.in_(_UNDER_WAY) & table.c.run.is_not(None) & table.c.kind.in_(kinds)
        query = select(table.c.id, table.c.run).where(has_run, table.c.id > after).order_by(table.c.id).limit(limit)
        return [(row.id, row.run) for row in await self._database.rows(query)]

    async def take_back(self, runs: Collection[str]) -> int:
        """Let those be handed out again whose runs the engine has lost."""
        begun = case((table.c.status == "processing", 1), else_=0)
        return await self._update(
            table.c.run.in_(runs) & table.c.status.in_(_UNDER_WAY),
            run=None,
            status="pending",
            attempt=table.c.attempt - begun,
            interruptions=table.c.interruptions + begun,
        )

    # Doing them -------------------------------------------------------------------------------------------------

    async def begin(self, run: str, worker: str) -> Start | None:
        """Note that a task is begun; None when this run is not to be done any more."""
        values = {"which": run, "by": worker, "at": self._clock.now()}
        async with self._database.write() as connection:
            row = (await connection.execute(_BEGIN, values)).mappings().one_or_none()
        return Start(Task.model_validate(dict(row)), row["starts"], row["interruptions"]) if row else None

    async def complete(self, start: Start) -> bool:
        """Note the success; false when somebody else has begun the task since."""
        return await self._end(start, status="completed", payload={}, error="", finished_at=self._clock.now())

    async def fail(self, start: Start, error: str, pause_s: float | None) -> bool:
        """Note a failure: another attempt is due after the pause, or none. False as above."""
        error = error.replace("\0", "")[:_ERROR_CHARS]
        if pause_s is None:
            return await self._end(start, status="failed", error=error, finished_at=self._clock.now())
        due_at = self._clock.now() + timedelta(seconds=pause_s)
        return await self._end(start, status="pending", error=error, due_at=due_at)

    async def give_back(self, start: Start) -> None:
        """Note that the house stops: this was no attempt. The engine keeps the run."""
        which = (table.c.id == start.task.id) & (table.c.starts == start.starts) & _IS_BEGUN
        await self._update(which, status="pending", attempt=table.c.attempt - 1)

    # Looking after them -------------------------------------------------------------------------------------------

    async def list(self, query: TaskQuery) -> TaskPage:
        """Newest first; the query's `after` counts tasks to pass over."""
        wanted = _wanted(query)
        newest = select(table).where(*wanted).order_by(table.c.id.desc()).offset(query.after).limit(query.limit)
        async with self._database.read() as connection:
            rows = (await connection.execute(newest)).mappings().all()
            total = await connection.scalar(select(func.count()).select_from(table).where(*wanted))
        return TaskPage(tasks=tuple(TaskRecord.model_validate(dict(row)) for row in rows), total=total or 0)

    async def retry(self, which: TaskRef) -> None:
        """Let a dead letter be tried anew. Raises: NotFound; Conflict, for a task that has not failed."""
        anew = {"status": "pending", "attempt": 0, "interruptions": 0, "due_at": None, "finished_at": None}
        if not await self._update((table.c.id == which.id) & (table.c.status == "failed"), **anew):
            await self._refuse(which, "only a task that has failed can be retried")

    async def drop(self, which: TaskRef) -> None:
        """Give up a task that waits or has failed. Raises: NotFound; Conflict, for one that is begun or over."""
        droppable = (table.c.id == which.id) & table.c.status.in_(("pending", "failed"))
        if not await self._update(droppable, **self._dropped()):
            await self._refuse(which, "only a task that waits or has failed can be dropped")

    async def expire(self, keep: timedelta) -> int:
        """Forget what is over for so long, keys and all."""
        over = table.c.status.in_(("completed", "dropped")) & (table.c.finished_at < self._clock.now() - keep)
        async with self._database.write() as connection:
            return (await connection.execute(delete(table).where(over))).rowcount

    async def _end(self, start: Start, **values: Any) -> bool:
        values |= {"run": None, "which": start.task.id, "begun": start.starts}
        async with self._database.write() as connection:
            return bool((await connection.execute(_END, values)).rowcount)

    def _dropped(self) -> dict[str, Any]:
        return {"status": "dropped", "payload": {}, "run": None, "finished_at": self._clock.now()}

    async def _update(self, which: ColumnElement[bool], **values: Any) -> int:
        async with self._database.write() as connection:
            return (await connection.execute(update(table).where(which).values(values))).rowcount

    async def _refuse(self, which: TaskRef, why: str) -> None:
        status = await self._database.value(select(table.c.status).where(table.c.id == which.id))
        if status is None:
            raise NotFound(f"unknown task {which.id}")
        raise Conflict(f"task {which.id} is {status}; {why}")


_OF_KINDS = table.c.kind.in_(bindparam("kinds", expanding=True))
_ANY_WORK = select(table.c.id).where(table.c.status.in_(_UNDER_WAY), _OF_KINDS).limit(1)
_WAITING_KINDS = select(table.c.kind).where(table.c.status == "pending", _OF_KINDS).distinct()
_WAITS = (table.c.status == "pending") & table.c.run.is_(None) & _OF_KINDS
_NEXT_ONES = select(table.c.id).where(_WAITS).order_by(table.c.priority, table.c.id).limit(bindparam("most"))
_HAND_OUT = (
    update(table)
    .where(table.c.id.in_(bindparam("ids", expanding=True)), _WAITS)
    .values(run=cast(table.c.id, Text) + bindparam("end", type_=Text))
    .returning(table.c.run, table.c.kind, table.c.priority, table.c.due_at)
)
_IS_BEGUN = table.c.status == "processing"
_BEGIN = (
    update(table)
    .where(table.c.run == bindparam("which"), table.c.status.in_(_UNDER_WAY))
    .values(
        status="processing",
        starts=table.c.starts + 1,
        attempt=table.c.attempt + case((_IS_BEGUN, 0), else_=1),
        interruptions=table.c.interruptions + case((_IS_BEGUN, 1), else_=0),
        worker=bindparam("by"),
        started_at=bindparam("at"),
    )
    .returning(table)
)
_END = update(table).where(table.c.id == bindparam("which"), table.c.starts == bindparam("begun"), _IS_BEGUN)
"""What becomes of it are the other values."""


def _row(task: Task, now: datetime) -> dict[str, Any]:
    nothing_yet = {"status": "pending", "attempt": 0, "interruptions": 0, "starts": 0, "worker": "", "error": ""}
    return task.model_dump(include={"kind", "key", "payload", "priority", "cause"}) | nothing_yet | {"created_at": now}


def _wanted(query: TaskQuery) -> list[ColumnElement[bool]]:
    return [
        *([table.c.kind == query.kind] if query.kind else []),
        *([table.c.status == query.status] if query.status else []),
    ]
