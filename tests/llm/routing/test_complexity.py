"""How hard a text is: what raises the score, and what it may cost to find out."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.llm.routing.complexity import WEIGHTS, scored
from greenroom.llm.routing.features import FEATURES, features

PLAIN = "What is the capital of France?"
HARD = """Prove that if f is continuous on [0, 1] and f(0) = f(1),
then for every n there is an x with f(x) = f(x + 1/n).
First state which theorem you use, then explain why it may be used, and finally give an example for n = 3."""


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
    assert scored(easy).score < scored(hard).score


def test_a_long_conversation_counts() -> None:
    assert scored(PLAIN, characters_before=0).score < scored(PLAIN, characters_before=9000).score


def test_the_reasons_say_what_counted() -> None:
    assert "it has formulas" in scored(HARD).reasons
    assert scored("").reasons == ("it is short and plain",)


@given(st.text(max_size=400), st.integers(0, 10**9))
def test_every_feature_lies_between_0_and_1_and_the_same_text_has_the_same_score(text: str, before: int) -> None:
    assert all(0 <= value <= 1 for value in features(text, before).values())
    assert 0 <= scored(text, before).score <= 1
    assert scored(text, before) == scored(text, before)


def test_there_is_a_weight_only_for_what_is_measured() -> None:
    assert WEIGHTS.keys() <= FEATURES.keys()


def test_a_very_long_text_takes_no_longer_than_a_long_one() -> None:
    began_s = time.process_time()
    scored("many words are said here, " * 100_000)
    assert time.process_time() - began_s < 1
