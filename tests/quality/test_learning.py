"""Bars that follow the scores, and a scale that follows the ratings."""

from datetime import UTC, datetime

import pytest

from greenroom.config import QualitySettings
from greenroom.errors import Conflict, ServiceAway
from greenroom.lane import Lane
from greenroom.model import (
    Attempt,
    Bar,
    ChannelId,
    CharacterId,
    Metrics,
    Nothing,
    PersonId,
    Rating,
    Receipt,
    Turn,
    TurnId,
    TurnRequest,
    Verdict,
)
from greenroom.ports import Quality
from greenroom.quality.ledger import Ledger
from greenroom.quality.people import Rated, auc, learn, pearson
from greenroom.quality.thresholds import moved
from greenroom.storage.database import Database
from greenroom.testing import FixedCast, FixedTurns, FrozenClock
from tests.conftest import Reach
from tests.quality.cast import BRAM, GOOD, HOLM, draft
from tests.quality.house import RatedLines, quality
from tests.waiting import until

(ADA,) = map(CharacterId, FixedCast(HOLM).characters)
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def test_in_the_long_run_as_many_fail_as_the_budget_says_however_scores_drift() -> None:
    settings, bar = QualitySettings(bar_reach=100), Bar(character="ada", state="warm", threshold=60, starting=60)
    failed = 0
    for number in range(4_000):
        score = 70 + 20 * ((number * 0.618034) % 1) - (12 if number > 2_000 else 0)
        failed += score < bar.threshold
        bar = moved(bar, score, settings)
    assert failed / 4_000 == pytest.approx(settings.reject_rate, abs=0.02)
    assert bar.drafts == 4_000


def test_a_bar_stops_at_the_end_of_its_reach_and_says_so() -> None:
    settings, bar = QualitySettings(bar_reach=5), Bar(character="ada", state="warm", threshold=60, starting=60)
    for _ in range(100):
        bar = moved(bar, 10, settings)
    assert (bar.threshold, bar.clamped) == (55, True)


def test_a_character_with_few_ratings_keeps_close_to_the_cast() -> None:
    of_all = [Rated("ada", f"guest {n}", 1.0, accepted=n % 10 > 0) for n in range(200)]
    liked_less = [Rated("bram", f"guest {n}", 1.0, accepted=False) for n in range(2)]
    people = learn([*of_all, *liked_less])
    assert people.log_odds("bram", 1.0) < people.log_odds("ada", 1.0)
    assert people.log_odds("bram", 1.0) > people.log_odds("ada", 1.0) - 1.5
    assert learn([]).log_odds("ada", 0.7) == 0.7


def test_one_person_with_many_opinions_counts_as_a_few() -> None:
    many = [Rated("ada", "one", 1.0, accepted=False) for _ in range(400)]
    crowd = [Rated("ada", f"guest {n}", 1.0, accepted=True) for n in range(100)]
    assert learn([*many, *crowd]).log_odds("ada", 1.0) > 0


def test_figures_on_ratings_say_nothing_about_few_lines_or_one_kind() -> None:
    lines = [Rated("ada", f"guest {n}", n / 10, accepted=n >= 10) for n in range(20)]
    assert (auc(lines), auc(lines[:5]), auc(lines[10:])) == (1.0, None, None)
    assert pearson(lines) == pytest.approx(0.86, abs=0.1)
    assert pearson(lines[:10]) is None


async def test_the_bar_of_a_character_follows_its_turns_and_outlives_a_restart(
    database: Database, reach: Reach
) -> None:
    turns = FixedTurns(*(receipt(number, score=20) for number in range(30)))
    async with quality(database, FixedCast(HOLM, BRAM), turns=turns) as service:
        await until(lambda: service.figures()["quality_bars"] == 1)
        port = await reach(Quality, service)
        (bar,) = (await port.config(Nothing())).bars
        assert (bar.character, bar.state, bar.starting, bar.drafts) == (ADA, "cold", 30, 30)
        assert bar.threshold < 30
        assert (await port.analyze(draft(GOOD))).adaptive_threshold == pytest.approx(bar.threshold, abs=0.01)
    async with quality(database, FixedCast(HOLM, BRAM), turns=turns) as again:
        await until(lambda: again.figures()["quality_bars"] == 1)
        assert (await again.config(Nothing())).bars == (bar,)


