import asyncio
from collections.abc import Iterable

import pytest

from greenroom.lane import Lane, step, taken
from greenroom.testing.frozen_clock import FrozenClock


def lane(clock: FrozenClock, waited_s: Iterable[float | None] = ()) -> Lane:
    """A lane beside which people have waited for so long, each time that it is asked, and then nobody waits."""
    waited = iter(waited_s)
    return Lane(lambda: next(waited, None), clock)


async def test_steps_are_taken_one_at_a_time_by_whomever() -> None:
    under_way, most = 0, 0

    async def work() -> None:
        nonlocal under_way, most
        for _ in range(3):
            async with step():
                under_way += 1
                most = max(most, under_way)
                await asyncio.sleep(0)
                under_way -= 1

    with lane(FrozenClock()).taken():
        await asyncio.gather(*(work() for _ in range(5)))
    assert most == 1
    await asyncio.gather(*(work() for _ in range(5)))  # outside of the lane
    assert most == 5


@pytest.mark.parametrize(
    ("waited_s", "looks"), [([], 0), ([0.0, 0.1, None], 2), ([1.99, 2.0, 2.1], 1), ([30.0], 0)], ids=str
)
async def test_a_step_begins_when_nobody_waits_or_when_they_have_waited_for_two_seconds(
    waited_s: list[float | None], looks: int
) -> None:
    clock = FrozenClock()
    with taken(lane(clock, waited_s)):
        async with step():
            assert clock.slept_s == [0.02] * looks


async def test_a_step_that_is_under_way_lets_nobody_in_between() -> None:
    clock = FrozenClock()
    with lane(clock, [None, 0.5]).taken():
        async with step():
            async with step():
                await asyncio.create_task(_step())
            assert clock.slept_s == []
        async with step():
            assert clock.slept_s == [0.02]


async def test_what_people_do_waits_for_no_lane() -> None:
    clock = FrozenClock()
    with taken(None):
        async with step():
            assert clock.slept_s == []
    with lane(clock, [0.5] * 10).taken():
        pass
    async with step():
        assert clock.slept_s == []


async def test_who_is_cancelled_before_a_step_is_out_of_the_way() -> None:
    clock = FrozenClock()
    with lane(clock, [0.5] * 1000).taken():
        waits = asyncio.create_task(_step())
        while not clock.slept_s:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0)
        waits.cancel()
        await asyncio.wait([waits])
        clock.slept_s.clear()
        async with asyncio.timeout(60):
            await _step()
    assert clock.slept_s


async def _step() -> None:
    async with step():
        await asyncio.sleep(0)
