"""Who reads, who writes, and what is left when something breaks off."""

import asyncio
import random
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, func, insert, select, text, update

from greenroom.errors import Conflict, InvalidInput, StorageFailed, Unavailable
from greenroom.router.tables import dead_letters
from greenroom.storage.database import Database
from tests.storage.letters import keep, kept, letter


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database(f"sqlite:///{tmp_path / 'greenroom.db'}") as database:
        yield database


async def test_what_was_written_is_read_again_with_its_zone_and_the_order_of_its_keys(database: Database) -> None:
    in_tokyo = datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=timezone(timedelta(hours=9)))
    request = {"z": [1, 2.5, None, True], "a": {"text": "Hé, Peter \u0000 🍺"}}
    await keep(database, "one", failed_at=in_tokyo, request=request)
    async with database.read() as connection:
        row = (await connection.execute(select(dead_letters))).mappings().one()
    assert (row["failed_at"], row["failed_at"].tzinfo) == (in_tokyo, UTC)
    assert (row["request"], list(row["request"])) == (request, ["z", "a"])


async def test_moments_are_compared_across_zones(database: Database) -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    await keep(database, "early", failed_at=noon)
    await keep(database, "late", failed_at=(noon + timedelta(microseconds=1)).astimezone(timezone(timedelta(hours=-8))))
    async with database.read() as connection:
        later = dead_letters.c.failed_at > noon.astimezone(timezone(timedelta(hours=5)))
        assert list(await connection.scalars(select(dead_letters.c.id).where(later))) == ["late"]


async def test_a_moment_without_zone_is_refused(database: Database) -> None:
    with pytest.raises(StorageFailed):
        await keep(database, "one", failed_at=datetime(2026, 1, 1))


async def test_an_exception_takes_everything_back(database: Database) -> None:
    await keep(database, "one")
    with pytest.raises(Conflict):
        await keep(database, "two", "three", "one")
    assert await kept(database) == {"one"}


