"""What the services see of the background work, and how each kind of task is to be handled."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.config import Backoff
from greenroom.model import Task

Handler = Callable[[Task], Awaitable[None]]
"""Does a task. It may be called twice for the same key (the process may end before its success is noted), so that its
effect must be one that happens once. What it raises is a failed attempt."""


@dataclass(frozen=True)
class Handling:
    """How tasks of one kind are done."""

    handler: Handler
    at_once: int
    per_minute: int | None
    backoff: Backoff


class TaskQueue(Protocol):
    """Where services leave what is to be done later."""

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
        """Say who does the tasks of a kind, how many at a time, how many a minute, and with how much patience.

        After `attempts` failures a task is a dead letter; between them it rests for `base_s`, each time `backoff`
        times as long, at most `max_s` (seconds).
        """
        ...

    async def enqueue(self, task: Task, /) -> bool:
        """Leave a task; false when its key is known already. Raises: Unavailable; StorageFull."""
        ...

    async def enqueue_within(self, connection: AsyncConnection, tasks: Sequence[Task], /) -> int:
        """Leave tasks in a transaction of the caller, which they share; how many of them are new."""
        ...

    async def discard(self, keys: Iterable[str], /) -> int:
        """Drop those that wait or have failed: what they are about is no more. How many there were."""
        ...
