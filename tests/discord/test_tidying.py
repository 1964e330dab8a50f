from datetime import timedelta

import pytest

from greenroom.discord.outbox import Outbox
from greenroom.discord.tidying import Tidying
from greenroom.storage.database import Database
from greenroom.testing import FrozenClock
from tests.discord.stage import NOW, turn_of


@pytest.fixture
async def outbox(database: Database) -> Outbox:
    outbox = Outbox(database, "")
    await outbox.take([turn_of("a")], NOW)
    await outbox.posted((await outbox.of_turn("a"))[0], 42)
    return outbox


async def has_forgotten(outbox: Outbox, days: float, keep_days: float, retention_days: float = 0) -> bool:
    tidying = Tidying(outbox, keep_days, retention_days, FrozenClock(NOW + timedelta(days=days)))
    while not await tidying.tidy():
        pass
    return await outbox.of_message(42) is None


async def test_a_post_is_forgotten_when_it_is_old(outbox: Outbox) -> None:
    assert not await has_forgotten(outbox, days=89, keep_days=90)
    assert await has_forgotten(outbox, days=91, keep_days=90)


async def test_a_post_outlasts_the_line_in_the_log(outbox: Outbox) -> None:
    assert not await has_forgotten(outbox, days=204, keep_days=90, retention_days=200)
    assert await has_forgotten(outbox, days=208, keep_days=90, retention_days=200)


async def test_posts_may_be_kept_for_ever(outbox: Outbox) -> None:
    assert not await has_forgotten(outbox, days=10_000, keep_days=0)


async def test_the_outbox_is_looked_through_once_an_hour(outbox: Outbox) -> None:
    clock = FrozenClock(NOW)
    tidying = Tidying(outbox, 90, 0, clock)
    assert await tidying.tidy() == 3600
    clock.advance(91 * 24 * 3600)
    assert await tidying.tidy() == 0
    assert await tidying.tidy() == 3600
