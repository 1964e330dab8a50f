"""How often a wrong answer is given: on labelled pairs, and while the cache learns."""

from pathlib import Path
from random import Random

import pytest

from greenroom.llm.similar.experience import Experience, upper_bound
from greenroom.llm.similar.ledger import Pair
from greenroom.storage.database import Database
from tests.llm.similar.asking import asking
from tests.llm.similar.pairs import DIFFERENT, SAME

BOUND = 0.01


async def test_of_pairs_that_want_different_answers_at_most_one_in_a_hundred_gets_the_other_ones(
    database: Database, tmp_path: Path
) -> None:
    """With the embedder that knows no meaning, and the bound as it is set."""
    async with asking(database, tmp_path) as cache:

        async def hits(pairs: list[tuple[str, str]]) -> float:
            found = []
            for here, there in pairs:
                await cache.ask(here, namespace=f"{here} {there}")
                found.append(await cache.source(there, namespace=f"{here} {there}") == "similar")
            return sum(found) / len(found)

        assert await hits(DIFFERENT) <= BOUND
        assert await hits(SAME) >= 0.4


def served_wrong(wrong_rates: dict[float, float], checks: float, questions: int, seed: int) -> tuple[Experience, float]:
    """A stream of pairs, each range of chances with a rate of wrong ones of its own: what is served, and how wrong."""
    draw, experience, served, wrong = Random(seed), Experience(), 0, 0
    for number in range(questions):
        chance = draw.choice(list(wrong_rates))
        is_wrong = draw.random() < wrong_rates[chance]
        serves = experience.estimate(chance) <= BOUND
        served, wrong = served + serves, wrong + (serves and is_wrong)
        right = not is_wrong if draw.random() < checks else None
        if serves or right is not None:
            experience.count(Pair(str(number), "kept", "embedder", chance, served=int(serves), right=right))
    return experience, wrong / max(1, served)


@pytest.mark.parametrize("seed", range(5))
def test_the_bound_is_kept_where_the_calibration_was_too_hopeful(seed: int) -> None:
    experience, wrong = served_wrong({0.001: 0.0005, 0.005: 0.06, 0.02: 0.2}, checks=0.1, questions=20_000, seed=seed)
    assert wrong <= BOUND
    assert experience.estimate(0.005) > BOUND
    assert experience.estimate(0.001) <= BOUND


@pytest.mark.parametrize("seed", range(5))
def test_checks_open_what_the_calibration_was_too_careful_about(seed: int) -> None:
    experience, wrong = served_wrong({0.001: 0.0, 0.005: 0.002, 0.02: 0.002}, checks=0.1, questions=40_000, seed=seed)
    assert wrong <= BOUND
    assert experience.estimate(0.02) <= BOUND


def test_no_range_is_trusted_more_than_one_that_was_thought_safer() -> None:
    experience = Experience()
    for number in range(2000):
        experience.count(Pair(f"safe {number}", "kept", "embedder", 0.005, right=number % 10 > 0))
        experience.count(Pair(f"doubtful {number}", "kept", "embedder", 0.02, right=True))
    assert experience.estimate(0.02) >= experience.estimate(0.005) > 0.05


def test_reports_make_it_careful_without_any_check() -> None:
    experience = Experience()
    for number in range(2):
        assert experience.estimate(0.005) <= BOUND
        experience.count(Pair(str(number), "kept", "embedder", 0.005, served=1, right=False, reported=True))
    assert experience.estimate(0.005) > BOUND


def test_silence_after_answers_opens_nothing() -> None:
    experience = Experience()
    for number in range(10_000):
        experience.count(Pair(str(number), "kept", "embedder", 0.005, served=1))
    assert experience.estimate(0.02) > BOUND


def test_the_bound_of_a_share_narrows_with_checks() -> None:
    assert upper_bound(0, 0) is None
    assert upper_bound(0, 10) == pytest.approx(0.213, abs=0.001)
    assert upper_bound(0, 1000) == pytest.approx(0.0027, abs=0.0001)
    assert upper_bound(5, 1000) == pytest.approx(0.0101, abs=0.0002)
    assert upper_bound(10, 10) == 1
