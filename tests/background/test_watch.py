"""Who is taken for dead."""

from collections.abc import AsyncIterator

import pytest

from greenroom.background.watch import Watch
from greenroom.storage.database import Database
from greenroom.testing import FrozenClock


@pytest.fixture
async def server(postgresql_url: str) -> AsyncIterator[Database]:
    async with Database(postgresql_url) as database:
        yield database


async def test_one_whose_beats_stand_still_for_the_lease_is_dead_whatever_its_clock_says(server: Database) -> None:
    ours, theirs = FrozenClock(), FrozenClock()
    theirs.turn(3600)
    here, there = Watch(server, "here/1", 10, ours), Watch(server, "there/1", 10, theirs)
    for _ in range(4):
        await there.beat()
        await here.beat()
        ours.advance(6)
        assert not here.is_dead("there/1")
    await here.beat()
    ours.advance(6)
    assert here.is_dead("there/1")
    assert not here.is_dead("here/1")


async def test_who_took_leave_is_dead_at_once_and_so_is_the_process_before_this_one(server: Database) -> None:
    clock = FrozenClock()
    here, before, there = (Watch(server, worker, 10, clock) for worker in ("here/2", "here/1", "there/1"))
    await there.beat()
    await before.beat()
    await there.leave()
    await here.beat()
    assert here.is_dead("there/1")
    assert here.is_dead("here/1")


async def test_in_a_file_everybody_else_is_dead(tmp_path: object) -> None:
    async with Database(f"sqlite:///{tmp_path}/greenroom.db") as database:
        here = Watch(database, "here/1", 10, FrozenClock())
        await here.beat()
        assert here.is_dead("there/1")
        assert not here.is_dead("here/1")
