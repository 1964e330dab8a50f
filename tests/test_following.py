"""Work that never ends: what goes wrong in it is told once, and does not end it; a cancellation does."""

import asyncio

import pytest
from structlog.testing import capture_logs

from greenroom.errors import ServiceAway
from greenroom.following import follow_for_ever, for_ever, to_its_end
from greenroom.lane import Lane, step
from greenroom.testing import FrozenClock


class Work:
    """Fails as told, one error a step; then does its work, ten steps, and waits."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.done = 0
        self.rests = asyncio.Event()

    async def step(self) -> float:
        if self._errors:
            raise self._errors.pop(0)
        self.done += 1
        if self.done == 10:
            self.rests.set()
            await asyncio.Event().wait()
        return 0.5


async def _until_it_rests(work: Work, clock: FrozenClock) -> None:
    task = asyncio.create_task(for_ever(work.step, clock, "the work"))
    async with asyncio.timeout(60):
        await work.rests.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_it_rests_as_long_as_the_step_says() -> None:
    clock = FrozenClock()
    await _until_it_rests(Work(), clock)
    assert clock.slept_s == [0.5] * 9


@pytest.mark.parametrize("error", [ServiceAway("it is away"), ValueError("a mistake of our own")])
async def test_what_goes_wrong_is_told_once_and_tried_again_more_and_more_seldom(error: Exception) -> None:
    clock = FrozenClock()
    with capture_logs() as logs:
        await _until_it_rests(Work(*[error] * 7), clock)
    assert clock.slept_s[:7] == [1, 2, 4, 8, 16, 30, 30]
    assert [entry["event"] for entry in logs] == ["work_failed", "work_resumed"]
    assert {entry["who"] for entry in logs} == {"the work"}


async def test_a_cancellation_that_a_library_has_made_another_error_of_ends_it_too() -> None:
    waits = asyncio.Event()

    async def step() -> None:
        waits.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise RuntimeError("the connection is closed") from None

    task = asyncio.create_task(for_ever(step, FrozenClock(), "the work"))
    await waits.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 60)


async def test_pages_are_read_in_the_lane_that_is_given() -> None:
    clock, waited_s, began = FrozenClock(), iter([0.1, 0.2, None]), asyncio.Event()

    async def read_page() -> bool:
        async with step():
            began.set()
            return await asyncio.Event().wait()

    lane = Lane(lambda: next(waited_s), clock)
    following = asyncio.create_task(follow_for_ever(read_page, clock, "the work", lane))
    async with asyncio.timeout(60):
        await began.wait()
    following.cancel()
    await asyncio.wait([following])
    assert clock.slept_s == [0.02, 0.02]


async def test_a_step_is_done_to_its_end_though_nobody_waits_for_it_any_more() -> None:
    began, done = asyncio.Event(), []

    async def step() -> None:
        began.set()
        await asyncio.sleep(0.01)
        done.append("done")

    waiting = asyncio.create_task(to_its_end(step()))
    await began.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert done == ["done"]
