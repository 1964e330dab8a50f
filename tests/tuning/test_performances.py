import pytest

from greenroom.model import Performance, PerformanceRequest, PerformanceStats
from greenroom.ports import Tuning
from greenroom.storage.database import Database
from greenroom.testing import FixedRouting, FixedTurns, FrozenClock
from greenroom.tuning.service import TuningService
from tests.conftest import Reach


@pytest.fixture
async def tuning(reach: Reach, database: Database) -> Tuning:
    return await reach(Tuning, TuningService(database, FixedTurns(), FixedRouting(), FrozenClock()))


async def test_nothing_recorded_is_no_figures(tuning: Tuning) -> None:
    assert await tuning.performance_stats(PerformanceRequest()) == PerformanceStats()


async def test_recorded_turns_are_summed_up(tuning: Tuning) -> None:
    good = Performance(turn_id="t1", character="peter", success=True, quality_score=80, violations=("too_long",))
    bad = Performance(
        turn_id="t2", character="Peter", success=False, attempts=4, violations=("repeated", "too_long", "repeated")
    )
    other = Performance(turn_id="t3", character="brian", success=True, quality_score=50)
    for performance in (good, bad, other):
        await tuning.record_performance(performance)

    of_peter = await tuning.performance_stats(PerformanceRequest(character="Peter"))
    of_all = await tuning.performance_stats(PerformanceRequest())

    assert of_peter == PerformanceStats(
        turns=2, succeeded=1, average_score=80, average_attempts=2.5, violations={"repeated": 2, "too_long": 2}
    )
    assert (of_all.turns, of_all.succeeded, of_all.average_score) == (3, 2, 65)


async def test_the_same_turn_again_replaces_its_record(tuning: Tuning) -> None:
    await tuning.record_performance(
        Performance(turn_id="t1", character="peter", success=False, violations=("empty", "empty"))
    )
    await tuning.record_performance(
        Performance(turn_id="t1", character="peter", success=True, quality_score=70, violations=("too_long",))
    )

    figures = await tuning.performance_stats(PerformanceRequest())

    assert (figures.turns, figures.succeeded, figures.violations) == (1, 1, {"too_long": 1})
