import asyncio
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from greenroom.config import QualitySettings
from greenroom.errors import UnknownCharacter
from greenroom.model import CharacterRef, ConversationAnalysisRequest, Nothing, Sheet, SheetOrCard, Spoken
from greenroom.ports import Quality
from greenroom.quality.record import WAITING_ROWS
from greenroom.quality.service import QualityService
from greenroom.quality.tables import verdicts
from greenroom.storage.database import Database
from greenroom.testing import FixedCast
from tests.conftest import Reach
from tests.quality.cast import BRAM, GOOD, HOLM, draft, said
from tests.quality.conftest import Judge
from tests.quality.house import quality

TEXTS = st.one_of(st.text(max_size=300), st.text(alphabet="aA .!?\n*_(\"'<|{[:…\u200b🙂é", max_size=200))


async def test_the_score_is_the_chance_of_acceptance_and_says_what_weighs_most(judge: Judge) -> None:
    good, bad = (
        await judge(draft(GOOD)),
        await judge(draft("I am not sure. It is an interesting consideration, and the")),
    )
    assert good.overall_score > bad.overall_score
    assert good.quality_check_passed
    assert good.signals
    assert bad.recommendations
    assert abs(good.reasons[0].effect) >= abs(good.reasons[-1].effect) > 0
    assert {"evades", "breaks_off"} <= {reason.signal for reason in bad.reasons}


@pytest.mark.parametrize(
    ("messages", "state", "needed"),
    [(0, "cold", 30), (6, "cold", 30), (7, "warm", 60), (20, "warm", 60), (21, "hot", 75), (60, "hot", 75)],
)
async def test_the_bar_rises_with_the_conversation(judge: Judge, messages: int, state: str, needed: float) -> None:
    history = said(*(("Bram Voss", f"Message number {n} it is.") for n in range(messages)))
    direct = await judge(draft(GOOD, conversation_history=history))
    organic = await judge(draft(GOOD, conversation_history=history, message_type="organic"))
    assert (direct.conversation_state, direct.adaptive_threshold) == (state, needed)
    assert organic.adaptive_threshold == needed + 2


async def test_a_bad_line_passes_in_a_cold_conversation_and_fails_in_a_hot_one(judge: Judge) -> None:
    line = "It is a matter of the usual terms."
    cold = await judge(draft(line))
    hot = await judge(draft(line, conversation_history=SMALL_TALK))
    assert cold.quality_check_passed
    assert not hot.quality_check_passed
    assert not hot.stopped_early


async def test_a_minor_fault_is_named_with_advice_and_does_not_end_the_check(judge: Judge) -> None:
    verdict = await judge(draft("The lamp is old, lad. I hope this helps!"))
    assert [(v.rule, v.severity) for v in verdict.violations] == [("assistant_manner", "minor")]
    assert verdict.violations[0].advice in verdict.recommendations
    assert not verdict.stopped_early


async def test_an_unknown_character_is_an_error(judge: Judge) -> None:
    with pytest.raises(UnknownCharacter):
        await judge(draft("Hm.", character="Nobody"))


async def test_a_character_with_nothing_but_a_name_can_be_judged(reach: Reach, database: Database) -> None:
    port = await reach(Quality, quality(database, FixedCast(Sheet(name="Bare"))))
    assert (await port.analyze(draft("Good to be here.", character="Bare"))).quality_check_passed


async def test_a_changed_sheet_is_read_anew(database: Database) -> None:
    cast = FixedCast(BRAM)
    service = quality(database, cast)
    before = await service.analyze(draft("The anchor holds by kelp and kelpie.", character="Bram Voss"))
    await cast.delete(CharacterRef(character="Bram Voss"))
    await cast.create(
        SheetOrCard({"name": "Bram Voss", "description": "Knows every kelp and kelpie, anchor and hold."})
    )
    after = await service.analyze(draft("The anchor holds by kelp and kelpie.", character="Bram Voss"))
    assert after.metrics.authenticity > before.metrics.authenticity


async def test_the_configuration_is_what_the_settings_say(reach: Reach, service: QualityService) -> None:
    config = await (await reach(Quality, service)).config(Nothing())
    assert config.weights == {
        "authenticity": 25,
        "conversation_flow": 30,
        "engagement": 20,
        "anti_hallucination": 20,
        "anti_toxicity": 5,
    }
    assert config.thresholds == {"cold": 30, "warm": 60, "hot": 75}
    assert (config.organic_penalty, config.warm_after, config.hot_after) == (2, 7, 21)


