"""The cache on the disk keeps within its budget, survives whatever happens to its file, and never fails its caller."""

import asyncio
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from greenroom.errors import Conflict, InvalidInput, NotFound, StorageFailed
from greenroom.storage.disk_cache import DiskCache
from greenroom.storage.recalls import Recalls
from greenroom.testing import FrozenClock
from tests.sizes import sized
from tests.waiting import come_true, until

BUDGET = 10_000_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept.db"


def cache(file: Path, clock: FrozenClock | None = None, budget_bytes: int = BUDGET, **settings: Any) -> DiskCache:
    return DiskCache(file, budget_bytes, clock or FrozenClock(), **settings)


async def usable(disk: DiskCache) -> None:
    """Wait for a file that takes longer to open than anybody is made to wait."""

    async def answers() -> bool:
        with suppress(StorageFailed):
            await disk.ping()
            return True
        return False

    await come_true(answers)


async def entries(disk: DiskCache) -> int:
    return (await disk.size())[0]


async def test_a_value_is_there_at_once_and_after_a_restart(file: Path) -> None:
    async with cache(file) as disk:
        assert await disk.get("brian") is None
        await disk.set("brian", b"martini", 60)
        assert await disk.get("brian") == b"martini"
    async with cache(file) as disk:
        assert await disk.get("brian") == b"martini"
        await disk.set("brian", b"water", 60)
        await disk.delete("brian")
        assert await disk.get("brian") is None
        assert await entries(disk) == 0
        await disk.ping()


async def test_a_value_is_forgotten_after_its_time(file: Path) -> None:
    clock = FrozenClock()
    async with cache(file, clock) as disk:
        await disk.set("soon", b"1", 10)
        await disk.set("later", b"2", 1000)
        await disk.size()
        clock.advance(11)
        assert (await disk.get("soon"), await disk.get("later")) == (None, b"2")
        await disk.set("new", b"3", 1000)
        await disk.size()
        await until(lambda: _rows(file) == ["later", "new"])


async def test_what_was_used_last_stays_when_the_budget_is_spent(file: Path) -> None:
    clock = FrozenClock()
    async with cache(file, clock, budget_bytes=1_000_000) as disk:
        await disk.set("first", b"x" * 1000, 1e6)
        await disk.size()
        for number in range(3000):
            clock.advance(1)
            await disk.set(str(number), b"x" * 1000, 1e6)
            if number % 100 == 0:
                clock.advance(700)
                assert await disk.get("first") is not None
                await disk.size()
        await disk.size()
        await until(lambda: _used_bytes(file) <= 1_000_000)
        assert await disk.get("first") is not None
        assert await disk.get("0") is None
        assert await disk.get("2999") is not None


async def test_clearing_takes_what_begins_so_and_spares_the_rest(file: Path) -> None:
    async with cache(file) as disk:
        for number in range(500):
            await disk.set(f"a:old:{number}", b"1", 60)
        await disk.size()
        for key in ("a:new:1", "b:old:1"):
            await disk.set(key, b"1", 60)
        await disk.set("a:old:waiting", b"1", 60)
        await disk.clear("a:", but="a:new:")
        await disk.size()
        assert _rows(file) == ["a:new:1", "b:old:1"]


async def test_what_is_deleted_is_gone_for_all_who_have_the_file_when_that_is_done(file: Path) -> None:
    async with cache(file) as disk, cache(file) as other:
        await disk.set("brian", b"martini", 60)
        await disk.size()
        assert await other.get("brian") == b"martini"
        await disk.delete("brian")
        assert await other.get("brian") is None


async def test_what_waits_to_be_written_when_something_is_recalled_is_not_written(file: Path, tmp_path: Path) -> None:
    async with (
        Recalls(tmp_path / "recalls") as own,
        Recalls(tmp_path / "recalls") as others,
        DiskCache(file, BUDGET, FrozenClock(), recalls=own) as disk,
    ):
        await disk.set("brian", b"martini", 60)
        others.announce()
        assert await disk.get("brian") is None
        await disk.set("lois", b"water", 60)
        assert await entries(disk) == 1
        assert [await disk.get(key) for key in ("brian", "lois")] == [None, b"water"]


