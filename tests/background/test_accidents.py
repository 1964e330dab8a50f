"""Processes are killed at any moment and the server is restarted: each task has its effect once, and none is lost."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from greenroom.background.book import TaskBook
from greenroom.background.standing import queue_status
from greenroom.clock import SYSTEM_CLOCK
from greenroom.errors import GreenroomError, Unavailable
from greenroom.model import Task
from greenroom.storage.database import Database
from tests.background.history import complaints
from tests.background.workers import Nursery, kill, prepare_effects
from tests.servers import PostgreSQL, postgresql_folder
from tests.sizes import sized

TASKS = sized(80, 2000)
KILLS = sized(5, 200)
RESTARTS_S = (sized(2, 5), sized(3, 40))
ROUNDS = sized(2, 50)


async def leave(database: Database, keys: Sequence[str]) -> None:
    async with database.write() as connection:
        tasks = [Task(kind="WRITE", key=key, payload={"of": key}, priority=len(key)) for key in keys]
        await TaskBook(database, SYSTEM_CLOCK).add(connection, tasks)


async def leave_surely(database: Database, keys: Sequence[str]) -> None:
    """Leave tasks, and again where the server was away: a key that is known is not taken twice."""
    while True:
        try:
            return await leave(database, keys)
        except Unavailable:
            await asyncio.sleep(0.2)


async def wait_until_all_is_over(database: Database) -> None:
    """Wait as long as it goes on: until nothing is open, or nothing has changed for two minutes."""
    before, unchanged = None, 0
    while unchanged < 240:
        await asyncio.sleep(0.5)
        try:
            counts = (await queue_status(database, SYSTEM_CLOCK, 10**6)).counts
        except GreenroomError:
            continue
        if not any(count.status in ("pending", "processing") for count in counts):
            return
        unchanged, before = (unchanged + 1, before) if counts == before else (0, counts)
    raise AssertionError(f"nothing changes any more: {before}")


@pytest.mark.timeout(0)
async def test_two_machines_that_are_killed_and_a_server_that_is_restarted_lose_nothing() -> None:
    binaries = postgresql_folder()
    if binaries is None:
        pytest.skip("no PostgreSQL server is installed (apt-get install postgresql)")
    chance = random.Random(16)
    keys = [f"{'x' * chance.randrange(5)}{number}" for number in range(TASKS)]
    with PostgreSQL(binaries) as server, Nursery() as nursery:
        async with Database(server.url) as database:
            await prepare_effects(database)
            machines = [nursery.worker(server.url, f"machine {number}") for number in range(2)]
            restarting = asyncio.create_task(restart_now_and_then(server, random.Random(19)))
            for number in range(KILLS):
                await leave_surely(database, keys[number::KILLS])  # little by little: each kill strikes work
                await asyncio.sleep(chance.uniform(0.2, 3.0))
                which = chance.randrange(2)
                kill(machines[which])
                machines[which] = nursery.worker(server.url, f"machine {which}")
            await wait_until_all_is_over(database)
            restarting.cancel()
            await asyncio.wait([restarting])
            await asyncio.to_thread(server.start)
            assert await complaints(database, keys) == []


async def restart_now_and_then(server: PostgreSQL, chance: random.Random) -> None:
    while True:
        await asyncio.sleep(chance.uniform(*RESTARTS_S))
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(server.start)
        if RESTARTS_S[1] < 5:
            return


@pytest.mark.timeout(0)
async def test_a_process_that_is_killed_again_and_again_loses_nothing(tmp_path: Path) -> None:
    chance = random.Random(17)
    url = f"sqlite:///{tmp_path / 'greenroom.db'}"
    keys = [str(number) for number in range(20 * ROUNDS)]
    with Nursery() as nursery:
        async with Database(url) as database:
            await prepare_effects(database)
        for round_ in range(ROUNDS):
            async with Database(url) as database:
                await leave(database, keys[20 * round_ : 20 * (round_ + 1)])
            worker = nursery.worker(url, "here")
            await asyncio.sleep(chance.uniform(0.1, 3.0))
            kill(worker)
        nursery.worker(url, "here")
        async with Database(url) as database:
            await wait_until_all_is_over(database)
            assert await complaints(database, keys) == []
