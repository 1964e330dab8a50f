import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from greenroom.errors import ServiceAway
from greenroom.lane import Lane
from greenroom.model import FollowRequest, Performance, PerformanceRequest, Receipt, TurnPage, TurnRef
from greenroom.storage.database import Database
from greenroom.testing import FixedRouting, FixedTurns, FrozenClock
from greenroom.tuning.follower import PAGE_TURNS, Follower
from greenroom.tuning.performances import Performances, Read
from greenroom.tuning.service import TuningService
from tests.tuning.receipts import BEGUN, receipt, routed
from tests.waiting import until


class Killed(Exception):
    """The process is gone."""


class DyingTurns(FixedTurns):
    """A log whose reader is killed at the given calls, counted from 1."""

    def __init__(self, deaths: set[int], *receipts: Receipt) -> None:
        super().__init__(*receipts)
        self._deaths = deaths
        self._calls = 0
        self.explained: list[str] = []

    async def follow(self, request: FollowRequest, /) -> TurnPage:
        self._live()
        return await super().follow(request)

    async def explain(self, which: TurnRef, /) -> Receipt:
        self._live()
        self.explained.append(which.id)
        return await super().explain(which)

    def _live(self) -> None:
        self._calls += 1
        if self._calls in self._deaths:
            raise Killed


@pytest.fixture
def performances(database: Database) -> Performances:
    return Performances(database)


async def read_all(turns: FixedTurns, performances: Performances) -> None:
    """Follow to the end of the log; after each death another follower begins anew."""
    more = True
    while more:
        try:
            more = await Follower(turns, performances, FrozenClock()).read_page()
        except Killed:
            more = True


async def test_a_turn_is_recorded_by_its_receipt(database: Database) -> None:
    turns = FixedTurns(receipt("t1", ["repeated"], ["repeated", "too_long"], [], score=72.5))
    service = TuningService(database, turns, FixedRouting(), FrozenClock())

    await Follower(turns, Performances(database), FrozenClock()).read_page()

    figures = await service.performance_stats(PerformanceRequest(character="peter"))
    assert (figures.turns, figures.succeeded, figures.average_score, figures.average_attempts) == (1, 1, 72.5, 3)
    assert figures.violations == {"repeated": 2, "too_long": 1}


async def test_only_turns_that_came_to_an_end_are_recorded(performances: Performances) -> None:
    turns = FixedTurns(
        receipt("t1", state="begun", reply=None, score=None),
        receipt("t2", state="left", reply=None, score=None),
        receipt("t3", state="failed", reply=None, score=None),
    )
    await read_all(turns, performances)
    assert (await performances.sums(None)).turns == 1

    turns.add(receipt("t1", []))
    await read_all(turns, performances)

    assert (await performances.sums(None)).turns == 2
    assert (await performances.sums(None)).succeeded == 1
    assert await performances.cursor() == 4


@pytest.mark.parametrize("deaths", [set(), {1}, {2, 4}, {150, 151, 320}, set(range(5, 600, 97))])
async def test_a_follower_that_is_killed_between_and_inside_pages_records_each_turn_once(
    performances: Performances, deaths: set[int]
) -> None:
    count = 2 * PAGE_TURNS + 30
    turns = DyingTurns(deaths, *(receipt(f"t{n}", ["too_long"]) for n in range(count)))

    await read_all(turns, performances)

    figures = await performances.sums("peter")
    assert (figures.turns, figures.violations) == (count, {"too_long": count})
    assert await performances.cursor() == count


async def test_what_was_recorded_is_not_read_again(performances: Performances) -> None:
    turns = DyingTurns(set(), receipt("t1"))
    await read_all(turns, performances)
    turns.add(receipt("t2"))

    await read_all(turns, performances)

    assert turns.explained == ["t1", "t2"]


async def test_a_page_that_cannot_be_written_whole_is_not_written_at_all(performances: Performances) -> None:
    def half_a_page() -> Iterator[Read]:
        yield Read(Performance(turn_id="t1", character="peter", success=True), BEGUN)
        raise Killed

    with pytest.raises(Killed):
        await performances.advance(half_a_page(), 7)

    assert (await performances.sums(None)).turns == 0
    assert await performances.cursor() == 0


