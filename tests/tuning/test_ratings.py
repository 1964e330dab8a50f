import pytest

from greenroom.errors import InvalidInput, UnknownTurn
from greenroom.model import PerformanceRequest, Rating, RatingsRequest
from greenroom.ports import Tuning
from greenroom.storage.database import Database
from greenroom.testing import FixedRouting, FixedTurns, FrozenClock
from greenroom.tuning.service import TuningService
from tests.conftest import Reach
from tests.tuning.receipts import receipt


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
async def tuning(reach: Reach, database: Database, clock: FrozenClock) -> Tuning:
    turns = FixedTurns(receipt("t1"), receipt("t2"), receipt("t3", character="Brian"))
    return await reach(Tuning, TuningService(database, turns, FixedRouting(), clock))


async def test_everyone_has_one_opinion_of_a_turn(tuning: Tuning, clock: FrozenClock) -> None:
    await tuning.rate(Rating(turn_id="t1", user_id="ann", character="peter", thumb=1))
    clock.advance(60)
    await tuning.rate(Rating(turn_id="t1", user_id="bob", character="peter", thumb=1))
    clock.advance(60)
    opinions = await tuning.rate(Rating(turn_id="t1", user_id="ann", character="Peter", thumb=-1, stars=2))

    assert (opinions.up, opinions.down) == (1, 1)
    assert [(r.user_id, r.character, r.thumb, r.stars, r.rated_at) for r in opinions.ratings] == [
        ("ann", "peter", -1, 2, clock.now()),
        ("bob", "peter", 1, None, opinions.ratings[1].rated_at),
    ]


async def test_an_opinion_can_be_taken_back(tuning: Tuning) -> None:
    await tuning.rate(Rating(turn_id="t1", user_id="ann", character="peter", thumb=1))
    await tuning.rate(Rating(turn_id="t1", user_id="bob", character="peter", thumb=1))

    opinions = await tuning.rate(Rating(turn_id="t1", user_id="ann", character="peter", thumb=0))

    assert [r.user_id for r in opinions.ratings] == ["bob"]
    assert opinions.up == 1


async def test_stars_alone_are_an_opinion(tuning: Tuning) -> None:
    opinions = await tuning.rate(Rating(turn_id="t1", user_id="ann", character="peter", stars=4))

    assert [(r.thumb, r.stars) for r in opinions.ratings] == [(0, 4)]
    assert (opinions.up, opinions.down) == (0, 0)


async def test_a_turn_that_is_not_in_the_log_cannot_be_rated(tuning: Tuning) -> None:
    with pytest.raises(UnknownTurn):
        await tuning.rate(Rating(turn_id="t9", user_id="ann", character="peter", thumb=1))


async def test_a_rating_that_names_the_wrong_character_is_refused(tuning: Tuning) -> None:
    with pytest.raises(InvalidInput, match="turn 't3' is by 'brian', not by 'peter'"):
        await tuning.rate(Rating(turn_id="t3", user_id="ann", character="peter", thumb=1))

    assert (await tuning.ratings(RatingsRequest())).ratings == ()


async def test_ratings_are_listed_newest_first_and_counted_beyond_the_limit(tuning: Tuning, clock: FrozenClock) -> None:
    await tuning.rate(Rating(turn_id="t1", user_id="ann", character="peter", thumb=1))
    clock.advance(1)
    await tuning.rate(Rating(turn_id="t2", user_id="ann", character="peter", thumb=-1))
    clock.advance(1)
    await tuning.rate(Rating(turn_id="t3", user_id="ann", character="brian", thumb=1))

    everything = await tuning.ratings(RatingsRequest(limit=2))
    of_peter = await tuning.ratings(RatingsRequest(character="Peter"))

    assert [r.turn_id for r in everything.ratings] == ["t3", "t2"]
    assert [r.turn_id for r in (await tuning.ratings(RatingsRequest(limit=2, skip=2))).ratings] == ["t1"]
    assert (everything.up, everything.down) == (2, 1)
    assert [r.turn_id for r in of_peter.ratings] == ["t2", "t1"]
    assert (of_peter.up, of_peter.down) == (1, 1)
    assert (await tuning.ratings(RatingsRequest(turn_id="t9"))).ratings == ()


async def test_a_person_finds_their_own_ratings_however_many_there_are(tuning: Tuning) -> None:
    await tuning.rate(Rating(turn_id="t1", user_id="ann", character="peter", thumb=1))
    for stranger in range(5):
        await tuning.rate(Rating(turn_id="t2", user_id=f"stranger-{stranger}", character="peter", thumb=-1))

    own = await tuning.ratings(RatingsRequest(user_id="ann", limit=1))

    assert [(r.turn_id, r.thumb) for r in own.ratings] == [("t1", 1)]
    assert (own.up, own.down) == (1, 0)


async def test_the_thumbs_are_part_of_the_figures(tuning: Tuning) -> None:
    await tuning.rate(Rating(turn_id="t1", user_id="ann", character="peter", thumb=1))
    await tuning.rate(Rating(turn_id="t3", user_id="ann", character="brian", thumb=-1))

    figures = await tuning.performance_stats(PerformanceRequest(character="Brian"))

    assert (figures.up, figures.down, figures.turns) == (0, 1, 0)
