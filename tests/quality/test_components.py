"""Each signal moves its component the right way."""

from typing import Any

import pytest

from greenroom.model import Example, Metrics, Sheet, Spoken
from greenroom.storage.database import Database
from greenroom.testing import FixedCast
from tests.quality.cast import GOOD, HOLM, SCENE, draft, said
from tests.quality.conftest import Judge
from tests.quality.house import quality

OWN = "Aye, the lamp's older than the tide, lad. What more d'you want from an old keeper?"
STRANGE = "The illumination apparatus represents a considerable investment and its actuarial valuation is ongoing."
LATE = said(*((f"Guest {n % 3}", f"The herring boats number {n} came in late tonight.") for n in range(6)))
TOLD = said(
    ("Bram Voss", "The lamp on Grey Skerry was lit by seven men in the year of the great storm."),
    ("Lars", "So they say in town."),
)
PAIRS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "her own words": ("authenticity", OWN, STRANGE, {}),
    "a catchphrase": ("authenticity", "By salt and by stone. It's old.", "By coal and by bone. It's old.", {}),
    "not her own name": ("authenticity", "The lamp is old.", "The lamp of Ada Holm is old.", {}),
    "not a help desk": ("authenticity", "It is old.", "It is old. I hope this helps!", {}),
    "her own length": ("authenticity", GOOD, f"{GOOD} " + " ".join(f"And then word{n} too." for n in range(40)), {}),
    "what was asked": ("conversation_flow", "The lamp? Older than me.", "Herring is dear this year.", {}),
    "a new line": ("conversation_flow", "Nobody would.", "Aye? And who'd insure a rock in the lake, or a boat?", {}),
    "a new opening": ("conversation_flow", "Old, is all.", "Aye? And who asks?", {}),
    "not a greeting now": (
        "conversation_flow",
        "Those boats are late.",
        "Hello! Those boats are late.",
        {"conversation_history": (*SCENE, *LATE)},
    ),
    "taking it up unasked": (
        "conversation_flow",
        "Late boats, thin herring.",
        "My knee hurts.",
        {"conversation_history": LATE, "message_type": "organic"},
    ),
    "news": (
        "conversation_flow",
        "In town they say many things of seven men and a storm. I was there, and it was two and a goat.",
        "Seven men, in the year of the great storm: so the lamp was lit on Grey Skerry.",
        {"conversation_history": TOLD},
    ),
    "a question": ("engagement", "It is old. Why?", "It is old. So.", {}),
    "an end": ("engagement", "It is old.", "It is old and the", {}),
    "brevity": ("engagement", GOOD, f"{GOOD} " + " ".join(f"And then word{n} too." for n in range(40)), {}),
    "more than a grunt": ("engagement", "It is older than I am.", "Hm.", {}),
    "plain words": (
        "engagement",
        "It is old, as old as I am here.",
        "Its considerable antiquity necessarily precludes estimation.",
        {},
    ),
    "names that are known": ("anti_hallucination", "Ask the men on Grey Skerry.", "Ask the men on Blue Tortuga.", {}),
    "no invented numbers": ("anti_hallucination", "The lamp is old.", "The lamp is 4711 days old since 1837.", {}),
    "no borrowed authority": ("anti_hallucination", "The sea wins.", "Studies show the sea wins.", {}),
    "civil words": ("anti_toxicity", "Go away, please.", "Go away, you stupid bastard.", {}),
    "no threats": ("anti_toxicity", "I will tell you.", "I will strangle you.", {}),
}


@pytest.mark.parametrize(("component", "better", "worse", "changes"), PAIRS.values(), ids=PAIRS.keys())
async def test_the_better_line_scores_higher(
    judge: Judge, component: str, better: str, worse: str, changes: dict[str, Any]
) -> None:
    scores = [score(await metrics(judge, line, changes), component) for line in (better, worse)]
    assert scores[0] > scores[1]


async def test_a_passage_makes_a_name_and_a_number_known(judge: Judge) -> None:
    line = "They say Corvina went down in 1837."
    unknown = await metrics(judge, line, {})
    known = await metrics(judge, line, {"context": ("The brig Corvina sank in 1837.",)})
    assert known.anti_hallucination > unknown.anti_hallucination


async def test_invention_lowers_the_score_and_never_fails_a_line(judge: Judge) -> None:
    line = "Aye, old Tom Blackwood and Jory Penrose came in a balloon from Samarkand in 1702, lad, forty of them."
    verdict = await judge(draft(line))
    assert verdict.quality_check_passed
    assert not verdict.stopped_early


async def test_a_line_is_compared_with_the_others_of_the_scene(judge: Judge) -> None:
    bram: tuple[Spoken, ...] = said(
        ("Bram Voss", "Our premium policy covers liability, subject to the usual terms."),
        ("Bram Voss", "I must insist upon a signature, subject to the usual terms of the company."),
    )
    line = "A signature, subject to the usual terms, covers liability."
    alone = await metrics(judge, line, {"conversation_history": said(("Ada Holm", "Aye, sit down, lad."))})
    beside_bram = await metrics(judge, line, {"conversation_history": (*bram, *SCENE)})
    assert beside_bram.authenticity < alone.authenticity


async def test_a_line_is_compared_with_the_sheets_of_those_who_are_there(database: Database) -> None:
    silent = Sheet(name="Bram Voss")
    talker = Sheet(name="Bram Voss", examples=(Example(reply="Our premium covers liability, as the usual terms say."),))
    line = "Our premium covers liability, as the usual terms say."
    unknown = await quality(database, FixedCast(HOLM, silent)).analyze(draft(line))
    known = await quality(database, FixedCast(HOLM, talker)).analyze(draft(line))
    assert known.metrics.authenticity < unknown.metrics.authenticity


async def test_short_lines_are_judged_calmly(judge: Judge) -> None:
    short, long = await metrics(judge, "Indeed.", {}), await metrics(judge, STRANGE, {})
    assert short.authenticity > long.authenticity


async def metrics(judge: Judge, line: str, changes: dict[str, Any]) -> Metrics:
    verdict = await judge(draft(line, **changes))
    assert not verdict.stopped_early, verdict.violations
    return verdict.metrics


def score(of: Metrics, component: str) -> float:
    value: float = getattr(of, component)
    return value
