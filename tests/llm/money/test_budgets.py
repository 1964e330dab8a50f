"""No order of calls spends what is not there, or leaves less than nothing spent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.errors import BudgetSpent, GreenroomError, Unavailable
from greenroom.llm.money.budgets import Budgets, Reservation, period_of
from greenroom.llm.money.prices import NANOS
from greenroom.model import ApiKey, Period
from greenroom.storage.database import Database
from greenroom.testing import FrozenClock
from tests.llm.money.gateway import StillClock

KEY = ApiKey(id="abc", name="ann", made_at=datetime(2026, 1, 1, tzinfo=UTC), budget_usd=10 / NANOS, period="month")


@pytest.fixture
async def budgets(database: Database) -> AsyncIterator[Budgets]:
    async with Budgets(database, StillClock()) as budgets:
        yield budgets


async def test_what_is_reserved_cannot_be_reserved_again_until_it_is_given_back(budgets: Budgets) -> None:
    first = await budgets.reserve(KEY, 7)
    with pytest.raises(BudgetSpent, match="'ann'"):
        await budgets.reserve(KEY, 4)
    budgets.settle(first, 2)
    await budgets.reserve(KEY, 8)
    assert await budgets.spent(KEY) == 10


async def test_of_many_calls_at_once_only_as_many_go_through_as_can_be_paid(database: Database) -> None:
    """Two processes share the database: neither knows what the other has reserved."""
    async with Budgets(database, StillClock()) as one, Budgets(database, StillClock()) as other:
        tries = await asyncio.gather(
            *(budgets.reserve(KEY, 3) for _ in range(10) for budgets in (one, other)), return_exceptions=True
        )
        assert sum(isinstance(result, Reservation) for result in tries) == 3
        assert all(isinstance(result, Reservation | BudgetSpent) for result in tries)


async def test_a_call_that_is_cancelled_while_it_reserves_keeps_nothing(budgets: Budgets) -> None:
    for passes in range(12):
        trying = asyncio.create_task(budgets.reserve(KEY, 5))
        for _ in range(passes):
            await asyncio.sleep(0)
        trying.cancel()
        await asyncio.wait([trying])
        if not trying.cancelled():
            budgets.settle(trying.result(), 0)
        await asyncio.gather(*budgets._taking)
        await budgets.flush()
        assert await budgets.spent(KEY) == 0


@pytest.mark.parametrize(
    ("period", "ends"),
    [
        ("day", datetime(2026, 12, 31, tzinfo=UTC)),
        ("week", datetime(2027, 1, 4, tzinfo=UTC)),
        ("month", datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
async def test_a_new_period_has_a_new_budget_and_an_old_one_is_settled_where_it_began(
    database: Database, period: Period, ends: datetime
) -> None:
    clock = StillClock(datetime(2026, 12, 30, 23, 59, 59, tzinfo=UTC))
    key = KEY.model_copy(update={"period": period})
    async with Budgets(database, clock) as budgets:
        begun = await budgets.reserve(key, 10)
        before_s = (ends - clock.now()).total_seconds()
        clock.advance(before_s - 0.001)
        with pytest.raises(BudgetSpent):
            await budgets.reserve(key, 1)
        clock.advance(0.001)
        await budgets.reserve(key, 10)
        budgets.settle(begun, 4)
        assert await budgets.spent(key) == 10
        clock.advance(-1)
        await budgets.flush()
        assert await budgets.spent(key) == 4, "a clock that is turned back finds the old period as it was"


def test_periods_are_of_utc() -> None:
    moment = datetime.fromisoformat("2026-12-31T23:30:00-02:00").astimezone(UTC)
    assert period_of("day", moment) == "2027-01-01"
    assert period_of("week", moment) == "2026-W53"
    assert period_of("month", moment) == "2027-01"
    assert period_of("ever", moment) == "ever"


async def test_what_was_spent_is_still_spent_after_a_restart(database: Database) -> None:
    async with Budgets(database, StillClock()) as budgets:
        budgets.settle(await budgets.reserve(KEY, 9), 6)
    async with Budgets(database, StillClock()) as budgets:
        assert await budgets.spent(KEY) == 6


async def test_what_a_killed_process_had_reserved_counts_as_spent(database: Database) -> None:
    killed = Budgets(database, StillClock())
    await killed.reserve(KEY, 9)
    assert await Budgets(database, StillClock()).spent(KEY) == 9


async def test_without_the_database_nothing_is_reserved_and_what_was_spent_is_written_later(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    budgets = Budgets(database, FrozenClock())
    async with database:
        reserved = await budgets.reserve(KEY, 9)
    budgets.settle(reserved, 5)
    with pytest.raises(Unavailable):
        await budgets.flush()
    with pytest.raises(Unavailable):
        await budgets.reserve(KEY, 1)
    async with database:
        await budgets.reserve(KEY, 5)
        assert await budgets.spent(KEY) == 10


async def test_a_database_that_does_not_answer_is_not_waited_for_and_keeps_nothing(database: Database) -> None:
    stuck = Stuck(database)
    async with Budgets(stuck, StillClock(), patience_s=0.05) as budgets:
        with pytest.raises(Unavailable, match="does not answer"):
            await budgets.reserve(KEY, 9)
        stuck.answers.set()
    assert await Budgets(database, StillClock()).spent(KEY) == 0


class Stuck(Database):
    """A database that lets writers wait until it answers."""

    def __init__(self, inner: Database) -> None:
        self._inner = inner
        self.answers = asyncio.Event()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        await self.answers.wait()
        async with self._inner.write() as connection:
            yield connection


steps = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), st.integers(0, 12)),
        st.tuples(st.just("settle"), st.integers(0, 12)),
        st.tuples(st.just("flush"), st.just(0)),
        st.tuples(st.just("kill"), st.just(0)),
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_no_order_of_calls_spends_more_than_the_budget_or_less_than_nothing(
    steps: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    asyncio.run(_play(steps, tmp_path_factory.mktemp("budget") / "a.db"))


async def _play(steps: list[tuple[str, int]], file: Path) -> None:
    async with Database(f"sqlite:///{file}") as database:
        budgets, open_calls, at_most = Budgets(database, StillClock()), list[Reservation](), 0
        for step, amount in steps:
            if step == "reserve":
                try:
                    open_calls.append(await budgets.reserve(KEY, amount))
                except BudgetSpent:
                    assert at_most + amount > 10
                else:
                    at_most += amount
            elif step == "settle" and open_calls:
                call = open_calls.pop()
                cost = min(amount, call.amount)
                budgets.settle(call, cost)
                at_most += cost - call.amount
            elif step == "kill":
                await _flushed(budgets)
                budgets, open_calls = Budgets(database, StillClock()), []
            else:
                await _flushed(budgets)
            assert 0 <= await budgets.spent(KEY) == at_most <= 10


async def _flushed(budgets: Budgets) -> None:
    try:
        await budgets.flush()
    except GreenroomError as exc:
        raise AssertionError(exc.detail) from exc
