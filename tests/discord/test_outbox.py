from datetime import UTC, datetime, timedelta

import pytest

from greenroom.discord.outbox import Outbox, channel_of
from greenroom.model import Turn
from greenroom.storage.database import Database
from tests.discord.stage import turn_of

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database, "")


async def states(outbox: Outbox, turn: Turn) -> list[tuple[str, int | None]]:
    return [(post.state, post.message_id) for post in await outbox.of_turn(turn.id)]


@pytest.mark.parametrize("number", ["9" * 20, str(2**63), "9" * 5000, "٣", "-1", "", "general"])
def test_a_channel_that_can_be_none_of_discords_is_none(number: str) -> None:
    """Whoever reaches the router names channels: one that no column takes would hold the whole door up."""
    assert channel_of(turn_of("a", channel_id=f"discord:{number}")) is None


async def test_a_turn_waits_until_it_is_posted(outbox: Outbox) -> None:
    turn = turn_of("a")
    await outbox.take([turn], NOW, cursor=7)
    assert await outbox.cursor() == 7
    assert await outbox.waiting() == ["a"]
    (post,) = await outbox.of_turn("a")
    await outbox.posted(post, 42)
    assert await outbox.waiting() == []
    assert (await outbox.of_message(42)) == post._replace(state="posted", message_id=42)
    assert await outbox.last_in(5) == "a"
    assert await outbox.known([41, 42]) == {42}


async def test_a_turn_that_is_taken_again_is_not_posted_again(outbox: Outbox) -> None:
    turn = turn_of("a")
    for _ in range(2):
        await outbox.take([turn], NOW)
        (post,) = await outbox.of_turn("a")
        await outbox.posted(post, 42)
    await outbox.take([turn], NOW)
    assert await states(outbox, turn) == [("posted", 42)]


async def test_a_long_turn_has_several_posts_with_nonces_of_their_own(outbox: Outbox) -> None:
    await outbox.take([turn_of("a")], NOW)
    (first,) = await outbox.of_turn("a")
    posts = await outbox.add(first, 3)
    assert [post.part for post in posts] == [0, 1, 2]
    assert len({post.nonce for post in posts}) == 3
    assert all(len(post.nonce) <= 25 for post in posts)
    assert [post.nonce for post in await outbox.add(first, 3)] == [post.nonce for post in posts]


async def test_a_turn_that_replaces_another_takes_its_messages_over(outbox: Outbox) -> None:
    old, new = turn_of("old"), turn_of("new", replaces="old")
    await outbox.take([old], NOW)
    await outbox.posted((await outbox.of_turn("old"))[0], 42)
    await outbox.take([new], NOW)
    assert await states(outbox, new) == [("waiting", 42)]
    assert await states(outbox, old) == [("dropped", None)]
    await outbox.take([old], NOW)
    assert await outbox.waiting() == ["new"]


async def test_what_was_replaced_before_it_was_posted_is_never_posted(outbox: Outbox) -> None:
    await outbox.take([turn_of("new", replaces="old")], NOW)
    await outbox.take([turn_of("old")], NOW)
    assert await outbox.waiting() == ["new"]


async def test_what_is_withdrawn_waits_to_be_deleted(outbox: Outbox) -> None:
    turn = turn_of("a")
    await outbox.take([turn], NOW)
    await outbox.posted((await outbox.of_turn("a"))[0], 42)
    await outbox.take((), NOW, withdrawn=[turn])
    assert await states(outbox, turn) == [("waiting", 42)]


async def test_old_posts_are_forgotten_and_waiting_ones_are_not(outbox: Outbox) -> None:
    await outbox.take([turn_of("a"), turn_of("b")], NOW)
    await outbox.posted((await outbox.of_turn("a"))[0], 42)
    assert await outbox.forget(NOW + timedelta(days=1), 10)
    assert await outbox.of_turn("a") == []
    assert await outbox.waiting() == ["b"]
    assert not await outbox.forget(NOW + timedelta(days=1), 10)


async def test_so_many_turns_are_forgotten_at_a_time(outbox: Outbox) -> None:
    turns = [turn_of(name) for name in "abc"]
    await outbox.take(turns, NOW)
    for number, turn in enumerate(turns):
        await outbox.posted((await outbox.of_turn(turn.id))[0], 42 + number)
    left = []
    while await outbox.forget(NOW + timedelta(days=1), 2):
        left.append(len(await outbox.known([42, 43, 44])))
    assert left == [1, 0]


async def test_doors_have_cursors_of_their_own(database: Database) -> None:
    await Outbox(database, "peter").take((), NOW, cursor=3)
    assert await Outbox(database, "brian").cursor() is None


def test_only_channels_of_discord_are_channels() -> None:
    assert channel_of(turn_of("a")) == 5
    assert channel_of(turn_of("a", channel_id="web:room")) is None
    assert channel_of(turn_of("a", channel_id="discord:five")) is None
