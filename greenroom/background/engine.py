"""The engine that drives the tasks: DBOS, which runs each in its turn, at most so many at once and so many a minute.

All that this house knows of DBOS is here. What it keeps is expendable: the book of tasks is the truth, and what the
engine has lost is handed to it again. Its calls block, and are made in one thread, one after the other: on SQLite that
is five times as fast as side by side.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from greenroom.background.book import Ticket
from greenroom.background.handling import Handling
from greenroom.clock import Clock
from greenroom.errors import Unavailable
from greenroom.lane import step
from greenroom.storage.faults import translated
from greenroom.storage.urls import sync_url

R = TypeVar("R")

_NAME = "greenroom"
_SCHEMA = "greenroom_background"
_WORKFLOW = "greenroom_task"
_VERSION = "1"
"""Constant: DBOS would take a hash of the code, and leave the tasks of the version before undone after an upgrade."""
_CONNECTIONS = 5
_STATES_AT_ONCE = 500
_HURRY_S = 0.2
_LISTENS_EVERY_S = 0.2
"""How often DBOS looks for messages between its workflows. There are none here, so that this costs nothing, but whoever
stops the engine waits for the next time."""
_OVER = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
_REMEMBERED = timedelta(minutes=2)
"""Longer than the minute over which the rates are counted, which are counted by what is over."""

_one_per_process = threading.Lock()
"""DBOS keeps its engine, and what it can run, in globals of its module."""

Runner = Callable[[str], Coroutine[Any, Any, None]]
"""Does the task of a run, in the loop of the house."""


class Engine:
    """DBOS while it runs. `worker` is the name of this process, used only once: what ran under another one is never
    begun again without being asked for (DBOS would begin it outside of all limits)."""

    def __init__(
        self,
        database_url: str,
        worker: str,
        handlings: Mapping[str, Handling],
        run: Runner,
        look_every_s: float,
        clock: Clock,
    ) -> None:
        self._url = _url_of(database_url)
        self._worker = worker
        self._handlings = handlings
        self._run = run
        self._look_every_s = look_every_s
        self._clock = clock
        self._thread: ThreadPoolExecutor | None = None
        self._hurried: set[str] = set()

    @property
    def is_running(self) -> bool:
        """Whether it has been started."""
        return self._thread is not None

    async def start(self, hurried: set[str]) -> None:
        """Import it, make its tables, and let it begin, in a hurry with these kinds.

        Raises: Unavailable, also while this process has another.
        """
        if not _one_per_process.acquire(blocking=False):
            raise Unavailable("another engine for background work runs in this process")
        self._thread = ThreadPoolExecutor(1, "background-engine")
        loop = asyncio.get_running_loop()
        try:
            await self._call(lambda: self._launch(loop, hurried))
        except BaseException:
            await asyncio.shield(self.stop())
            raise
        self._hurried = hurried

    async def stop(self) -> None:
        """Stop. What is under way is cancelled, and begins again some other time."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        try:
            await asyncio.to_thread(_destroy)  # not behind a call that waits for the database
        finally:
            thread.shutdown(wait=False)
            _one_per_process.release()

    async def enqueue(self, tickets: Sequence[Ticket]) -> None:
        """Take tasks in. One that is here already stays as it is."""
        for ticket in tickets:
            await self._call(partial(_enqueue, ticket, self._clock.now()))

    async def hurry(self, kinds: set[str]) -> None:
        """Look often for what can begin where tasks wait, of these kinds alone, and seldom where none do: a look finds
        no more of them than may be done at once."""
        changed = kinds ^ self._hurried
        if changed:
            await self._call(lambda: self._set_pace({kind: kind in kinds for kind in changed}))
            self._hurried = kinds

    async def running(self) -> dict[str, str]:
        """The runs that have begun, with the workers that are at them."""
        return await self._call(_running)

    async def lost(self, runs: Collection[str]) -> list[str]:
        """Those of these runs that are not here, or are over."""
        return await self._call(lambda: _lost(list(runs)))

    async def resume(self, runs: Collection[str]) -> None:
        """Let runs begin again whose worker is dead."""
        await self._call(lambda: _resume(list(runs)))

    async def tidy(self) -> None:
        """Forget runs that are over."""
        await self._call(lambda: _tidy(self._clock.now()))

    async def _call(self, work: Callable[[], R]) -> R:
        if self._thread is None:
            raise Unavailable("the engine for background work is not running")
        with translated():
            async with step():
                return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _launch(self, loop: asyncio.AbstractEventLoop, hurried: set[str]) -> None:
        # Imported only here: it takes more than a second, and many houses never need it.
        from dbos import DBOS, DBOSPortableJSONSerializer

        logging.getLogger("dbos").addHandler(logging.NullHandler())  # it has none: DBOS would write past our log
        DBOS(
            config={
                "name": _NAME,
                "system_database_url": self._url,
                "dbos_system_schema": _SCHEMA,
                "application_version": _VERSION,
                "executor_id": self._worker,
                "serializer": DBOSPortableJSONSerializer(),  # the usual one is pickle
                "log_level": "WARNING",
                "use_listen_notify": False,
                "notification_listener_polling_interval_sec": _LISTENS_EVERY_S,
                "sys_db_pool_size": _CONNECTIONS,
            }
        )

        @DBOS.workflow(name=_WORKFLOW)
        async def run_task(run: str) -> None:
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._run(run), loop))

        DBOS.listen_queues([_queue(kind) for kind in self._handlings])
        DBOS.launch()
        self._set_pace({kind: kind in hurried for kind in self._handlings})

    def _set_pace(self, hurried: Mapping[str, bool]) -> None:
        from dbos import DBOS

        for kind, hurries in hurried.items():
            handling = self._handlings[kind]
            DBOS.register_queue(
                _queue(kind),
                worker_concurrency=handling.at_once,
                limiter={"limit": handling.per_minute, "period": 60.0} if handling.per_minute else None,
                polling_interval_sec=min(_HURRY_S, self._look_every_s) if hurries else self._look_every_s,
                on_conflict="always_update",
            )