async def test_weights_come_from_the_settings(database: Database) -> None:
    only_civil = QualitySettings(authenticity=0, conversation_flow=0, engagement=0, anti_hallucination=0)
    verdict = await quality(database, FixedCast(HOLM), only_civil).analyze(draft(GOOD))
    assert verdict.overall_score == verdict.metrics.anti_toxicity


async def test_a_conversation_is_summed_up_from_its_verdicts(reach: Reach, database: Database) -> None:
    port = await reach(Quality, quality(database, FixedCast(HOLM, BRAM)))
    good = await port.analyze(draft(GOOD, conversation_id="den"))
    await port.analyze(draft("", conversation_id="den"))
    await port.analyze(draft(GOOD, conversation_id="attic"))
    await port.analyze(draft(GOOD))
    found = await port.conversation_analysis(ConversationAnalysisRequest(conversation_id="den"))
    assert (found.replies, found.passed, found.violations) == (2, 1, {"empty": 1})
    assert found.scores == (good.overall_score, 0)
    assert found.average_score == pytest.approx(good.overall_score / 2, abs=0.01)
    last = await port.conversation_analysis(ConversationAnalysisRequest(conversation_id="den", limit=1))
    assert last.scores == (0,)


async def test_an_unknown_conversation_is_an_empty_one(reach: Reach, database: Database) -> None:
    port = await reach(Quality, quality(database, FixedCast(HOLM)))
    found = await port.conversation_analysis(ConversationAnalysisRequest(conversation_id="nowhere"))
    assert (found.replies, found.average_score) == (0, None)


async def test_what_still_waits_is_written_when_the_service_ends(database: Database) -> None:
    async with quality(database, FixedCast(HOLM)) as service:
        await service.analyze(draft(GOOD, conversation_id="den"))
    later = await quality(database, FixedCast(HOLM)).conversation_analysis(
        ConversationAnalysisRequest(conversation_id="den")
    )
    assert later.replies == 1


async def test_verdicts_wait_while_the_database_is_away_and_the_oldest_are_let_go(database_url: str) -> None:
    database = Database(database_url)
    service = quality(database, FixedCast(HOLM))
    for _ in range(WAITING_ROWS + 5):
        await service.analyze(draft("", conversation_id="den"))
    async with database:
        await service.conversation_analysis(ConversationAnalysisRequest(conversation_id="den"))
        async with database.read() as connection:
            assert await connection.scalar(select(func.count()).select_from(verdicts)) == WAITING_ROWS


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(response=TEXTS, lines=st.lists(st.tuples(TEXTS, TEXTS), max_size=4), context=TEXTS, prompt=TEXTS)
def test_any_text_gives_a_verdict(
    service: QualityService, response: str, lines: list[tuple[str, str]], context: str, prompt: str
) -> None:
    request = draft(
        response, conversation_history=said(*lines, ("Bram Voss", "Hm?")), context=(context,), system_prompt=prompt
    )
    verdict = asyncio.run(service.analyze(request))
    assert 0 <= verdict.overall_score <= 100
    assert all(0 <= value <= 100 for value in verdict.metrics.model_dump().values())
    assert verdict.quality_check_passed is (verdict.overall_score >= 30 and not verdict.stopped_early)


HUGE = {
    "words": "The lamp is older than the sea, lad. ",
    "stars": "*",
    "brackets": "(",
    "quotes": '"',
    "capitals": "Abc Def ",
    "colons": "Abc: ",
    "lines": "\n",
    "dots": "a.",
    "spaces": " ",
    "numbers": "1,",
    "hashes": "# ",
    "braces": "{[",
    "names": "Ada Holm ",
}


@pytest.mark.parametrize("piece", HUGE.values(), ids=HUGE.keys())
async def test_a_reply_of_any_make_is_judged_in_no_time(service: QualityService, piece: str) -> None:
    history = tuple(Spoken(author=f"Guest {n}", content=piece * 300) for n in range(200))
    text = (piece * 100_000)[:100_000]
    began = time.process_time()
    await service.analyze(draft(text, conversation_history=history, context=(text,), system_prompt=text))
    assert time.process_time() - began < 1.0


SMALL_TALK = said(*((f"Guest {n % 3}", f"The boats came in late at {n} bells.") for n in range(30)))
