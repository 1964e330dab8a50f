"""Where medium and hard begin."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from greenroom.config import RoutingSettings
from greenroom.llm.routing.levels import Levels


def test_before_there_is_enough_traffic_the_settings_count() -> None:
    levels = Levels(RoutingSettings(medium_from=0.4, high_from=0.6))
    levels.begin_with([0.9] * 199)
    assert [levels.of(score) for score in (0.39, 0.4, 0.6)] == ["low", "medium", "high"]
    assert not levels.from_traffic


def test_then_the_hardest_share_of_the_traffic_is_hard() -> None:
    levels = Levels(RoutingSettings(cloud_share=0.2, medium_share=0.3))
    scores = [random.Random(number).random() for number in range(1000)]
    for score in scores:
        levels.note(score)
    found = [levels.of(score) for score in scores]
    assert [found.count(level) for level in ("high", "medium", "low")] == [200, 300, 500]


def test_only_the_newest_requests_count() -> None:
    levels = Levels(RoutingSettings(window=200, cloud_share=0.5, medium_share=0))
    levels.begin_with([0.9] * 200)
    for number in range(200):
        levels.note(number / 1000)
    assert levels.of(0.15) == "high"


def test_the_cloud_may_be_forbidden_and_may_be_for_all() -> None:
    scores = [number / 400 for number in range(400)]
    never, always = Levels(RoutingSettings(cloud_share=0)), Levels(RoutingSettings(cloud_share=1))
    never.begin_with(scores)
    always.begin_with(scores)
    assert never.of(1.0) == "medium"
    assert always.of(0.0) == "high"


@settings(deadline=None, max_examples=50)
@given(st.integers(200, 400), st.integers(), st.floats(0, 1))
def test_never_more_than_the_share_is_hard_however_alike_the_scores_are(count: int, seed: int, share: float) -> None:
    scores = random.Random(seed).choices([0.1, 0.2, 0.5, 0.9], k=count)
    levels = Levels(RoutingSettings(cloud_share=share))
    levels.begin_with(scores)
    assert sum(levels.of(score) == "high" for score in scores) <= share * len(scores) + 1e-9
