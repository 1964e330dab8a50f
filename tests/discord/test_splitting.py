import re

from hypothesis import given, settings
from hypothesis import strategies as st

from greenroom.discord.splitting import LIMIT, split

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="`|<>"), max_size=30)
WHOLES = st.sampled_from(
    ["<:beer:123456789012345678>", "<a:dance:123456789012345678>", "||a secret||", "`x = 1`", "```py\nprint(1)\n```"]
)
LINES = st.lists(st.one_of(WORDS, WHOLES, st.sampled_from(["\n", "\n\n", ". ", "! ", " "])), max_size=60)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@given(LINES, st.integers(60, 200))
@settings(max_examples=150, deadline=None)
def test_nothing_is_lost_and_nothing_is_too_long(pieces: list[str], limit: int) -> None:
    text = "".join(pieces)
    parts = split(text, limit)
    assert all(0 < len(part) <= limit for part in parts)
    assert squeezed("".join(parts)) == squeezed(text)


@given(LINES, st.integers(60, 200))
@settings(max_examples=100, deadline=None)
def test_emoji_spoilers_and_code_stay_whole(pieces: list[str], limit: int) -> None:
    text = " ".join(pieces)
    parts = split(text, limit)
    for whole in ("<:beer:123456789012345678>", "||a secret||", "`x = 1`", "```py\nprint(1)\n```"):
        assert sum(part.count(whole) for part in parts) == text.count(whole)


def test_a_line_that_fits_is_one_message() -> None:
    assert split("  Hello there.  ") == ["Hello there."]
    assert split("x" * LIMIT) == ["x" * LIMIT]
    assert split(" \n ") == []


def test_a_paragraphs_end_comes_before_a_sentences_and_that_before_a_words() -> None:
    paragraph, sentence = "a " * 20 + "end.", "b " * 10 + "stop."
    assert split(f"{paragraph}\n\n{sentence} {sentence}", 75)[0] == paragraph
    assert split(f"{sentence} {'c ' * 60}", 75)[0] == sentence
    assert split("word " * 30, 72)[0] == "word " * 13 + "word"


def test_a_paragraph_that_ends_at_once_makes_no_scrap() -> None:
    assert len(split("Yes.\n\n" + "word " * 30, 100)[0]) > 50


def test_a_long_block_of_code_is_closed_and_opened_again() -> None:
    code = "\n".join(f"line_{number} = {number}" for number in range(40))
    parts = split(f"Look:\n```python\n{code}\n```\nDone.", 200)
    assert all(part.count("```") % 2 == 0 for part in parts)
    assert all(part.startswith("```python\n") for part in parts if "line_" in part)
    inside = [line for part in parts for line in part.splitlines() if line.startswith("line_")]
    assert inside == code.splitlines()


def test_a_long_spoiler_is_closed_and_opened_again() -> None:
    parts = split("||" + "secret word " * 30 + "||", 100)
    assert all(part.startswith("||") and part.endswith("||") for part in parts)


def test_an_accent_is_not_parted_from_its_letter() -> None:
    assert all(not part.startswith("\u0301") for part in split("e\u0301" * 100, 51))


def test_a_word_longer_than_a_message_is_cut() -> None:
    assert [len(part) for part in split("x" * 4100)] == [2000, 2000, 100]
