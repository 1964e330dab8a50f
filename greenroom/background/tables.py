"""The tables of the background work: what is to be done and what became of it, and who is at it.

`run` is the name under which a task was handed to the engine, as long as it is there; `starts` counts how often it was
begun and is the token without which nobody may say how it ended. Each worker of a shared server counts `beats`.
"""

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text

from greenroom.storage.columns import Moment, json_column

metadata = MetaData()

background_tasks = Table(
    "background_tasks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("payload", json_column(), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("cause", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("interruptions", Integer, nullable=False),
    Column("starts", Integer, nullable=False),
    Column("run", Text, unique=True),
    Column("worker", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("started_at", Moment),
    Column("finished_at", Moment),
    Index("background_tasks_standing", "status", "kind", "priority", "id"),
    Index("background_tasks_finished", "finished_at"),
    sqlite_autoincrement=True,
)

background_workers = Table(
    "background_workers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("beats", Integer, nullable=False),
    Column("seen_at", Moment, nullable=False),
)