@pytest.mark.parametrize("changes", [{"detail": "\ud800"}, {"attempts": 2**80}])
async def test_what_no_column_can_hold_is_the_callers_mistake(database: Database, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        await keep(database, "one", **changes)
    await keep(database, "two")
    assert await kept(database) == {"two"}


async def test_an_error_does_not_tell_what_was_to_be_stored(database: Database) -> None:
    with pytest.raises(StorageFailed) as caught:
        await keep(database, "one", detail=None, turn_id="a secret")
    assert "a secret" not in caught.value.detail + str(caught.value.__cause__)


async def test_reading_goes_on_while_somebody_writes(database: Database) -> None:
    await keep(database, "one")
    async with database.write() as connection:
        await connection.execute(update(dead_letters).values(replays=7))
        async with database.read() as reading:
            assert await reading.scalar(select(dead_letters.c.replays)) == 0
    async with database.read() as reading:
        assert await reading.scalar(select(dead_letters.c.replays)) == 7


async def test_cancelled_writers_leave_no_lock_and_no_half_transaction(database: Database) -> None:
    chance = random.Random(3)

    async def cancelled_at_random(number: int) -> None:
        writing = asyncio.create_task(keep(database, f"{number} a", f"{number} b"))
        for _ in range(chance.randrange(200)):
            await asyncio.sleep(0)
        writing.cancel()
        await asyncio.sleep(0)
        writing.cancel()
        await asyncio.wait({writing})

    for first in range(0, 60, 3):
        await asyncio.gather(*map(cancelled_at_random, range(first, first + 3)))
    await asyncio.wait_for(keep(database, "at last"), 60)
    names = await kept(database) - {"at last"}
    assert {name[:-1] + "a" for name in names} == {name[:-1] + "a" for name in names if name.endswith("b")}
    assert len(names) % 2 == 0


async def test_the_first_who_write_and_are_cancelled_leave_no_lock_either(tmp_path: Path) -> None:
    for number in range(40):
        async with Database(f"sqlite:///{tmp_path / str(number)}.db") as database:
            under_way = [
                asyncio.create_task(_nothing(database)),
                *(asyncio.create_task(database.ping()) for _ in "123"),
            ]
            await asyncio.sleep(number * 0.0003)
            for task in under_way:
                task.cancel()
            await asyncio.wait(under_way)
            await _nothing(database)


async def _nothing(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(text("SELECT 1"))


async def test_a_cancellation_inside_a_statement_gives_the_lock_back_while_its_error_is_still_held(
    sqlite: Database,
) -> None:
    begun, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def hold() -> int:
        loop.call_soon_threadsafe(begun.set)
        assert go_on.wait(60)
        return 7

    async def cut_off() -> None:
        try:
            async with sqlite.write() as connection:
                driver: Any = (await connection.get_raw_connection()).driver_connection
                await driver.create_function("hold", 0, hold)
                await connection.execute(text("UPDATE dead_letters SET replays = hold() RETURNING id"))
        except asyncio.CancelledError:
            await keep(sqlite, "three")
            raise

    await keep(sqlite, "one", "two")
    cut = asyncio.create_task(cut_off())
    await begun.wait()
    cut.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await cut
    assert await kept(sqlite) == {"one", "two", "three"}
    async with sqlite.read() as connection:
        assert await connection.scalar(select(func.max(dead_letters.c.replays))) == 0


async def test_a_database_that_is_not_open_says_so(database_url: str) -> None:
    database = Database(database_url)
    with pytest.raises(Unavailable):
        await database.ping()
    async with database:
        await database.ping()
    with pytest.raises(Unavailable):
        await database.ping()


async def test_sqlite_writers_queue_so_that_no_update_is_lost(sqlite: Database) -> None:
    await keep(sqlite, "one")

    async def count_up() -> None:
        async with sqlite.write() as connection:
            found = await connection.scalar(select(dead_letters.c.replays))
            await connection.execute(update(dead_letters).values(replays=(found or 0) + 1))

    await asyncio.gather(*(count_up() for _ in range(20)))
    async with sqlite.read() as connection:
        assert await connection.scalar(select(dead_letters.c.replays)) == 20


async def test_sqlite_readers_cannot_write(sqlite: Database) -> None:
    with pytest.raises(StorageFailed):
        async with sqlite.read() as connection:
            await connection.execute(update(dead_letters).values(replays=1))


async def test_sqlite_survives_a_power_cut_after_each_commit_and_checks_foreign_keys(sqlite: Database) -> None:
    async with sqlite.write() as connection:
        found = [
            await connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 2, 1]


async def test_a_lost_connection_is_retryable_and_the_next_call_has_a_new_one(postgresql_url: str) -> None:
    async with Database(postgresql_url) as database:
        await keep(database, "one")
        with pytest.raises(Unavailable):
            await write_while_all_are_hung_up_on(database, postgresql_url)
        await keep(database, "two")
        await hang_up_on_all(postgresql_url)
        assert await kept(database) == {"one", "two"}


async def write_while_all_are_hung_up_on(database: Database, url: str) -> None:
    async with database.write() as connection:
        await connection.execute(update(dead_letters).values(replays=1))
        await hang_up_on_all(url)
        await connection.execute(update(dead_letters).values(replays=2))


async def hang_up_on_all(url: str) -> None:
    """End every connection to a PostgreSQL database from outside, as a restart would."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def test_several_things_are_read_in_one_look_and_nothing_is_written(database: Database) -> None:
    await keep(database, "one", "two")

    def look(connection: Connection) -> list[int]:
        return [connection.execute(text(f"SELECT {n} * count(*) FROM dead_letters")).scalar_one() for n in (1, 2)]  # noqa: S608

    assert await database.look(look) == [2, 4]


async def test_a_look_that_fails_is_said_in_our_words(database: Database) -> None:
    with pytest.raises(StorageFailed):
        await database.look(lambda connection: connection.execute(text("SELECT * FROM nowhere")))


async def test_a_look_changes_no_file(sqlite: Database) -> None:
    with pytest.raises(StorageFailed):
        await sqlite.look(lambda connection: connection.execute(text("DELETE FROM dead_letters")))


def _add(connection: Connection, *names: str) -> int:
    for name in names:
        connection.execute(insert(dead_letters).values(letter(name)))
    return len(names)


async def test_several_things_are_changed_together_or_not_at_all(database: Database) -> None:
    assert await database.change(_add, "one", "two") == 2
    with pytest.raises(Conflict):
        await database.change(_add, "three", "one")
    assert await kept(database) == {"one", "two"}


async def test_a_change_is_done_to_its_end_before_its_cancellation_and_before_the_next(sqlite: Database) -> None:
    begun, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slowly(connection: Connection) -> None:
        loop.call_soon_threadsafe(begun.set)
        assert go_on.wait(60)
        _add(connection, "one")

    slow = asyncio.create_task(sqlite.change(slowly))
    await begun.wait()
    after = asyncio.create_task(keep(sqlite, "two"))
    for _ in range(3):
        slow.cancel()
        await asyncio.sleep(0)
    assert not slow.done()
    assert not after.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await slow
    await after
    assert await kept(sqlite) == {"one", "two"}


async def test_a_change_goes_before_those_who_queue_to_write(sqlite: Database) -> None:
    order: list[str] = []

    async def write(name: str) -> None:
        async with sqlite.write():
            order.append(name)

    async def change() -> None:
        await sqlite.change(lambda _: order.append("change"))

    async with sqlite.write():
        waiting = [asyncio.create_task(write(name)) for name in ("first", "second", "third")]
        await asyncio.sleep(0)
        waiting.append(asyncio.create_task(change()))
        await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    assert order == ["change", "first", "second", "third"]


async def test_nobody_looks_before_it_is_open_or_after_it_is_closed(database_url: str) -> None:
    database = Database(database_url)
    with pytest.raises(Unavailable):
        await database.look(lambda connection: None)
    async with database:
        await database.look(lambda connection: None)
    with pytest.raises(Unavailable):
        await database.look(lambda connection: None)
