"""Background work: tasks that are done once each, in the order of their priority, also over the end of the process.

A task is a row in the book (`book.py`), written in one transaction with what it follows from. Here the rows are handed
to the engine (`engine.py`), which says when each is due; `doing.py` does it. What the engine, or a machine, has lost is
handed out again. The engine runs while there is something to do, and a while longer.
"""

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta
from types import TracebackType
from typing import Self

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.background import standing
from greenroom.background.book import TaskBook
from greenroom.background.doing import Doing
from greenroom.background.engine import Engine
from greenroom.background.handling import Handler, Handling
from greenroom.background.watch import Watch
from greenroom.clock import Clock
from greenroom.config import BackgroundSettings, Backoff
from greenroom.errors import GreenroomError, Overloaded
from greenroom.following import for_ever, to_its_end
from greenroom.lane import Lane, step, taken
from greenroom.model import Nothing, QueueStatus, Task, TaskPage, TaskQuery, TaskRef
from greenroom.storage.database import Database

_HANDED_AT_ONCE = 50
_LOOKED_AT_ONCE = 500
_BEATS_IN_LEASE = 4
_SOON_S = 0.05
_REST_AFTER_S = 30.0
"""With nothing to do, the engine takes 0.1 s of the processor in two seconds, and as much to be started again
(2026-11-22, seven kinds of tasks, SQLite)."""

log = structlog.get_logger(__name__)