async def test_a_deletion_holds_also_where_the_value_that_came_after_it_is_not_written(
    file: Path, tmp_path: Path
) -> None:
    async with (
        Recalls(tmp_path / "recalls") as own,
        Recalls(tmp_path / "recalls") as others,
        DiskCache(file, BUDGET, FrozenClock(), recalls=own) as disk,
    ):
        await disk.set("brian", b"martini", 60)
        await disk.size()
        deleting = [asyncio.create_task(disk.delete(key)) for key in ("lois", "brian")]
        await asyncio.sleep(0)  # the first is being written, and the second waits for it
        await disk.set("brian", b"water", 60)
        assert await disk.get("brian") == b"water"
        others.announce()
        await asyncio.gather(*deleting)
        assert await entries(disk) == 0


async def test_what_could_not_be_deleted_is_not_given_and_deleted_later(tmp_path: Path) -> None:
    away, folder = tmp_path / "away", tmp_path / "house"
    away.mkdir()
    async with cache(away / "kept.db") as disk:
        for key in ("brian", "peter 1", "peter 2", "lois"):
            await disk.set(key, b"martini", 60)
    async with Recalls(tmp_path / "recalls") as recalls:
        disk = DiskCache(folder / "kept.db", BUDGET, FrozenClock(), recalls=recalls, rest_s=0.01)
        async with disk:
            await disk.delete("brian")
            await disk.clear("peter")
            before = recalls.latest()
            away.rename(folder)
            assert [await disk.get(key) for key in ("brian", "peter 1")] == [None, None]
            await until(lambda: recalls.latest() != before)
            assert [await disk.get(key) for key in ("brian", "peter 1", "lois")] == [None, None, b"martini"]
            assert _rows(folder / "kept.db") == ["lois"]


async def test_what_waits_to_be_written_is_bounded(file: Path) -> None:
    async with cache(file, waiting_bytes=10_000) as disk:
        for number in range(20):
            await disk.set(str(number), b"x" * 1000, 60)
        assert disk.dropped == 10


@pytest.mark.parametrize("content", [b"not a database" * 100, b""], ids=["text", "empty"])
async def test_a_file_that_is_something_else_is_set_aside(file: Path, content: bytes) -> None:
    _write(file, content)
    async with cache(file) as disk:
        await disk.set("brian", b"martini", 60)
        assert await disk.get("brian") == b"martini"
        if content:
            with pytest.raises(StorageFailed, match="set aside"):
                await disk.ping()
            assert _content(file.with_name("kept.db.damaged")) == content