def _destroy() -> None:
    from dbos import DBOS

    DBOS.destroy(destroy_registry=True)


def _enqueue(ticket: Ticket, now: datetime) -> None:
    from dbos import DBOS, EnqueueOptions

    options = EnqueueOptions(
        workflow_name=_WORKFLOW,
        queue_name=_queue(ticket.kind),
        workflow_id=ticket.run,
        priority=ticket.priority,
        app_version=_VERSION,
    )
    pause = ticket.due_at - now if ticket.due_at else timedelta()
    if pause > timedelta():
        options["delay_seconds"] = pause.total_seconds()
    DBOS.enqueue_workflow_with_options(options, ticket.run)


def _running() -> dict[str, str]:
    from dbos import DBOS

    begun = DBOS.list_workflows(status="PENDING", name=_WORKFLOW, load_input=False, load_output=False)
    return {state.workflow_id: state.executor_id or "" for state in begun}


def _lost(runs: Sequence[str]) -> list[str]:
    from dbos import DBOS

    here = set()
    for start in range(0, len(runs), _STATES_AT_ONCE):
        part = list(runs[start : start + _STATES_AT_ONCE])
        found = DBOS.list_workflows(workflow_ids=part, load_input=False, load_output=False)
        here |= {state.workflow_id for state in found if state.status not in _OVER}
    return [run for run in runs if run not in here]


def _resume(runs: list[str]) -> None:
    from dbos import DBOS

    found = DBOS.list_workflows(workflow_ids=runs, status="PENDING", load_input=False, load_output=False)
    for queue in {state.queue_name for state in found}:
        # Without the name of its queue a run would go to one of DBOS's own, which has no limits.
        DBOS.resume_workflows([state.workflow_id for state in found if state.queue_name == queue], queue_name=queue)


def _tidy(now: datetime) -> None:
    from dbos import DBOS

    before = (now - _REMEMBERED).isoformat()
    over = DBOS.list_workflows(
        status=_OVER,
        name=_WORKFLOW,
        completed_before=before,
        limit=_STATES_AT_ONCE,
        load_input=False,
        load_output=False,
    )
    if over:
        DBOS.delete_workflows([state.workflow_id for state in over])


def _queue(kind: str) -> str:
    return kind.casefold()


def _url_of(database_url: str) -> str:
    """Where the engine keeps its own: a file beside the house's, or a schema in the same database."""
    url = sync_url(database_url)
    if url.get_backend_name() == "sqlite":
        assert url.database
        url = url.set(database=url.database.removesuffix(".db") + "-tasks.db")
    return url.render_as_string(hide_password=False)
