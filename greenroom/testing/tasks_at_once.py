"""Background work without an engine: what waits is done when the test says so, in the test's own task."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.background import Handler
from greenroom.model import Task


class TasksAtOnce:
    """A `TaskQueue` for tests. `failed` holds the tasks whose handlers raised, with what they raised."""

    def __init__(self) -> None:
        self.waiting: list[Task] = []
        self.failed: list[tuple[Task, Exception]] = []
        self._known: set[str] = set()
        self._handlers: dict[str, Handler] = {}

    def handle(self, kind: str, handler: Handler, /, **_: Any) -> None:
        """Say who does the tasks of a kind. Limits and patience mean nothing here."""
        self._handlers[kind] = handler

    async def enqueue(self, task: Task, /) -> bool:
        """Leave a task; false when its key is known already."""
        if task.key in self._known:
            return False
        self._known.add(task.key)
        self.waiting.append(task)
        return True

    async def enqueue_within(self, connection: AsyncConnection, tasks: Sequence[Task], /) -> int:
        """Leave tasks. They stay, whatever becomes of the transaction."""
        return sum([await self.enqueue(task) for task in tasks])

    async def discard(self, keys: Iterable[str], /) -> int:
        """Drop those that wait."""
        gone = set(keys)
        left = [task for task in self.waiting if task.key not in gone]
        dropped, self.waiting = len(self.waiting) - len(left), left
        return dropped

    async def run(self) -> None:
        """Do what waits, the smallest priority first, and what comes meanwhile; each once, also what fails."""
        while self.waiting:
            task = min(self.waiting, key=lambda waiting: waiting.priority)
            self.waiting.remove(task)
            try:
                await self._handlers[task.kind](task.model_copy(update={"attempt": 1}))
            except Exception as exc:
                self.failed.append((task, exc))
