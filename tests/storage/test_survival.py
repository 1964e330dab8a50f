"""What has been committed stays: the program is killed, the disk is full."""

import itertools
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from greenroom.errors import StorageFull
from greenroom.storage.database import Database
from tests.storage.letters import keep, kept

WRITER = """
import asyncio, itertools, sys
from greenroom.storage.database import Database
from tests.storage.letters import keep

async def write_pairs(url, round):
    async with Database(url) as database:
        for number in itertools.count():
            await keep(database, f"{round} {number} a", f"{round} {number} b", detail="x" * 5000)
            print(f"{round} {number}", flush=True)

asyncio.run(write_pairs(*sys.argv[1:]))
"""


async def test_a_killed_program_leaves_each_transaction_whole_or_not_at_all(database_url: str) -> None:
    for name, lines in (("first", 1), ("second", 20)):
        said = said_before_it_was_killed(database_url, name, lines)
        async with Database(database_url) as database:
            names = await kept(database)
        assert {f"{pair} {half}" for pair in said for half in "ab"} <= names
        assert {name[:-1] + "b" for name in names} == {name[:-1] + "b" for name in names if name.endswith("a")}
    if database_url.startswith("sqlite"):
        assert await integrity(database_url) == "ok"


def said_before_it_was_killed(url: str, name: str, lines: int) -> list[str]:
    """Let a process write, kill it in the middle, and give the pairs that it called committed."""
    command = [sys.executable, "-c", WRITER, url, name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2], text=True) as process:
        assert process.stdout is not None
        said = list(itertools.islice(process.stdout, lines))
        process.kill()
        return [line.strip() for line in [*said, *process.stdout] if line.endswith("\n")]


async def test_a_full_disk_is_said_and_nothing_that_was_kept_is_lost(small_disk: Path) -> None:
    url = f"sqlite:///{small_disk / 'greenroom.db'}"
    written: set[str] = set()
    async with Database(url) as database:
        with pytest.raises(StorageFull):
            await keep_noting(database, written)
        assert len(written) > 5
        assert await kept(database) == written
        with pytest.raises(StorageFull):
            await keep(database, "one more", detail="x" * 500_000)
        await database.ping()
    async with Database(url) as database:
        assert await kept(database) == written
    assert await integrity(url) == "ok"


async def keep_noting(database: Database, written: set[str]) -> None:
    """Write without end."""
    for number in itertools.count():
        await keep(database, f"{number}", detail="x" * 50_000)
        written.add(f"{number}")


async def test_writing_goes_on_by_itself_when_there_is_room_again(small_disk: Path) -> None:
    async with Database(f"sqlite:///{small_disk / 'greenroom.db'}") as database:
        await keep(database, "before")
        fill(small_disk)
        with pytest.raises(StorageFull):
            await keep(database, "meanwhile", detail="x" * 100_000)
        (small_disk / "filler").unlink()
        await keep(database, "after")
        assert await kept(database) == {"before", "after"}


async def test_a_start_on_a_full_disk_says_so(small_disk: Path) -> None:
    fill(small_disk)
    with pytest.raises(StorageFull):
        await Database(f"sqlite:///{small_disk / 'greenroom.db'}").__aenter__()


def fill(folder: Path) -> None:
    """Leave no room on the disk of a folder."""
    with (folder / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(b"x" * 4096)


async def integrity(url: str) -> str:
    async with Database(url) as database, database.read() as connection:
        return str(await connection.scalar(text("PRAGMA integrity_check")))
