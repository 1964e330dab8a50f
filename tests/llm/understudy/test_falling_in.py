"""A line that nobody asked for takes up what another character said, and leaves alone what is answered."""

import pytest

from greenroom.model import Options
from tests.llm.understudy.test_provider import KEEPER, LORE, chat, reply_to

FALLING_IN = "\n## Right now\nPresent, beside you: Sam, Tor.\nYou fall in on what Tor said last. Nobody has asked you."
ANSWERED = "Sam: Tor, how is the lamp oil?\nTor: Four barrels of oil, and the wick is new. What else, Sam?"


async def lines_on(said: str, system: str = KEEPER + FALLING_IN) -> set[str]:
    return {await reply_to(chat(said, system=system, options=Options(seed=seed))) for seed in range(20)}


async def test_a_question_that_another_has_answered_is_not_taken_for_one_asked_again() -> None:
    for line in await lines_on(ANSWERED):
        assert not any(phrase in line for phrase in ("again", "already", "twice", "asked me", "been here before"))


async def test_what_was_just_told_is_not_told_once_more() -> None:
    lore = KEEPER + LORE + FALLING_IN
    said = "Sam: When was the light lit?\nTor: The light on Skerry Rock was first lit in 1871."
    assert not any("1871" in line for line in await lines_on(said, lore))


async def test_what_another_told_is_not_told_again_in_answer_to_a_person() -> None:
    said = "Tor: In 1871 they first lit the light on Skerry Rock.\nSam: Marit, tell me about the light on Skerry Rock!"
    assert not any("1871" in line for line in await lines_on(said, KEEPER + LORE))


async def test_a_line_that_answers_a_greeting_does_not_follow_talk_of_the_morning() -> None:
    """Its words may be near; it would still be said to somebody who has just come in."""
    greeted = "\nSam: Good morning, Marit! How are you?\nMarit: Come in, come in, and mind the step.\n"
    system = KEEPER.replace("\n## Rules", f"{greeted}\n## Rules")
    said = "Sam: Tor, what a morning!\nTor: Every morning is a good morning out here."
    assert not any("Come in" in line for line in await lines_on(said, system + FALLING_IN))


async def test_an_own_line_on_the_same_thing_is_said() -> None:
    said = "Sam: Tor, are you in a hurry?\nTor: No hurry, the sea takes her time."
    assert any("I don't hold with hurry" in line for line in await lines_on(said))


async def test_who_is_called_by_the_one_it_falls_in_on_answers_that_one() -> None:
    said = "Sam: Tor, is she lonely?\nTor: Marit, do you not get lonely out there?"
    assert all("lonelier rooms" in line for line in await lines_on(said))


@pytest.mark.parametrize("name", ["Tor", "Kim"])
async def test_without_such_a_prompt_a_question_that_waits_is_answered(name: str) -> None:
    """Other programs' group chats say nothing of falling in; the question is not taken for one that came twice."""
    said = f"Sam: What is 12 * 7?\nTor: No idea, {name}."
    assert all("84" in line for line in await lines_on(said, KEEPER))


async def test_who_begins_opens_on_the_topic_and_answers_nobody() -> None:
    opening = "\n## Right now\nIt has been quiet for a while, and you begin to talk about the lamp. Say something."
    said = "Narrator: (It has been quiet for a while. Marit begins to talk about the lamp.)"
    lines = await lines_on(said, KEEPER + opening)
    assert any("the lamp" in line for line in lines)
    assert not any("Narrator" in line for line in lines)
