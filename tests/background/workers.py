"""Processes that do background work, and can be killed; and the effects that their tasks leave."""

import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Column, Integer, MetaData, Table, Text, select

from greenroom.model import Task
from greenroom.storage.database import Database
from greenroom.storage.upsert import add_new

LEASE_S = 2.0

_metadata = MetaData()
left = Table(
    "effects", _metadata, Column("id", Integer, primary_key=True), Column("key", Text, nullable=False, unique=True)
)

_PROGRAM = """
import asyncio, sys
from greenroom.background import BackgroundWork
from greenroom.clock import SYSTEM_CLOCK
from greenroom.config import BackgroundSettings
from greenroom.storage.database import Database
from tests.background.workers import LEASE_S, leave_effect

async def work(url, owner, seconds):
    async with Database(url) as database:
        async def write(task):
            print("begun", flush=True)
            await asyncio.sleep(float(seconds))
            await leave_effect(database, task)
            print("left", flush=True)

        settings = BackgroundSettings(look_every_s=0.1, lease_s=LEASE_S)
        background = BackgroundWork(database, settings, SYSTEM_CLOCK, owner)
        background.handle("WRITE", write, at_once=3)
        async with background:
            await asyncio.Event().wait()

asyncio.run(work(*sys.argv[1:]))
"""


class Worker:
    """A process that does tasks of the kind WRITE, each of which takes so many `seconds`."""

    def __init__(self, url: str, owner: str, seconds: float = 0.05) -> None:
        command = [sys.executable, "-c", _PROGRAM, url, owner, str(seconds)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2], text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        assert self._process.stdout
        self._process.stdout.close()

    def wait_for_begun(self, times: int) -> None:
        """Wait until so many tasks have begun here."""
        self._wait_for("begun", times)

    def wait_for_effects(self, times: int) -> None:
        """Wait until so many tasks have had their effect here."""
        self._wait_for("left", times)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait()

    def _wait_for(self, word: str, times: int) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            times -= line.strip() == word
            if times <= 0:
                return
        raise AssertionError("the worker ended by itself")


async def leave_effect(database: Database, task: Task) -> None:
    """What a task is for: a row that says that it was done."""
    async with database.write() as connection:
        await connection.run_sync(_metadata.create_all)
        await add_new(connection, left, [{"key": task.key}])


async def effects(database: Database) -> list[str]:
    """What has been done."""
    async with database.read() as connection:
        return list(await connection.scalars(select(left.c.key)))