async def test_a_turn_that_was_cleared_behind_the_follower_is_passed_over(performances: Performances) -> None:
    class Clearing(FixedTurns):
        async def follow(self, request: FollowRequest, /) -> TurnPage:
            page = await super().follow(request)
            self.receipts.pop("t1", None)
            return page

    await read_all(Clearing(receipt("t1"), receipt("t2")), performances)

    assert (await performances.sums(None)).turns == 1


class Patient(FrozenClock):
    """A clock that lets a test watch each sleep."""

    def __init__(self) -> None:
        super().__init__()
        self.asleep: asyncio.Queue[float] = asyncio.Queue()

    async def sleep(self, seconds: float, /) -> None:
        self.asleep.put_nowait(seconds)
        await super().sleep(seconds)


@pytest.fixture
def clock() -> Patient:
    return Patient()


@asynccontextmanager
async def following(database: Database, turns: FixedTurns, clock: Patient) -> AsyncIterator[TuningService]:
    """The service while its follower is at work; nothing else of it sleeps by this clock."""
    at_work = asyncio.create_task(Follower(turns, Performances(database), clock).follow())
    try:
        yield TuningService(database, turns, FixedRouting(), FrozenClock())
    finally:
        at_work.cancel()
        await asyncio.wait([at_work])


async def test_while_it_is_entered_the_service_follows_and_tells_the_routing(database: Database) -> None:
    turns, routing = FixedTurns(routed("t1", [])), FixedRouting("d1")

    async with TuningService(database, turns, routing, FrozenClock()) as service:
        await until(lambda: len(routing.told) == 1)
        assert (await service.performance_stats(PerformanceRequest())).turns == 1


async def test_people_go_first_before_a_page_is_recorded(database: Database) -> None:
    routing, waited_s = FixedRouting("d1"), iter([0.5, 1.0])
    turns = FixedTurns(routed("t1", []))
    async with TuningService(
        database, turns, routing, FrozenClock(), Lane(lambda: next(waited_s, None), FrozenClock())
    ):
        await until(lambda: len(routing.told) == 1)
    assert list(waited_s) == []


async def test_a_full_page_is_followed_by_the_next_at_once(database: Database, clock: Patient) -> None:
    turns = FixedTurns(*(receipt(f"t{n}") for n in range(PAGE_TURNS + 1)))

    async with following(database, turns, clock) as service:
        pauses = [await clock.asleep.get() for _ in range(3)]
        figures = await service.performance_stats(PerformanceRequest())

    assert pauses == [0, 1, 1]
    assert figures.turns == PAGE_TURNS + 1
    slept = list(clock.slept_s)
    await asyncio.sleep(0)
    assert clock.slept_s == slept, "outside it does not"


async def test_while_the_router_is_away_it_looks_less_often_and_says_so_once(
    database: Database, clock: Patient
) -> None:
    turns = FixedTurns(receipt("t1"))
    turns.away = ServiceAway("router does not answer")

    with capture_logs() as logs:
        async with following(database, turns, clock) as service:
            pauses = [await clock.asleep.get() for _ in range(7)]
            turns.away = None
            while await clock.asleep.get() != 1:
                pass
            figures = await service.performance_stats(PerformanceRequest())

    assert pauses == [1, 2, 4, 8, 16, 30, 30]
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [
        ("work_failed", "warning"),
        ("work_resumed", "info"),
    ]
    assert figures.turns == 1


async def test_a_fault_of_our_own_is_logged_with_its_traceback_and_the_loop_goes_on(
    database: Database, clock: Patient
) -> None:
    turns = DyingTurns({1}, receipt("t1"))

    with capture_logs() as logs:
        async with following(database, turns, clock) as service:
            assert [await clock.asleep.get() for _ in range(2)] == [1, 1]
            figures = await service.performance_stats(PerformanceRequest())

    assert isinstance(logs[0]["exc_info"], Killed)
    assert figures.turns == 1
