"""Background work as a whole: with its engine, over the end of a process, and on machines that die."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from greenroom.background import BackgroundWork, Handler
from greenroom.clock import SYSTEM_CLOCK, SystemClock
from greenroom.config import BackgroundSettings
from greenroom.lane import Lane
from greenroom.model import Nothing, Task, TaskQuery, TaskRef
from greenroom.storage.database import Database
from tests.background.history import complaints
from tests.background.workers import LEASE_S, Nursery, kill, leave_effect, prepare_effects

SOON = BackgroundSettings(look_every_s=0.1, lease_s=LEASE_S)
WITHIN_S = 120.0


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[Database]:
    """A database in a file, where the engine is there soon."""
    async with Database(f"sqlite:///{tmp_path / 'greenroom.db'}") as database:
        yield database


def background(database: Database, owner: str = "here") -> BackgroundWork:
    return BackgroundWork(database, SOON, SYSTEM_CLOCK, owner)


@asynccontextmanager
async def working(
    database: Database, handler: Handler, at_once: int = 4, lane: Lane | None = None
) -> AsyncIterator[BackgroundWork]:
    """Background work that knows one kind of task, and is patient with it for three attempts."""
    work = BackgroundWork(database, SOON, SYSTEM_CLOCK, "here", lane)
    work.handle("WRITE", handler, at_once=at_once, attempts=3, base_s=0.05)
    async with work:
        yield work


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not await condition():  # noqa: ASYNC110 - what is waited for happens in another thread, or process
            await asyncio.sleep(0.02)


async def all_over(work: BackgroundWork) -> bool:
    counts = (await work.queue_status(Nothing())).counts
    return not any(count.status in ("pending", "processing") for count in counts)


def writing(key: str, priority: int = 50) -> Task:
    return Task(kind="WRITE", key=key, priority=priority)


async def test_a_task_is_done_once_and_its_key_is_not_taken_again(database: Database) -> None:
    done: list[str] = []

    async def write(task: Task) -> None:
        done.append(f"{task.payload['what']} {task.attempt}")

    async with working(database, write) as work:
        task = Task(kind="WRITE", key="one", payload={"what": "a note"}, cause="turn 1")
        assert await work.enqueue(task)
        assert not await work.enqueue(task)
        await until(lambda: all_over(work))
        assert not await work.enqueue(task)
        record = (await work.tasks(TaskQuery())).tasks[0]
    assert done == ["a note 1"]
    assert (record.status, record.payload, record.cause, record.error) == ("completed", {}, "turn 1", "")


async def test_what_is_more_urgent_is_begun_first_and_people_go_before_all(file: Database) -> None:
    done: list[str] = []
    let_go_after: set[int] = set()

    def waited_s() -> None:
        let_go_after.add(len(done))

    async def write(task: Task) -> None:
        done.append(task.key)

    work = background(file)
    async with file.write() as connection:
        tasks = [writing("later", 90), writing("first", 1), writing("then"), writing("then too")]
        assert await work.enqueue_within(connection, tasks) == 4
    async with working(file, write, at_once=1, lane=Lane(waited_s, SYSTEM_CLOCK)) as work:
        await until(lambda: all_over(work))
    assert done == ["first", "then", "then too", "later"]
    assert let_go_after >= {0, 1, 2, 3}


async def test_a_task_that_fails_is_tried_again_and_then_waits_for_a_person(file: Database) -> None:
    tried: list[int] = []

    async def write(task: Task) -> None:
        tried.append(task.attempt)
        if len(tried) <= 3:
            raise ValueError("the pen is empty")

    async with working(file, write) as work:
        await work.enqueue(writing("one"))
        await until(lambda: all_over(work))
        failed = (await work.tasks(TaskQuery(status="failed"))).tasks
        assert [(record.attempt, record.error) for record in failed] == [(3, "ValueError: the pen is empty")]
        await work.retry(TaskRef(id=failed[0].id))
        await until(lambda: all_over(work))
        assert (await work.tasks(TaskQuery(status="completed"))).total == 1
    assert tried == [1, 2, 3, 1]


async def test_no_more_are_begun_in_a_minute_than_may(file: Database) -> None:
    done: list[str] = []
    begun_s: list[float] = []

    async def write(task: Task) -> None:
        done.append(task.key)

    async def simulate(task: Task) -> None:
        begun_s.append(SYSTEM_CLOCK.monotonic_s())

    async def is_done(key: str) -> bool:
        return key in done and len(begun_s) >= 2

    work = background(file)
    work.handle("SIMULATE", simulate, per_minute=2)
    work.handle("WRITE", write)
    async with work:
        for key in "abcd":
            await work.enqueue(Task(kind="SIMULATE", key=key))
        for key in "123":
            await work.enqueue(writing(key))
            await until(lambda: is_done(key))  # noqa: B023 - waited for before the next
    assert all(later - earlier > 50 for earlier, later in zip(begun_s, begun_s[2:], strict=False))


async def test_a_house_that_stops_gives_back_what_it_was_at(database: Database) -> None:
    began = asyncio.Event()
    attempts: list[int] = []

    async def stick(task: Task) -> None:
        began.set()
        await asyncio.sleep(WITHIN_S)

    async def write(task: Task) -> None:
        attempts.append(task.attempt)

    async with working(database, stick) as work:
        await work.enqueue(writing("long"))
        async with asyncio.timeout(WITHIN_S):
            await began.wait()
    async with working(database, write) as work:
        await until(lambda: all_over(work))
        record = (await work.tasks(TaskQuery())).tasks[0]
    assert (attempts, record.interruptions) == ([1], 0)


async def test_what_the_engine_has_lost_is_handed_to_it_again(tmp_path: Path) -> None:
    began = asyncio.Event()
    done: list[str] = []

    async def stick(task: Task) -> None:
        began.set()
        await asyncio.sleep(WITHIN_S)

    async def write(task: Task) -> None:
        done.append(task.key)

    async with Database(f"sqlite:///{tmp_path / 'greenroom.db'}") as database:
        async with working(database, stick, at_once=1) as work:
            for key in "abc":
                await work.enqueue(writing(key))
            async with asyncio.timeout(WITHIN_S):
                await began.wait()
        (tmp_path / "greenroom-tasks.db").unlink()
        async with working(database, write) as work:
            await until(lambda: all_over(work))
    assert sorted(done) == ["a", "b", "c"]


@pytest.mark.timeout(400)
async def test_what_a_dead_machine_was_at_another_takes_over(postgresql_url: str) -> None:
    keys = [str(number) for number in range(12)]
    async with Database(postgresql_url) as database:
        await prepare_effects(database)
        async with database.write() as connection:
            await background(database).enqueue_within(connection, [writing(key) for key in keys])
        with Nursery() as nursery:
            there = nursery.worker(postgresql_url, "there", seconds=WITHIN_S)
            await until(lambda: some_are_begun(database))
            kill(there)
        async with working(database, effects_of(database)) as work:
            await until(lambda: all_over(work))
            taken = [record for record in (await work.tasks(TaskQuery())).tasks if record.interruptions]
        assert taken
        assert await complaints(database, keys) == []


async def some_are_begun(database: Database) -> bool:
    return bool((await background(database).tasks(TaskQuery(status="processing"))).tasks)


def effects_of(database: Database) -> Handler:
    async def write(task: Task) -> None:
        await leave_effect(database, task)

    return write


async def test_a_second_engine_in_this_process_waits_for_the_first(file: Database, tmp_path: Path) -> None:
    done: list[str] = []

    async def write(task: Task) -> None:
        done.append(task.key)

    async with Database(f"sqlite:///{tmp_path / 'other.db'}") as other:
        async with working(file, write) as work:
            await work.enqueue(writing("first"))
            await until(lambda: all_over(work))
            async with working(other, write) as second:
                await second.enqueue(writing("second"))
                await asyncio.sleep(0.3)
        async with working(other, write) as second:
            await until(lambda: all_over(second))
    assert done == ["first", "second"]


class ShortMinutes(SystemClock):
    """What should take half a minute takes a twentieth of a second; waiting takes as long as ever."""

    def monotonic_s(self) -> float:
        """Seconds that only grow, and fast."""
        return 600 * super().monotonic_s()


async def test_an_engine_without_work_rests_and_is_there_again_for_the_next_task(file: Database) -> None:
    done: list[str] = []

    async def write(task: Task) -> None:
        done.append(task.key)

    async def rests() -> bool:
        return not any(thread.name == "queue-worker-write" for thread in threading.enumerate())

    work = BackgroundWork(file, SOON, ShortMinutes(), "here")
    work.handle("WRITE", write)
    async with work:
        for key in ("first", "second"):
            await work.enqueue(writing(key))
            await until(lambda: all_over(work))
            await until(rests)
    assert done == ["first", "second"]
