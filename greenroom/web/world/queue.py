"""What the house still has to do for the worlds, what came to nothing, and a push for those who are off scene."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from greenroom.model import Nothing, QueueStatus, TaskPage, TaskQuery, TaskRecord, TaskRef, TaskStatus, WorldRef
from greenroom.web.backstage import Backstage
from greenroom.web.card import Card
from greenroom.web.figures import big, count, facts
from greenroom.web.look import box, button, moment, text
from greenroom.web.notices import Notices

_LOOK_S = 2.0
_LETTERS = 20

_KINDS = {
    "ANALYZE_TURN": "Reading a turn",
    "CREATE_ENTITY": "A new entry",
    "UPDATE_NOTE": "News for a note",
    "REWRITE_NOTE": "A note in other words",
    "EMBED_ENTITY": "Putting into the library",
    "SIMULATE_WORLD": "Lives off scene",
    "CRAWL": "Reading for the library",
}
_STATUS: dict[TaskStatus, str] = {
    "pending": "waiting",
    "processing": "under way",
    "completed": "done",
    "failed": "failed",
    "dropped": "dropped",
}

Act = Callable[[], Awaitable[None]]


class _Queue(NamedTuple):
    status: QueueStatus
    failed: TaskPage


class QueueCard:
    """How the background work goes. `world_id` tells which world is looked at."""

    def __init__(self, backstage: Backstage, notices: Notices, world_id: Callable[[], str]) -> None:
        self._world, self._maintenance = backstage.world, backstage.maintenance
        self._notices, self._world_id = notices, world_id
        self._card = Card("Work in the background", "card-queue", self._ask, self._draw, look_s=_LOOK_S)
        with self._card.frame:
            button("Let those off scene go on", notices.guarded(self._simulate), testid="simulate")

    async def _ask(self) -> _Queue:
        status = await self._maintenance.queue_status(Nothing())
        failed = await self._maintenance.tasks(TaskQuery(status="failed", limit=_LETTERS))
        oldest = status.oldest_pending_s // 10 * 10  # or the card would be drawn anew all the time
        return _Queue(status.model_copy(update={"oldest_pending_s": oldest}), failed)

    def _draw(self, queue: _Queue) -> None:
        status = queue.status
        big(
            f"{status.pending:,}",
            "waiting to be done" if status.pending else "Nothing waits: all that was said is read.",
        )
        if status.alert:
            text(status.alert, "g-problem", testid="queue-alert")
        facts(
            {
                "The oldest waits": f"{status.oldest_pending_s:,.0f} s" if status.oldest_pending_s else "",
                "Done": f"{status.completed_last_minute:,} in a minute, {status.completed_last_hour:,} in an hour",
                "Failed": f"{status.failed_last_hour:,} in an hour" if status.failed_last_hour else "",
                **_by_kind(status),
            }
        )
        if queue.failed.total:
            text(f"{count(queue.failed.total, 'task')} came to nothing", tag="h3")
        for task in queue.failed.tasks:
            self._letter(task)

    def _letter(self, task: TaskRecord) -> None:
        with box("g-passage", testid=f"task-{task.id}"):
            with box("g-attempt-head"):
                text(_KINDS.get(task.kind, task.kind), "g-strong", "span")
                moment(task.finished_at or task.created_at)
            text(" · ".join(filter(None, (task.cause, f"tried {task.attempt} times"))), "g-dim")
            text(task.error, "g-problem")
            with box("g-row"):
                button("Try again", self._then_look(lambda: self._retry(task)), testid="retry-task")
                button("Drop", self._then_look(lambda: self._drop(task)), "g-quiet", testid="drop-task")

    def _then_look(self, act: Act) -> Act:
        async def run() -> None:
            await act()
            await self._card.look()

        return self._notices.guarded(run)

    async def _retry(self, task: TaskRecord) -> None:
        await self._maintenance.retry(TaskRef(id=task.id))

    async def _drop(self, task: TaskRecord) -> None:
        await self._maintenance.drop(TaskRef(id=task.id))

    async def _simulate(self) -> None:
        begun = await self._world.trigger_simulation(WorldRef(world_id=self._world_id()))
        self._notices.tell(
            "What those off scene do meanwhile shows here in a moment."
            if begun.tasks
            else "They are at it already, or nobody is off scene."
        )


def _by_kind(status: QueueStatus) -> dict[str, str]:
    """Each kind of task with how many there are of each status."""
    found: dict[str, list[str]] = {}
    for one in status.counts:
        found.setdefault(_KINDS.get(one.kind, one.kind), []).append(f"{one.tasks:,} {_STATUS[one.status]}")
    return {kind: ", ".join(parts) for kind, parts in found.items()}
