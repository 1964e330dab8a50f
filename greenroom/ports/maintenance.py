"""The work that is done in the background."""

from typing import Protocol

from greenroom.at import at
from greenroom.model import Nothing, QueueStatus, TaskPage, TaskQuery, TaskRef


class Maintenance(Protocol):
    """The work that is done in the background, for those who look after it."""

    @at("GET /maintenance/queue-status")
    async def queue_status(self, nothing: Nothing, /) -> QueueStatus:
        """Tell how it goes: how many tasks there are of each kind and status, how long they wait, what was done."""
        ...

    @at("GET /maintenance/tasks")
    async def tasks(self, query: TaskQuery, /) -> TaskPage:
        """List tasks, newest first; dead letters are those with the status `failed`."""
        ...

    @at("POST /maintenance/tasks/{id}/retry", repeatable=False)
    async def retry(self, which: TaskRef, /) -> Nothing:
        """Let a dead letter be tried anew. Raises: NotFound; Conflict, for a task that has not failed."""
        ...

    @at("DELETE /maintenance/tasks/{id}")
    async def drop(self, which: TaskRef, /) -> Nothing:
        """Give up a task that waits or has failed. Raises: NotFound; Conflict, for one that is begun or over."""
        ...
