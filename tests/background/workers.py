"""Processes that do background work and can be killed at any moment, and what their tasks leave behind.

They are children of a process that has imported everything already, so that the next one is there at once.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Column, Integer, MetaData, Table, Text, insert, select, update

from greenroom.background import BackgroundWork
from greenroom.clock import SYSTEM_CLOCK
from greenroom.config import BackgroundSettings
from greenroom.errors import GreenroomError
from greenroom.model import Task
from greenroom.storage.database import Database
from greenroom.storage.upsert import add_new

LEASE_S = 2.0
AT_ONCE = 6
_WAIT_S = 120.0

metadata = MetaData()
effects_left = Table(
    "effects_left",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
)
effects_counted = Table(
    "effects_counted", metadata, Column("id", Integer, primary_key=True), Column("count", Integer, nullable=False)
)

_NURSERY = """
import asyncio, json, os, signal, sys
import dbos, psycopg  # so that the children need not
from tests.background.workers import be_a_worker

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        os.dup2(2, 1)
        try:
            asyncio.run(be_a_worker(*json.loads(line)))
        finally:
            os._exit(1)
    print(child, flush=True)
"""


class Nursery:
    """Where workers come from. Those that are left are killed at the end."""

    def __init__(self) -> None:
        command = [sys.executable, "-c", _NURSERY]
        root = Path(__file__).parents[2]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root, text=True, start_new_session=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()

    def worker(self, url: str, owner: str, seconds: float = 0.05) -> int:
        """Start a process that does tasks of the kind WRITE, each of which takes about so long; its number."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([url, owner, seconds]) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def kill(worker: int) -> None:
    """End a process as a power cut would."""
    os.kill(worker, signal.SIGKILL)
    until = time.monotonic() + _WAIT_S
    while Path(f"/proc/{worker}").exists() and time.monotonic() < until:
        time.sleep(0.005)


async def be_a_worker(url: str, owner: str, seconds: float) -> None:
    """Do tasks until somebody ends this; begin anew where the database was away."""
    while True:
        try:
            await _work(url, owner, seconds)
        except GreenroomError:
            await SYSTEM_CLOCK.sleep(0.2)


async def _work(url: str, owner: str, seconds: float) -> None:
    async with Database(url) as database:

        async def write(task: Task) -> None:
            await SYSTEM_CLOCK.sleep(seconds)
            await leave_effect(database, task)
            await SYSTEM_CLOCK.sleep(seconds)

        settings = BackgroundSettings(look_every_s=0.1, lease_s=LEASE_S)
        background = BackgroundWork(database, settings, SYSTEM_CLOCK, owner)
        background.handle("WRITE", write, at_once=AT_ONCE, attempts=100, base_s=0.05, max_s=1.0)
        async with background:
            await SYSTEM_CLOCK.sleep(86_400)


async def prepare_effects(database: Database) -> None:
    """Make room for what tasks leave behind."""
    async with database.write() as connection:
        await connection.run_sync(metadata.create_all)
        await connection.execute(insert(effects_counted).values(id=1, count=0))


async def leave_effect(database: Database, task: Task) -> None:
    """What a task is for: something is counted, once under its key."""
    async with database.write() as connection:
        if await add_new(connection, effects_left, [{"key": task.key}]):
            await connection.execute(update(effects_counted).values(count=effects_counted.c.count + 1))


async def effects(database: Database) -> list[str]:
    """The keys under which something was counted."""
    async with database.read() as connection:
        return list(await connection.scalars(select(effects_left.c.key)))
