"""The work in the background as those see it who look after it."""

import pytest

from greenroom.background import BackgroundWork
from greenroom.background.book import TaskBook
from greenroom.clock import SYSTEM_CLOCK
from greenroom.config import BackgroundSettings
from greenroom.errors import Conflict, NotFound, Overloaded
from greenroom.model import Nothing, Task, TaskQuery, TaskRef
from greenroom.ports import Maintenance
from greenroom.storage.database import Database
from tests.conftest import Reach


@pytest.fixture
def work(database: Database) -> BackgroundWork:
    """Work that nobody does: it is not entered."""
    return BackgroundWork(database, BackgroundSettings(most_waiting=2), SYSTEM_CLOCK, "here")


async def test_dead_letters_are_listed_retried_and_dropped(
    database: Database, work: BackgroundWork, reach: Reach
) -> None:
    maintenance = await reach(Maintenance, work)
    for key in ("one", "two"):
        await work.enqueue(Task(kind="WRITE", key=key))
        book = TaskBook(database, SYSTEM_CLOCK)
        (ticket,) = await book.hand_out(["WRITE"], key, 1)
        start = await book.begin(ticket.run, "here")
        assert start
        await book.fail(start, "no ink", None)
    page = await maintenance.tasks(TaskQuery(status="failed", limit=1))
    assert ([(task.key, task.error) for task in page.tasks], page.total) == ([("two", "no ink")], 2)
    await maintenance.retry(TaskRef(id=1))
    await maintenance.drop(TaskRef(id=2))
    status = await maintenance.queue_status(Nothing())
    assert [(count.status, count.tasks) for count in status.counts] == [("dropped", 1), ("pending", 1)]
    with pytest.raises(Conflict):
        await maintenance.retry(TaskRef(id=2))
    with pytest.raises(NotFound):
        await maintenance.drop(TaskRef(id=3))


async def test_a_queue_beyond_its_bound_is_told_where_health_is(work: BackgroundWork) -> None:
    for key in ("one", "two"):
        await work.enqueue(Task(kind="WRITE", key=key))
    await work.ping()
    await work.enqueue(Task(kind="WRITE", key="three"))
    with pytest.raises(Overloaded, match="3 tasks wait, more than 2"):
        await work.ping()
