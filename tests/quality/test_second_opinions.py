"""Meanings from an embedding model, and the opinion of a judge: both are extras, and quality does without them."""

import json

import pytest

from greenroom.config import QualitySettings
from greenroom.errors import NoUpstream
from greenroom.model import STAND_IN, ChatRequest, ModelCard
from greenroom.quality.judge import QUESTIONS, opinion_in
from greenroom.storage.database import Database
from greenroom.testing import FixedCast, FrozenClock, ScriptedModel
from tests.quality.cast import BRAM, GOOD, HOLM, draft
from tests.quality.house import quality
from tests.waiting import until

MEANING = {"like_my_lines", "like_my_sheet", "near_the_last_line"}
UNHURRIED = QualitySettings(embed_within_s=60)
JUDGED = QualitySettings(judge=True, judge_band=50, judge_within_s=60, cold=60)


async def test_meanings_are_compared_once_the_sheet_is_embedded(database: Database) -> None:
    llm = ScriptedModel()
    async with quality(database, FixedCast(HOLM, BRAM), UNHURRIED, llm=llm) as service:
        first = await service.analyze(draft(GOOD))
        await until(lambda: bool(llm.embedded))
        second = await service.analyze(draft(GOOD))
        asked = len(llm.embedded)
        third = await service.analyze(draft(GOOD))
    assert not MEANING & set(first.signals)
    assert set(second.signals) >= MEANING
    assert third.signals == second.signals
    assert len(llm.embedded) == asked, "what was embedded is remembered"


async def test_the_stand_in_is_not_taken_for_a_model_that_knows_meanings(database: Database) -> None:
    llm, clock = ScriptedModel(card=ModelCard(name="words", provider=STAND_IN)), FrozenClock()
    async with quality(database, FixedCast(HOLM), UNHURRIED, llm=llm, clock=clock) as service:
        await service.analyze(draft(GOOD))
        await until(lambda: bool(llm.embedded))
        assert not MEANING & set((await service.analyze(draft(GOOD))).signals)


async def test_no_model_is_asked_for_an_opinion_unless_the_owner_wants_it(database: Database) -> None:
    llm = ScriptedModel("{}")
    service = quality(database, FixedCast(HOLM), llm=llm)
    await service.analyze(draft(GOOD))
    assert not llm.requests


@pytest.mark.parametrize(("bar", "is_asked"), [(-11, False), (-9, True), (9, True), (11, False)])
async def test_only_a_score_near_the_bar_is_in_doubt(database: Database, bar: float, is_asked: bool) -> None:
    line = draft("It is a matter of the usual terms.")
    score = (await quality(database, FixedCast(HOLM)).analyze(line)).overall_score
    assert 11 < score < 89
    settings = JUDGED.model_copy(update={"judge_band": 10, "cold": score + bar})
    llm = ScriptedModel(answer(True))
    await quality(database, FixedCast(HOLM), settings, llm=llm).analyze(line)
    assert bool(llm.requests) == is_asked


async def test_an_opinion_moves_a_score_that_is_in_doubt(database: Database) -> None:
    llm = ScriptedModel()
    service = quality(database, FixedCast(HOLM), JUDGED, llm=llm)
    llm.enqueue(answer(False))
    disliked = await service.analyze(draft(GOOD))
    llm.enqueue(f"```json\n{answer(True)}\n```")
    liked = await service.analyze(draft(GOOD))
    assert liked.overall_score > disliked.overall_score
    assert (liked.reasons[0].signal, liked.reasons[0].effect) == ("model_opinion", 1.0)
    assert [request.role for request in llm.requests] == ["analysis", "analysis"]


@pytest.mark.parametrize("said", ["", "yes", "[]", '{"in_voice": true}', json.dumps(dict.fromkeys(QUESTIONS, 1))])
async def test_an_opinion_without_form_is_not_heard(database: Database, said: str) -> None:
    service = quality(database, FixedCast(HOLM), JUDGED, llm=ScriptedModel(said or " "))
    plain = quality(database, FixedCast(HOLM), QualitySettings(cold=60))
    assert (await service.analyze(draft(GOOD))).overall_score == (await plain.analyze(draft(GOOD))).overall_score
    assert opinion_in(said) is None


async def test_a_judge_that_is_away_leaves_the_score_as_it_is(database: Database) -> None:
    llm = ScriptedModel()
    llm.enqueue(NoUpstream("gone"))
    verdict = await quality(database, FixedCast(HOLM), JUDGED, llm=llm).analyze(draft(GOOD))
    assert "model_opinion" not in {reason.signal for reason in verdict.reasons}


async def test_a_judge_sees_what_is_judged_as_data(database: Database) -> None:
    llm = ScriptedModel(answer(True))
    await quality(database, FixedCast(HOLM), JUDGED, llm=llm).analyze(draft(GOOD))
    (request,) = llm.requests
    assert isinstance(request, ChatRequest)
    material = json.loads(request.messages[1].content)
    assert material["reply"] == GOOD
    assert material["character"] == "Ada Holm"


async def test_a_few_drafts_pass_unseen_when_the_owner_wants_to_know_what_the_check_is_worth(
    database: Database,
) -> None:
    settings = QualitySettings(cold=100).model_copy(update={"unfiltered": 1.0})
    verdict = await quality(database, FixedCast(HOLM), settings).analyze(draft(GOOD))
    assert verdict.unfiltered
    assert verdict.quality_check_passed
    broken = await quality(database, FixedCast(HOLM), settings).analyze(draft("As an AI, I have no lamp."))
    assert not broken.quality_check_passed, "hard rules hold for all"


def answer(yes: bool) -> str:
    return json.dumps(dict.fromkeys(QUESTIONS, yes))