async def test_lines_that_break_hard_rules_move_no_bar(database: Database) -> None:
    turns = FixedTurns(receipt(1, score=0, stopped=True), receipt(2, score=80))
    async with quality(database, FixedCast(HOLM), turns=turns) as service:
        await until(lambda: service.figures()["quality_bars"] == 1)
        ((bar),) = (await service.config(Nothing())).bars
        assert bar.drafts == 1


async def test_ratings_move_the_scale_and_the_card_says_how_well_scores_did(database: Database) -> None:
    turns = FixedTurns(*(receipt(number, score=80, asks=number % 2) for number in range(40)))
    tuning = RatedLines([rating(number, 1 if number % 2 else -1) for number in range(40)])
    async with quality(database, FixedCast(HOLM), turns=turns, tuning=tuning) as service:
        before = await quality(database, FixedCast(HOLM)).analyze(draft(GOOD))
        await until(lambda: service.figures()["quality_ratings_learnt"] == 40)
        after = await service.analyze(draft(GOOD))
        card = (await service.config(Nothing())).card
    assert after.overall_score < before.overall_score
    assert card is not None
    assert (card.own.lines, card.own.auc, card.ratings_learnt) == (40, 1.0, 40)
    assert card.own.dated == "2026-11-01 to 2026-11-01"
    assert card.fitted
    measured = {figures.name: figures for figures in card.development}
    assert all(figures.dated and figures.how for figures in card.development)
    assert any(figures.auc for figures in measured.values())
    assert any(figures.correlation for figures in measured.values())
    assert card.lines > 500


async def test_a_rating_that_is_taken_back_is_unlearnt(database: Database) -> None:
    clock = FrozenClock()
    turns, tuning = FixedTurns(*map(receipt, range(12))), RatedLines([rating(number, -1) for number in range(12)])
    async with quality(database, FixedCast(HOLM), turns=turns, tuning=tuning, clock=clock) as service:
        await until(lambda: service.figures()["quality_ratings_learnt"] == 12)
        tuning.known.clear()
        clock.advance(31)
        await until(lambda: service.figures()["quality_ratings_learnt"] == 0)


async def test_people_go_first_before_a_page_is_learnt_from(database: Database) -> None:
    turns, waited_s = FixedTurns(receipt(1, score=80)), iter([0.5, 1.0])
    lane = Lane(lambda: next(waited_s, None), FrozenClock())
    async with quality(database, FixedCast(HOLM), turns=turns, lane=lane) as service:
        await until(lambda: service.figures()["quality_bars"] == 1)
    assert list(waited_s) == []


async def test_a_log_that_is_away_leaves_the_bars_where_they_start(database: Database) -> None:
    turns = FixedTurns(receipt(1))
    turns.away = ServiceAway("restarting")
    async with quality(database, FixedCast(HOLM), turns=turns) as service:
        assert (await service.analyze(draft(GOOD))).adaptive_threshold == 30


async def test_two_instances_do_not_count_a_part_of_the_log_twice(database: Database) -> None:
    ledger = Ledger(database, QualitySettings())
    await ledger.advance([], [], 0, 5)
    with pytest.raises(Conflict):
        await ledger.advance([], [], 0, 5)
    assert await ledger.cursor() == 5


def receipt(number: int, *, score: float = 70, asks: float = 0, stopped: bool = False) -> Receipt:
    """A turn of Ada's in one draft, with its verdict."""
    verdict = Verdict(
        overall_score=score,
        quality_check_passed=not stopped,
        adaptive_threshold=30,
        conversation_state="cold",
        metrics=Metrics(),
        signals={} if stopped else {"asks": asks, "varied": 1.0},
        stopped_early=stopped,
    )
    turn = Turn(
        id=TurnId(f"t{number}"),
        position=1,
        channel_id=ChannelId("den"),
        character=ADA,
        character_name="Ada Holm",
        user_id=PersonId("bram"),
        user_name="Bram",
        message_type="direct",
        input_text="And?",
        reply="Aye.",
        state="answered",
        begun_at=NOON,
        ended_at=NOON,
    )
    request = TurnRequest(character_name="Ada Holm", input_text="And?")
    attempt = Attempt(number=1, stage="standard", draft="Aye.", verdict=verdict)
    return Receipt(turn=turn, request=request, chosen_attempt=1, attempts=(attempt,))


def rating(number: int, thumb: int) -> Rating:
    """An opinion of one turn, each by somebody else."""
    return Rating.model_validate(
        {"turn_id": f"t{number}", "user_id": f"guest {number}", "character": ADA, "thumb": thumb, "rated_at": NOON}
    )
