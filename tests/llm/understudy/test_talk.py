"""Long conversations with the understudy: it never says a line twice, and remembers what it was told."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greenroom.text import jaccard, shingles, words
from tests.llm.understudy.test_provider import KEEPER, LORE, chat, reply_to

SHOWN = 50
QUESTIONS = (
    "Sam: How are you?",
    "Sam: What's your favourite cheese?",
    "Sam: Where do you live?",
    "Sam: Do you like Tor?",
    "Sam: Tell me a joke.",
)
CARD = "You are Aria.\n\n## Examples\nGuest: Hello!\nAria: The usual?\n\nAria: Rain again. Good for the beans."
lines = st.lists(
    st.sampled_from([*QUESTIONS, "Sam: why?", "Sam: bye", "Sam: hm", "Sam: I bought a boat."]), max_size=12
)


def same(one: str, other: str) -> bool:
    first, second = words(one), words(other)
    return first == second or jaccard(shingles(first, 3), shingles(second, 3)) >= 0.6


async def talk(questions: list[str], system: str, character: str) -> list[str]:
    """The replies to these lines, each with the last fifty lines shown."""
    said: list[str] = []
    for question in questions:
        said.append(question)
        said.append(await reply_to(chat(*said[1 - SHOWN :], system=system, character=character)))
    return said[1::2]


@pytest.mark.parametrize(("system", "character"), [(KEEPER + LORE, "marit"), (CARD, "aria")])
@pytest.mark.parametrize("questions", [QUESTIONS, QUESTIONS[4:], ("Sam: bye",)])
async def test_the_same_questions_never_get_the_same_line_again(
    system: str, character: str, questions: tuple[str, ...]
) -> None:
    replies = await talk([questions[turn % len(questions)] for turn in range(60)], system, character)

    for place, reply in enumerate(replies):
        assert reply
        assert not [before for before in replies[max(0, place - 24) : place] if same(before, reply)]


@given(lines)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_is_said_no_reply_is_an_earlier_line_of_anybody(said: list[str]) -> None:
    replies = await talk(said, KEEPER, "marit")

    for place, reply in enumerate(replies):
        earlier = [*replies[:place], *(line.removeprefix("Sam: ") for line in said)]
        assert not [line for line in earlier if len(words(line)) >= 4 and same(line, reply)]


async def test_a_draft_with_guidance_is_another_than_the_one_without() -> None:
    for question in QUESTIONS:
        advised = KEEPER + '\n## Guidance\n- You said this before: "Nothing of the kind." Say something new.'
        assert not same(await reply_to(chat(question)), await reply_to(chat(question, system=advised)))


async def test_what_the_guidance_quotes_is_not_said_again() -> None:
    advised = KEEPER + '\n## Guidance\n- You said this before: "There\'s the goat, and the radio on Sundays." No more.'

    assert "the radio on Sundays" not in await reply_to(chat("Sam: Do you not get lonely?", system=advised))


@pytest.mark.parametrize(
    ("told", "asked", "answer"),
    [
        ("My name is Robin and I come from Norway.", "what is my name?", r"\bRobin\b"),
        ("My name is Robin and I come from Norway.", "where do i come from?", r"[Yy]ou come from Norway"),
        ("I have two cats, Muffin and Toast", "what are my cats called?", r"[Yy]ou have two cats, Muffin and Toast"),
        ("I work as a nurse.", "what did I just say?", "I work as a nurse"),
        ("I work as a nurse.", "where are my keys?", r"told me|should I know|have to tell"),
    ],
)
async def test_what_somebody_told_of_themselves_is_remembered(told: str, asked: str, answer: str) -> None:
    assert re.search(answer, await reply_to(chat(f"Sam: {told}", "I see.", f"Sam: {asked}")))


async def test_a_question_asked_in_shorthand_is_understood() -> None:
    plain = "Sam: What is 6 * 7?"

    assert "42" in await reply_to(chat(plain))
    assert "Marit" in await reply_to(chat("Sam: wats ur name? who r u"))


@pytest.mark.parametrize("piece", ["where do do do ", "what are was ", "ok ok ", "my name is ", "tell me a "])
async def test_repeated_words_are_read_in_bounded_time(piece: str) -> None:
    """`where do do do` once took for ever; the time limit of every test is the judge."""
    assert await reply_to(chat(f"Sam: {piece * 600}"))


@pytest.mark.parametrize("line", ["yes " + "a" * 900 + " b c d e f g", "hi " + "'" * 900 + " a b c d e f g h i j k"])
async def test_one_long_word_is_read_in_bounded_time(line: str) -> None:
    assert await reply_to(chat(f"Sam: {line}"))


@pytest.mark.parametrize("author", ["Sam", "Guest", "You"])
async def test_a_name_that_was_told_is_remembered_whatever_the_page_calls_its_bearer(author: str) -> None:
    told = f"{author}: My name is Ann. Nice weather!"
    assert "Ann" in await reply_to(chat(told, "So it is.", f"{author}: What is my name?"))
