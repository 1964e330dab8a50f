"""What the routing is told of the lines whose models it chose."""

import asyncio
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from greenroom.errors import ServiceAway
from greenroom.model import Outcome, Rating, Receipt
from greenroom.storage.database import Database
from greenroom.testing import FakeOllama, FixedRouting, FixedTurns, FrozenClock
from greenroom.tuning.follower import Follower
from greenroom.tuning.outcomes import Outcomes, by_quality
from greenroom.tuning.performances import Performances
from greenroom.tuning.service import TuningService
from tests.deployments import one_process
from tests.tuning.receipts import CHOSEN, receipt, routed


async def follow(database: Database, *receipts: Receipt) -> None:
    await Follower(FixedTurns(*receipts), Performances(database), FrozenClock()).read_page()


@pytest.fixture
def routing() -> FixedRouting:
    return FixedRouting("d1")


@pytest.fixture
def outcomes(database: Database, routing: FixedRouting) -> Outcomes:
    return Outcomes(database, routing, FrozenClock())


async def test_quality_controls_word_reaches_the_routing_once(
    database: Database, routing: FixedRouting, outcomes: Outcomes
) -> None:
    await follow(database, routed("t1", ["repeated"], []), receipt("t2", []))
    await outcomes.tell_some()
    await outcomes.tell_some()
    assert routing.told == [Outcome(decision="d1", source="quality", good=0.5)]


async def test_what_people_think_of_a_line_reaches_the_routing_and_can_be_taken_back(
    database: Database, routing: FixedRouting, outcomes: Outcomes
) -> None:
    tuning = TuningService(database, FixedTurns(routed("t1", [])), routing, FrozenClock())
    await tuning.rate(Rating(turn_id="t1", user_id="ann", character="peter", thumb=1))
    await tuning.rate(Rating(turn_id="t1", user_id="bob", character="peter", stars=2))
    await outcomes.tell_some()
    await tuning.rate(Rating(turn_id="t1", user_id="ann", character="peter", thumb=0))
    await tuning.rate(Rating(turn_id="t1", user_id="bob", character="peter", thumb=0))
    await outcomes.tell_some()
    assert routing.told == [
        Outcome(decision="d1", source="rating", good=(1 + 0.25) / 2),
        Outcome(decision="d1", source="rating", good=None),
    ]


async def test_what_could_not_be_told_is_told_later(
    database: Database, routing: FixedRouting, outcomes: Outcomes
) -> None:
    await follow(database, routed("t1", []))
    routing.away = ServiceAway("the gateway does not answer")
    with pytest.raises(ServiceAway):
        await outcomes.tell_some()
    routing.away = None
    await Outcomes(database, routing, FrozenClock()).tell_some()
    assert [outcome.good for outcome in routing.told] == [1.0]


async def test_a_decision_that_nobody_keeps_any_more_is_let_go_but_not_one_that_was_just_taken(
    database: Database, outcomes: Outcomes, routing: FixedRouting
) -> None:
    clock = FrozenClock()
    late = CHOSEN.model_copy(update={"id": "d2"})
    old, new = routed("t1", [], decision=CHOSEN.model_copy(update={"id": "d0"})), routed("t2", [], decision=late)
    just_now = new.turn.model_copy(update={"ended_at": clock.now() - timedelta(seconds=1)})
    long_ago = old.turn.model_copy(update={"ended_at": clock.now() - timedelta(hours=1)})
    await follow(database, old.model_copy(update={"turn": long_ago}), new.model_copy(update={"turn": just_now}))
    await outcomes.tell_some()
    routing.decisions = {"d0", "d2"}
    await outcomes.tell_some()
    assert [outcome.decision for outcome in routing.told] == ["d2"]


@pytest.mark.parametrize(
    "made",
    [
        receipt("t1", []),
        routed("t1", [], model="ollama/another"),
        routed("t1", [], model="understudy/words", decision=CHOSEN.model_copy(update={"model": "understudy/words"})),
        routed("t1"),
    ],
    ids=["no decision", "another model answered", "the understudy stood in", "no draft"],
)
def test_a_decision_is_judged_only_by_what_its_own_model_wrote(made: Receipt) -> None:
    assert by_quality(made) is None


def test_a_draft_that_quality_control_never_saw_says_nothing() -> None:
    made = routed("t1", [], [])
    unseen = made.attempts[0].model_copy(update={"verdict": None, "error": "NoUpstream: away"})
    assert by_quality(made.model_copy(update={"attempts": (unseen, made.attempts[1])})) == Outcome(
        decision="d1", source="quality", good=1.0
    )


async def test_in_a_whole_house_a_judged_line_reaches_the_routing_by_itself(tmp_path: Path) -> None:
    async with FakeOllama(models=("small:latest",)) as ollama:
        settings = {"llm__ollama_url": ollama.url, "llm__generation__model": "auto"}
        async with one_process(tmp_path, **settings) as addresses, aiohttp.ClientSession() as http:
            ollama.enqueue("Holy crap, Lois, that is the best beer I ever had!")
            said = {"character_name": "peter", "input_text": "How is the beer?", "channel_id": "den"}
            async with http.post(f"{addresses['router']}/orchestrate", json=said) as response:
                reply = await response.json()
                assert response.status == 200, reply
            async with asyncio.timeout(60):
                while True:
                    async with http.get(f"{addresses['llm']}/routing") as response:
                        if (await response.json())["outcomes"] == 1:
                            break
                    await asyncio.sleep(0.1)