async def test_another_programs_database_is_set_aside_whole(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE mine (secret)")
    connection.close()
    async with cache(file) as disk:
        await disk.set("brian", b"martini", 60)
        assert await disk.get("brian") == b"martini"
    connection = sqlite3.connect(file.with_name("kept.db.damaged"))
    assert connection.execute("SELECT count(*) FROM mine").fetchone() == (0,)
    connection.close()


@pytest.mark.parametrize("seed", range(sized(20, 1000)))
async def test_flipped_pages_never_stop_the_house(file: Path, seed: int) -> None:
    async with cache(file) as disk:
        for number in range(300):
            await disk.set(str(number), bytes([number % 256]) * 700, 60)
    content, chance = bytearray(_content(file)), random.Random(seed)
    for _ in range(5):
        at = chance.randrange(len(content) // 4096) * 4096
        content[at : at + 4096] = chance.randbytes(4096)
    _write(file, content)
    async with cache(file) as disk:
        for number in range(300):
            await disk.get(str(number))
        await disk.set("new", b"1", 60)
        await disk.size()
        assert await disk.get("new") == b"1"


async def test_damage_that_shows_later_is_set_aside_too(file: Path) -> None:
    async with cache(file) as disk:
        for number in range(300):
            await disk.set(str(number), b"x" * 700, 60)
        await disk.size()
        disk._failed(sqlite3.DatabaseError("other"))
        damage = sqlite3.DatabaseError("database disk image is malformed")
        damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        disk._failed(damage)
        assert await disk.get("1") is None
        await until(lambda: disk._table is not None)


async def test_a_folder_that_is_not_there_is_no_cache_and_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "later" / "kept.db"
    async with DiskCache(file, BUDGET, FrozenClock(), rest_s=0.01) as disk:
        await disk.set("brian", b"martini", 60)
        assert await disk.get("brian") is None
        with pytest.raises(StorageFailed, match=r"kept\.db cannot be used"):
            await disk.ping()
        file.parent.mkdir()
        await until(lambda: disk._table is not None)
        await disk.ping()


async def test_a_backup_is_made_and_put_back_while_it_is_used(file: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    async with cache(file) as disk:
        await disk.set("before", b"1", 60)
        await disk.backup(backup)
        with pytest.raises(Conflict):
            await disk.backup(backup)
        await disk.set("after", b"2", 60)
        await disk.size()
        await disk.restore(backup)
        assert (await disk.get("before"), await disk.get("after")) == (b"1", None)
        await disk.set("again", b"3", 60)
        assert await entries(disk) == 2
    async with cache(file) as disk:
        assert await entries(disk) == 2


async def test_what_is_not_a_backup_is_refused_and_changes_nothing(file: Path, tmp_path: Path) -> None:
    other, text, trap = (tmp_path / name for name in ("other.db", "text.db", "trap.db"))
    _write(text, b"no database" * 1000)
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE mine (secret)")
    connection.close()
    async with cache(file) as disk:
        await disk.set("brian", b"martini", 60)
        await disk.backup(trap)
        with sqlite3.connect(trap) as connection:
            connection.execute("CREATE TRIGGER evil AFTER INSERT ON kept BEGIN DELETE FROM kept; END")
        connection.close()
        for bad in (other, text, trap):
            with pytest.raises(InvalidInput):
                await disk.restore(bad)
        with pytest.raises(NotFound):
            await disk.restore(tmp_path / "none.db")
        assert await disk.get("brian") == b"martini"


WRITING = """
import asyncio, sys
from pathlib import Path
from greenroom.clock import SystemClock
from greenroom.storage.disk_cache import DiskCache
from tests.storage.test_disk_cache import usable

async def main():
    async with DiskCache(Path(sys.argv[1]), 10**9, SystemClock()) as disk:
        await usable(disk)
        number = 0
        while True:
            await disk.set(str(number), str(number).encode() * 500, 3600)
            number += 1
            if number % 50 == 0:
                await disk.size()
                print(number, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("after", [1, 7])
async def test_a_process_that_is_killed_while_writing_leaves_a_usable_file(file: Path, after: int) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", WRITING, str(file), stdout=subprocess.PIPE)
    assert process.stdout is not None
    for _ in range(after):
        kept = int(await process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    await process.wait()
    async with cache(file) as disk:
        await disk.ping()
        for number in range(kept):
            assert await disk.get(str(number)) == str(number).encode() * 500


def _write(file: Path, content: bytes | bytearray) -> None:
    file.write_bytes(content)


def _content(file: Path) -> bytes:
    return file.read_bytes()


def _used_bytes(file: Path) -> int:
    connection = sqlite3.connect(file)
    pages, free, size = (
        connection.execute(ask).fetchone()[0]
        for ask in ("PRAGMA page_count", "PRAGMA freelist_count", "PRAGMA page_size")
    )
    connection.close()
    return int((pages - free) * size)


def _rows(file: Path) -> list[str]:
    connection = sqlite3.connect(file)
    keys = [key for (key,) in connection.execute("SELECT key FROM kept ORDER BY key")]
    connection.close()
    return keys


async def test_a_full_disk_keeps_nothing_new_and_serves_what_it_has(small_disk: Path) -> None:
    file = small_disk / "kept.db"
    async with DiskCache(file, BUDGET, FrozenClock(), rest_s=0.01) as disk:
        await disk.set("brian", b"martini", 60)
        await disk.size()
        for number in range(100):
            await disk.set(str(number), b"x" * 100_000, 60)
        await until(lambda: disk.dropped > 0)
        assert await disk.get("brian") == b"martini"
        with pytest.raises(StorageFailed, match=r"kept\.db cannot be used"):
            await disk.ping()
    async with cache(file) as disk:
        assert await disk.get("brian") == b"martini"
        await disk.clear("")
        await disk.set("peter", b"beer", 60)
        await disk.size()
        assert await disk.get("peter") == b"beer"
        await disk.ping()


async def test_a_file_whose_log_is_missing_is_used_as_far_as_it_goes(file: Path) -> None:
    async with cache(file) as disk:
        await disk.set("brian", b"martini", 60)
        await disk.size()
        content = _content(file)  # what is in the log beside it is not in it yet
    copy = file.with_name("copy.db")
    _write(copy, content)
    async with cache(copy) as disk:
        assert await disk.get("brian") in {None, b"martini"}
        await disk.set("peter", b"beer", 60)
        assert await disk.get("peter") == b"beer"
