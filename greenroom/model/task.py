"""Work that is done in the background: once, also over the end of the process."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue, StringConstraints

from greenroom.model.value import Key, Moment, Page, Value

TaskStatus = Literal["pending", "processing", "completed", "failed", "dropped"]
"""`failed` is a dead letter: every attempt failed, and it waits for somebody to retry or drop it."""

TaskKind = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z_]{0,49}$")]


class Task(Value):
    """Something to be done. `key` says what: a task whose key is known already is not taken a second time.

    `payload` names what the work is about; it is emptied when the work is done, and should hold names of things rather
    than what people said. Those with the smallest `priority` are begun first. `cause` is why, for people. Whoever does
    the work finds in it the task's `id`, and in `attempt` which try this is, from 1.
    """

    kind: TaskKind
    key: Key
    payload: dict[str, JsonValue] = {}
    priority: int = Field(50, ge=0, le=1000)
    cause: str = Field("", max_length=200)
    id: int = 0
    attempt: int = 0


class TaskRecord(Task):
    """What is known of a task. `interruptions` counts how often the process ended while it was at it."""

    status: TaskStatus
    interruptions: int = 0
    worker: str = ""
    error: str = ""
    created_at: Moment
    due_at: Moment | None = None
    started_at: Moment | None = None
    finished_at: Moment | None = None


class TaskQuery(Page):
    """Which tasks are wanted, newest first; all kinds, and whatever their status, unless these are named."""

    kind: str = ""
    status: TaskStatus | None = None


class TaskPage(Value):
    """Tasks. `total` counts all that the query means."""

    tasks: tuple[TaskRecord, ...]
    total: int


class TaskRef(Value):
    """One task."""

    id: int


class TaskCount(Value):
    """How many tasks of a kind have a status."""

    kind: str
    status: TaskStatus
    tasks: int


class QueueStatus(Value):
    """How the background work goes. `alert` says what a person should look at; empty when all is well."""

    counts: tuple[TaskCount, ...] = ()
    pending: int = 0
    failed: int = 0
    oldest_pending_s: float = 0.0
    completed_last_minute: int = 0
    completed_last_hour: int = 0
    failed_last_hour: int = 0
    alert: str = ""
