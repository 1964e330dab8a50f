"""The book of tasks: who may write what in it, and what it tells."""

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import text

from greenroom.background.book import Start, TaskBook
from greenroom.background.standing import queue_status
from greenroom.errors import Conflict, NotFound
from greenroom.model import Task, TaskQuery, TaskRecord, TaskRef
from greenroom.storage.database import Database
from greenroom.testing import FrozenClock

KINDS = ("WRITE", "EMBED")


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def book(database: Database, clock: FrozenClock) -> TaskBook:
    return TaskBook(database, clock)


async def leave(database: Database, book: TaskBook, *keys: str) -> None:
    async with database.write() as connection:
        await book.add(connection, [Task(kind="WRITE", key=key, payload={"about": key}) for key in keys])


async def begin(book: TaskBook, worker: str = "one") -> Start:
    """Begin the only task."""
    (ticket,) = await book.hand_out(KINDS, "token", 10)
    start = await book.begin(ticket.run, worker)
    assert start
    return start


async def only(book: TaskBook) -> TaskRecord:
    (record,) = (await book.list(TaskQuery())).tasks
    return record


async def test_a_task_that_is_left_in_a_transaction_that_fails_was_never_left(
    database: Database, book: TaskBook
) -> None:
    with suppress(ValueError):
        async with database.write() as connection:
            assert await book.add(connection, [Task(kind="WRITE", key="a")]) == 1
            raise ValueError("changed my mind")
    assert (await book.list(TaskQuery())).total == 0


async def test_the_same_task_is_handed_out_once(database: Database, book: TaskBook) -> None:
    await leave(database, book, "a", "b")
    assert [ticket.run for ticket in await book.hand_out(KINDS, "first", 10)] == ["1-first", "2-first"]
    assert await book.hand_out(KINDS, "second", 10) == []
    assert await book.waiting(KINDS) == {"WRITE"}
    assert await book.waiting(["EMBED"]) == set()


async def test_who_was_slow_may_not_say_how_a_task_ended_that_another_has_begun(
    database: Database, book: TaskBook
) -> None:
    await leave(database, book, "a")
    slow = await begin(book)
    quick = await book.begin("1-token", "two")
    assert quick
    assert not await book.complete(slow)
    assert not await book.fail(slow, "too late", None)
    assert await book.complete(quick)
    record = await only(book)
    assert (record.status, record.worker, record.attempt, record.interruptions) == ("completed", "two", 1, 1)


async def test_a_run_that_the_engine_has_lost_counts_as_no_attempt(database: Database, book: TaskBook) -> None:
    await leave(database, book, "a")
    await begin(book)
    assert await book.handed_out(KINDS, 0, 10) == [(1, "1-token")]
    assert await book.take_back(["1-token"]) == 1
    assert await book.begin("1-token", "one") is None
    start = await begin(book)
    assert (start.task.attempt, start.interruptions) == (1, 1)


async def test_what_failed_is_due_after_its_pause(database: Database, book: TaskBook, clock: FrozenClock) -> None:
    await leave(database, book, "a")
    assert await book.fail(await begin(book), "no\0 ink", 30.0)
    (ticket,) = await book.hand_out(KINDS, "again", 10)
    assert ticket.due_at == clock.now() + timedelta(seconds=30)
    assert (await only(book)).error == "no ink"


async def test_only_what_has_failed_can_be_retried_and_what_is_over_cannot_be_dropped(
    database: Database, book: TaskBook
) -> None:
    await leave(database, book, "a")
    with pytest.raises(Conflict, match="task 1 is pending; only a task that has failed"):
        await book.retry(TaskRef(id=1))
    with pytest.raises(NotFound, match="unknown task 7"):
        await book.drop(TaskRef(id=7))
    await book.fail(await begin(book), "no ink", None)
    await book.retry(TaskRef(id=1))
    start = await begin(book)
    assert start.task.attempt == 1
    with pytest.raises(Conflict, match="task 1 is processing"):
        await book.drop(TaskRef(id=1))
    await book.fail(start, "no ink", None)
    await book.drop(TaskRef(id=1))
    record = await only(book)
    assert (record.status, record.payload) == ("dropped", {})


async def test_what_is_discarded_is_not_done_any_more(database: Database, book: TaskBook) -> None:
    await leave(database, book, "a", "b")
    await book.hand_out(KINDS, "token", 10)
    assert await book.discard(["a", "unknown"]) == 1
    assert await book.begin("1-token", "one") is None
    assert await book.begin("2-token", "one")


async def test_what_is_over_for_long_is_forgotten(database: Database, book: TaskBook, clock: FrozenClock) -> None:
    await leave(database, book, "a")
    await book.complete(await begin(book))
    clock.advance(3600)
    assert await book.expire(timedelta(hours=2)) == 0
    assert await book.expire(timedelta(minutes=30)) == 1


async def test_the_queue_is_told_in_figures(database: Database, book: TaskBook, clock: FrozenClock) -> None:
    await leave(database, book, "a")
    await book.complete(await begin(book))
    await leave(database, book, "b", "c")
    clock.advance(90)
    status = await queue_status(database, clock, most_waiting=1)
    assert [(count.kind, count.status, count.tasks) for count in status.counts] == [
        ("WRITE", "completed", 1),
        ("WRITE", "pending", 2),
    ]
    assert (status.pending, status.oldest_pending_s, status.completed_last_minute) == (2, 90.0, 0)
    assert (status.completed_last_hour, status.alert) == (1, "2 tasks wait, more than 1")


async def test_the_view_of_older_programs_has_their_columns(database: Database, book: TaskBook) -> None:
    await leave(database, book, "a")
    await book.fail(await begin(book), "no ink", None)
    async with database.read() as connection:
        rows = (await connection.execute(text("SELECT * FROM maintenance_queue"))).mappings().all()
    expected = ["id", "task_type", "task_data", "priority", "status", "created_at", "processed_at", "error_message"]
    assert list(rows[0]) == expected
    assert (rows[0]["task_type"], rows[0]["status"], rows[0]["error_message"]) == ("WRITE", "failed", "no ink")
