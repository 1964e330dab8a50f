"""Somebody sets the clock: an hour forward or back, as in spring and autumn, or by years, as after a dead battery."""

import asyncio
import re
from pathlib import Path

import pytest

import greenroom
from greenroom.errors import Overloaded
from greenroom.llm.cache.tiers import Tier
from greenroom.llm.line import Limits, Line
from greenroom.llm.money.pace import Pace
from greenroom.patience import Breaker
from greenroom.storage.disk_cache import DiskCache
from greenroom.testing import FrozenClock, ScriptedModel
from tests.llm.caching import caching, chat
from tests.waiting import until

HOUR_S, TEN_YEARS_S = 3600.0, 10 * 365 * 24 * 3600.0
TURNS = (HOUR_S, -HOUR_S, TEN_YEARS_S, -TEN_YEARS_S)


@pytest.mark.parametrize("turned_s", TURNS)
async def test_a_model_is_asked_once_more_at_most(tmp_path: Path, turned_s: float) -> None:
    """Neither tier takes an answer for another, and none is kept for less than no time."""
    clock, model = FrozenClock(), ScriptedModel("hi")
    async with (
        DiskCache(tmp_path / "responses.db", 10_000_000, clock) as disk,
        caching(model, [Tier("sqlite", disk, 30 * 24 * HOUR_S)], clock=clock, memory_bytes=0) as cache,
    ):
        assert await cache.source(chat("one")) == "miss"
        clock.turn(turned_s)
        assert await cache.source(chat("one")) in {"sqlite", "miss"}
        assert await cache.source(chat("one")) == "sqlite"
        clock.turn(-turned_s)
        assert await cache.source(chat("one")) in {"sqlite", "miss"}
        assert await cache.source(chat("two")) == "miss"
        assert await cache.source(chat("two")) == "sqlite"
    assert len(model.requests) <= 4


@pytest.mark.parametrize("turned_s", TURNS)
async def test_what_is_in_memory_stays_as_long_as_it_was_to_stay(turned_s: float) -> None:
    async with caching(memory_s=60) as cache:
        assert await cache.source(chat()) == "miss"
        cache.clock.turn(turned_s)
        assert await cache.source(chat()) == "memory"
        cache.clock.advance(61)
        assert await cache.source(chat()) == "miss"


@pytest.mark.parametrize("turned_s", TURNS)
async def test_who_waits_in_line_is_neither_sent_away_nor_forgotten(turned_s: float) -> None:
    clock = FrozenClock()
    line = Line("server", Limits(connections=1, waiting=1), clock)
    served = asyncio.Event()

    async def call() -> None:
        async with line.place("m"):
            served.set()

    async with asyncio.TaskGroup() as group:
        async with line.place("m"):
            group.create_task(call())
            await asyncio.sleep(0)
            clock.turn(turned_s)
            await asyncio.sleep(0)
            with pytest.raises(Overloaded):
                async with line.place("m"):
                    pass
            assert not served.is_set()
        await until(served.is_set)


@pytest.mark.parametrize("turned_s", TURNS)
def test_a_breaker_and_a_pace_go_by_time_that_has_passed(turned_s: float) -> None:
    clock = FrozenClock()
    breaker, pace = Breaker("model", clock, 1, rest_s=15), Pace(2)
    breaker.failed()
    pace.take(2, clock.monotonic_s())
    clock.turn(turned_s)
    assert breaker.is_open()
    assert pace.wait_s(1, clock.monotonic_s()) > 0
    clock.advance(62)
    assert not breaker.is_open()
    assert pace.wait_s(1, clock.monotonic_s()) == 0


def test_the_time_of_day_is_asked_of_the_clock_alone() -> None:
    """So that what is tested with a clock that is turned holds: nothing else reads the machine's time of day."""
    package = Path(greenroom.__file__).parent
    asked = re.compile(r"\btime\.time\(|\bdatetime\.(now|utcnow|today)\(|\bdate\.today\(")
    files = [file for file in package.rglob("*.py") if "testing" not in file.parts]
    found = {str(file.relative_to(package)) for file in files if asked.search(file.read_text())}
    dates_of_others = {"llm/faults.py", "wire/client.py"}
    assert found == {"clock.py"} | dates_of_others
