"""How hard a text is: what raises the score, and what it may cost to find out."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenroom.llm.routing.complexity import WEIGHTS, default_weights
from greenroom.llm.routing.features import FEATURES, features
from greenroom.llm.routing.prints import printed, unpacked

DEFAULT = default_weights()

PLAIN = "What is the capital of France?"
HARD = """Prove that if f is continuous on [0, 1] and f(0) = f(1),
then for every n there is an x with f(x) = f(x + 1/n).
First state which theorem you use, then explain why it may be used, and finally give an example for n = 3."""


def score(text: str, before: int = 0) -> float:
    return DEFAULT.score(printed(text, before))


def reasons(text: str) -> tuple[str, ...]:
    return DEFAULT.reasons(printed(text))


@pytest.mark.parametrize(
    ("easy", "hard"),
    [
        ("Hello, how are you?", PLAIN),
        (PLAIN, HARD),
        ("Write a function.", "Write a function:\n```python\ndef f(x):\n    return x.g();\n```\nWhy does it fail?"),
        ("She has apples.", "She has 12 apples, sells half of them for 3 each and buys twice as many for 40 in total."),
        ("Name a river.", "Name a river, unless it is in Asia; if you do not know one, explain why."),
        ("Add.", "计算这个函数的导数，并解释每一步。"),
    ],
)
def test_what_is_harder_scores_higher(easy: str, hard: str) -> None:
    assert score(easy) < score(hard)


def test_a_long_conversation_counts() -> None:
    assert score(PLAIN, before=0) < score(PLAIN, before=9000)


def test_the_reasons_say_what_counted() -> None:
    assert "it has formulas" in reasons(HARD)
    assert reasons("") == ("it is short and plain",)


@settings(deadline=None)
@given(st.text(max_size=400), st.integers(0, 10**9))
def test_every_feature_lies_between_0_and_1_and_the_same_text_has_the_same_score(text: str, before: int) -> None:
    assert all(0 <= value <= 1 for value in features(text, before).values())
    assert 0 <= score(text, before) <= 1
    assert score(text, before) == score(text, before)


def test_empty_lines_are_read_in_bounded_time_and_count_for_nothing() -> None:
    """Twenty thousand of them once took 20 s, twelve times that here; the time limit of every test is the judge."""
    listed = features("Choose:\nA) tea\n  def brew():\n- milk")
    spread = features("Choose:\n\n\nA) tea\n\n\n  def brew():\n \n\n- milk")

    assert (spread["listed"], spread["code"]) == (listed["listed"], listed["code"])
    assert not any(features("x" + "\n" * 19_900)["code"] for _ in range(12))


@settings(deadline=None)
@given(st.text(max_size=400))
def test_a_print_is_read_as_it_was_written_and_one_of_another_form_is_not(text: str) -> None:
    seen = printed(text)
    again = unpacked(seen.packed())
    assert again is not None
    assert DEFAULT.score(again) == DEFAULT.score(seen)
    assert unpacked(b"\x00" + seen.packed()) is None


def test_there_is_a_weight_only_for_what_is_measured() -> None:
    assert WEIGHTS.keys() <= FEATURES.keys()


def test_a_very_long_text_takes_no_longer_than_a_long_one() -> None:
    began_s = time.process_time()
    printed("many words are said here, " * 100_000)
    assert time.process_time() - began_s < 1
