"""The port `Routing`: outcomes, what is learnt from them, and what outlives a restart."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from greenroom.config import RoutingSettings
from greenroom.errors import InvalidInput, NotFound, StorageFull
from greenroom.llm.routing import journal as journals
from greenroom.llm.routing.journal import Journal
from greenroom.llm.routing.learning import Learning
from greenroom.llm.routing.prints import Print, printed
from greenroom.model import Nothing, Outcome, RoutingState
from greenroom.ports import Routing
from greenroom.storage.database import Database
from greenroom.testing import FrozenClock
from tests.conftest import Reach
from tests.llm.routing.test_fitting import EASY_HERE, HARD_HERE, asked, is_hard
from tests.waiting import until

NOW = Nothing()
SETTINGS = RoutingSettings(window=300)


@asynccontextmanager
async def learning_in(database: Database, settings: RoutingSettings = SETTINGS) -> AsyncIterator[Learning]:
    clock = FrozenClock()
    async with Learning(settings, Journal(database, clock, settings.window), clock) as learning:
        yield learning


@pytest.fixture
async def learning(database: Database) -> AsyncIterator[Learning]:
    async with learning_in(database) as learning:
        yield learning


def question(number: int) -> Print:
    return printed(f"how much is {'1 + ' * (number % 20)}{number}?")


def traffic(learning: Learning, count: int) -> None:
    for number in range(count):
        learning.note(f"request-{number}", "local", question(number))


async def outcomes(routing: Routing, count: int) -> None:
    for number in range(count):
        await routing.record(Outcome(prompt=asked(number), side="local", good=0 if is_hard(number) else 1))


async def test_at_first_it_goes_by_what_is_set(reach: Reach, learning: Learning) -> None:
    state = await (await reach(Routing, learning)).state(NOW)
    assert state == RoutingState(
        version=0, medium_from=0.35, high_from=0.6, from_traffic=False, requests=0, outcomes=0, lost=0
    )


async def test_what_was_learnt_and_where_hard_begins_outlive_a_restart(database: Database) -> None:
    async with learning_in(database) as learning:
        traffic(learning, 280)
        await outcomes(learning, 120)
        before = await learning.refit(NOW)
        assert (before.version, before.from_traffic, before.requests, before.outcomes) == (1, True, 280, 120)
        hard = learning.weights.score(printed(f"what of {HARD_HERE}?"))
    async with learning_in(database) as learning:
        assert await learning.state(NOW) == before
        assert learning.weights.score(printed(f"what of {HARD_HERE}?")) == pytest.approx(hard)


async def test_new_weights_find_new_levels_in_the_same_traffic(learning: Learning) -> None:
    traffic(learning, 250)
    await outcomes(learning, 120)
    await learning.refit(NOW)
    scores = [learning.weights.score(question(number)) for number in range(250)]
    assert sum(learning.levels.of(score) == "high" for score in scores) <= 0.3 * 250


async def test_an_outcome_may_name_the_decision_that_it_is_about(reach: Reach, learning: Learning) -> None:
    routing = await reach(Routing, learning)
    traffic(learning, 1)
    await routing.record(Outcome(decision="request-0", good=0.2))
    assert (await routing.state(NOW)).outcomes == 1
    with pytest.raises(NotFound, match="'unheard-of'"):
        await routing.record(Outcome(decision="unheard-of", good=1))
    with pytest.raises(InvalidInput, match="a decision, or a prompt and the side"):
        await routing.record(Outcome(prompt="no side", good=1))


async def test_a_rating_counts_for_more_than_a_verdict_and_the_last_word_of_a_source_stands(learning: Learning) -> None:
    for number in range(120):
        good = 0 if is_hard(number) else 1
        for source, value in (("rating", 1 - good), ("quality", 1 - good), ("rating", good), ("quality", 0.5)):
            about = {"prompt": asked(number), "side": "local", "source": source, "good": value}
            await learning.record(Outcome.model_validate(about))
    state = await learning.refit(NOW)
    assert state.learnt_from == 120
    assert learning.weights.score(printed(HARD_HERE)) > learning.weights.score(printed(EASY_HERE))


async def test_the_clouds_outcomes_are_kept_and_not_learnt_from(learning: Learning) -> None:
    await learning.record(Outcome(prompt="a question", side="cloud", good=0))
    assert (await learning.refit(NOW)).outcomes == 0


async def test_enough_outcomes_are_learnt_from_by_themselves(learning: Learning) -> None:
    await outcomes(learning, 120)
    await until(lambda: learning.weights.version == 1)


async def test_while_nothing_can_be_written_requests_go_on_and_memory_does_not_grow(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(FullDatabase(), FrozenClock(), 300)  # type: ignore[arg-type]
    for number in range(5000):
        journal.note(journals.Routed(f"{number}", "local", printed("hello"), FrozenClock().now()))
    with pytest.raises(StorageFull):
        await journal.write()
    assert journal.lost == 3000


class FullDatabase:
    """A database on a disk without room."""

    def write(self) -> AsyncIterator[None]:
        raise StorageFull


async def test_only_the_newest_requests_are_kept(database: Database) -> None:
    async with learning_in(database) as learning:
        for start in range(0, 1000, 250):
            for number in range(start, start + 250):
                learning.note(f"{number}", "local", printed("hello"))
            await learning.refit(NOW)
    journal = Journal(database, FrozenClock(), 5000)
    assert len(await journal.requests()) <= 500
