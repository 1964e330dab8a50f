"""What is stated of a character cannot be unsaid; what nobody knows may be invented."""

import pytest

from greenroom.model import Sheet
from greenroom.quality.facts import facts_of
from greenroom.storage.database import Database
from greenroom.testing import FixedCast
from tests.quality.cast import draft, said
from tests.quality.house import quality

TILDA = Sheet(
    name="Tilda Rook",
    description=(
        "Tilda Rook is a 41-year-old clock maker in Lower Hatch. She loves pickled herring, detests cabbage soup and "
        "has no children. She never drinks wine."
    ),
)


@pytest.mark.parametrize(
    "line",
    [
        "I'm 29 years old, and don't you forget it.",
        "Sit down! I love cabbage soup, there's a pot on.",
        "Pickled herring? I hate pickled herring.",
        "My daughter mends the small ones.",
    ],
)
async def test_a_line_against_the_sheet_fails(database: Database, line: str) -> None:
    verdict = await quality(database, FixedCast(TILDA)).analyze(draft(line, character="Tilda Rook"))
    assert [v.rule for v in verdict.violations] == ["contradiction"]
    assert not verdict.quality_check_passed


@pytest.mark.parametrize(
    "line",
    [
        "I'm 41 years old, and every clock here is older.",
        "I love pickled herring, me. And a good gear.",
        "I hate cabbage soup.",
        "If I had a daughter, my daughter would mend the small ones.",
        "I like turnips well enough.",
        "You hate pickled herring? More for me.",
        'He told me "I love cabbage soup" and I left him.',
        "My brother Osk lives in Tangermouth and is 63.",
    ],
)
async def test_agreement_invention_and_talk_of_others_pass(database: Database, line: str) -> None:
    verdict = await quality(database, FixedCast(TILDA)).analyze(draft(line, character="Tilda Rook"))
    assert [v.rule for v in verdict.violations if v.severity == "critical"] == []


async def test_a_line_against_what_the_character_said_before_fails(database: Database) -> None:
    history = said(("Bram Voss", "Marmalade?"), ("Tilda Rook", "I hate marmalade."), ("Bram Voss", "What, then?"))
    service = quality(database, FixedCast(TILDA))
    verdict = await service.analyze(
        draft("I love marmalade, give it here.", character="Tilda Rook", conversation_history=history)
    )
    assert [v.rule for v in verdict.violations] == ["contradiction"]


PASSAGES = (
    "The great clock in Lower Hatch was built in 1742 by seven brothers. It has four bells.",
    "Tilda Rook loathes marzipan. Tilda Rook has no brothers. Her apprentice loves cheese.",
)


@pytest.mark.parametrize(
    "line",
    [
        "The great clock in Lower Hatch was built in 1802, you know.",
        "Nine brothers built the great clock of Lower Hatch.",
        "Marzipan? I love marzipan.",
        "My brother wound it first.",
    ],
)
async def test_a_line_against_a_passage_that_was_found_fails(database: Database, line: str) -> None:
    asked = draft(line, character="Tilda Rook", context=PASSAGES)
    verdict = await quality(database, FixedCast(TILDA)).analyze(asked)
    assert [v.rule for v in verdict.violations if v.severity == "critical"] == ["contradiction"]


@pytest.mark.parametrize(
    "line",
    [
        "The great clock in Lower Hatch was built in 1742, you know.",
        "Was the great clock in Lower Hatch built in 1802?",
        "The great clock in Lower Hatch was not built in 1802.",
        "The great clock is beautiful, and in 1802 my grandfather was born.",
        "Seven brothers built the clock, and two of them fell off.",
        "I hate cheese.",
        "Lower Hatch has four bells and nine bakers.",
    ],
)
async def test_what_no_passage_contradicts_passes(database: Database, line: str) -> None:
    asked = draft(line, character="Tilda Rook", context=PASSAGES)
    verdict = await quality(database, FixedCast(TILDA)).analyze(asked)
    assert [v.rule for v in verdict.violations if v.severity == "critical"] == []


def test_only_sentences_about_the_character_state_its_facts() -> None:
    facts = facts_of("Odo Pym is twelve years old. His aunt hates cats. Odo adores cats.", "Odo Pym")
    assert set(facts.ages) == {12}
    assert set(facts.tastes) == {("cats", True)}