class BackgroundWork:
    """All background work of a process, while it is entered (`async with`), which must be after its handlers are ready.

    `owner` names what can have only one process at a time: a data folder, on a machine. Tasks are handed out and
    done in the `lane`.
    """

    def __init__(
        self,
        database: Database,
        settings: BackgroundSettings,
        clock: Clock,
        owner: str,
        lane: Lane | None = None,
    ) -> None:
        worker = f"{owner}/{secrets.token_hex(4)}"
        self._lane = lane
        self._database = database
        self._settings = settings
        self._clock = clock
        self._book = TaskBook(database, clock)
        self._handlings: dict[str, Handling] = {}
        self._doing = Doing(self._book, worker, self._handlings, clock, lane)
        self._engine = Engine(database.url, worker, self._handlings, self._doing.do, settings.look_every_s, clock)
        self._watch = Watch(database, worker, settings.lease_s, clock)
        self._work_came = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []
        self._pause_s = settings.look_every_s
        self._runs_now = False
        self._busy_at_s = 0.0
        self._looked_after = 0

    async def __aenter__(self) -> Self:
        if self._handlings:
            self._loops = [asyncio.create_task(for_ever(self._hand_out, self._clock, "background"))]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        while going_on := [loop for loop in self._loops if not loop.done()]:  # one may begin another as it ends
            for loop in going_on:
                loop.cancel()
            await asyncio.wait(going_on)
        await self._engine.stop()
        await self._doing.end()
        if self._runs_now:
            await self._take_leave()

    # What services do ---------------------------------------------------------------------------------------------

    def handle(
        self,
        kind: str,
        handler: Handler,
        /,
        *,
        at_once: int = 1,
        per_minute: int | None = None,
        attempts: int = 5,
        base_s: float = 1.0,
        backoff: float = 2.0,
        max_s: float = 60.0,
    ) -> None:
        """Say who does the tasks of a kind; before this is entered."""
        assert kind not in self._handlings, f"{kind} is handled already"
        patience = Backoff(attempts=attempts, base_s=base_s, factor=backoff, max_s=max_s)
        self._handlings[kind] = Handling(handler, at_once, per_minute, patience)

    async def enqueue(self, task: Task, /) -> bool:
        """Leave a task; false when its key is known already. Raises: Unavailable; StorageFull."""
        async with self._database.write() as connection:
            return bool(await self.enqueue_within(connection, [task]))

    async def enqueue_within(self, connection: AsyncConnection, tasks: Sequence[Task], /) -> int:
        """Leave tasks in a transaction of the caller, which they share; how many of them are new."""
        self._work_came.set()
        return await self._book.add(connection, tasks)

    async def discard(self, keys: Iterable[str], /) -> int:
        """Drop those that wait or have failed: what they are about is no more. How many there were."""
        return await self._book.discard(keys)

    # What people do -----------------------------------------------------------------------------------------------

    async def tasks(self, query: TaskQuery, /) -> TaskPage:
        """List tasks, newest first."""
        return await self._book.list(query)

    async def retry(self, which: TaskRef, /) -> Nothing:
        """Let a dead letter be tried anew. Raises: NotFound; Conflict, for a task that has not failed."""
        await self._book.retry(which)
        self._work_came.set()
        return Nothing()

    async def drop(self, which: TaskRef, /) -> Nothing:
        """Give up a task that waits or has failed. Raises: NotFound; Conflict, for one that is begun or over."""
        await self._book.drop(which)
        return Nothing()

    async def queue_status(self, nothing: Nothing, /) -> QueueStatus:
        """Tell how it goes."""
        return await standing.queue_status(self._database, self._clock, self._settings.most_waiting)

    async def ping(self) -> None:
        """Tell whether the work keeps up. Raises: Overloaded, when more waits than should; StorageFailed."""
        status = await self.queue_status(Nothing())
        if status.alert:
            raise Overloaded(status.alert)

    # Keeping it going ---------------------------------------------------------------------------------------------

    async def _hand_out(self) -> None:
        """Hand the next tasks to the engine, or wait until there are some.

        It is not started at once: that takes a second of the processor, and who left the first task is at work.
        """
        with taken(self._lane):
            more = await self._hand_out_or_start()
        if not more:
            await self._wait_for_work()

    async def _hand_out_or_start(self) -> bool:
        if self._runs_now:
            more = await to_its_end(self._hand_out_some())
            await to_its_end(self._rest_if_idle())
        elif more := await to_its_end(self._book.has_work(self._handlings)):
            await self._clock.sleep(self._settings.look_every_s)
            await to_its_end(self._start())
        return more

    async def _start(self) -> None:
        await self._watch.beat()  # before it begins with anything: who does not beat is taken for dead
        if not self._engine.is_running:
            await self._engine.start(await self._book.waiting(self._handlings))
        await self._look_after_all()
        self._runs_now, self._busy_at_s = True, self._clock.monotonic_s()
        self._loops.append(asyncio.create_task(for_ever(self._look_after, self._clock, "background watch")))

    async def _rest_if_idle(self) -> None:
        """Stop the engine when there has been nothing to do for a while: it would look for work again and again."""
        now_s = self._clock.monotonic_s()
        if await self._book.has_work(self._handlings):
            self._busy_at_s = now_s
        elif now_s - self._busy_at_s >= _REST_AFTER_S:
            await self._rest()

    async def _rest(self) -> None:
        """As at the end, with nothing under way here or elsewhere; the next task is seen by `_hand_out`."""
        self._runs_now = False
        watch = self._loops.pop()
        watch.cancel()
        await asyncio.wait([watch])
        await self._engine.stop()
        await self._take_leave()

    async def _hand_out_some(self) -> bool:
        """Whether there may be more."""
        async with step():
            tickets = await self._book.hand_out(self._handlings, secrets.token_hex(4), _HANDED_AT_ONCE)
            waiting = await self._book.waiting(self._handlings)
        await self._engine.enqueue(tickets)
        await self._engine.hurry(waiting)
        return len(tickets) == _HANDED_AT_ONCE

    async def _wait_for_work(self) -> None:
        """Wait until somebody here leaves a task; or a moment, for others may share the database.

        A task is left before its transaction ends, so that it may not be there yet: then it is looked for again soon.
        """
        try:
            async with asyncio.timeout(self._pause_s):
                await self._work_came.wait()
        except TimeoutError:
            self._pause_s = min(2 * self._pause_s, self._settings.look_every_s)
        else:
            self._pause_s = min(_SOON_S, self._settings.look_every_s)
        finally:
            self._work_came.clear()

    # Looking after it ---------------------------------------------------------------------------------------------

    async def _look_after(self) -> None:
        """For the time of a lease, beat and see to what dead machines left; then see to what the engine has lost."""
        for _ in range(_BEATS_IN_LEASE):
            await self._clock.sleep(self._settings.lease_s / _BEATS_IN_LEASE)
            await to_its_end(self._take_over())
        await to_its_end(self._tidy())

    async def _tidy(self) -> None:
        await self._find_lost()
        await self._engine.tidy()
        await self._book.expire(timedelta(days=self._settings.keep_days))

    async def _look_after_all(self) -> None:
        await self._take_over()
        while await self._find_lost():
            continue

    async def _take_over(self) -> None:
        await self._watch.beat()
        runs = [run for run, worker in (await self._engine.running()).items() if self._watch.is_dead(worker)]
        if runs:
            log.info("tasks_taken_over", tasks=len(runs))
            await self._engine.resume(runs)
        await self._watch.forget()

    async def _find_lost(self) -> bool:
        """Look whether the engine still has the next runs that it was given; whether there are more."""
        given = await self._book.handed_out(self._handlings, self._looked_after, _LOOKED_AT_ONCE)
        lost = await self._engine.lost([run for _, run in given])
        if lost:
            back = await self._book.take_back(lost)
            log.info("tasks_handed_out_again", tasks=back)
        self._looked_after = given[-1][0] if len(given) == _LOOKED_AT_ONCE else 0
        return bool(self._looked_after)

    async def _take_leave(self) -> None:
        try:
            await self._watch.leave()
        except GreenroomError as exc:  # others wait for the lease then
            log.warning("background_left_without_word", error=exc.detail)
