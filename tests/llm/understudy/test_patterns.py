import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.errors import Unsupported
from greenroom.llm.understudy.patterns import Pattern

READABLE = (
    r"^[a-z0-9]+(?:-[a-z0-9]+)*$",
    r"^\d{3}-\d{4}$",
    r"^(red|green|blue)\b",
    r"^[^\s@]+@[^\s@]+\.[a-z]{2,}$",
    r"^#[0-9a-fA-F]{6}$",
    r"a.c",
    r"^(?=.*\d).{4,}$",
    r"^(?!no)\w+$",
    r"^\W+$",
    r"x*?y+z?$",
    r"^[\u4e00-\u4e10]{2}$",
)


@pytest.mark.parametrize("source", READABLE)
def test_what_is_written_along_an_expression_fits_it(source: str) -> None:
    pattern = Pattern(source)
    random = Random(1)
    written = [pattern.sample(random) for _ in range(60)]

    assert any(pattern.fits(text) for text in written)
    assert all(bool(re.search(source, text)) == pattern.fits(text) for text in written)


@given(st.sampled_from(READABLE), st.text("abcxyz019-@. #é\n", max_size=12))
def test_fitting_means_what_python_means_by_it(source: str, text: str) -> None:
    assert Pattern(source).fits(text) == bool(re.search(source, text))


def test_an_expression_that_would_take_python_for_ever_is_told_at_once() -> None:
    assert not Pattern(r"^(a+)+$").fits("a" * 200 + "!")


@pytest.mark.parametrize(
    "source",
    [r"(a)\1", r"(?<=a)b", "(", "(?i)a", "x" * 501, "(" * 400, r"((a{1000}){1000}){1000}", r"(((){9999}){9999}){9999}"],
)
def test_what_is_not_read_or_asks_for_too_much_is_refused(source: str) -> None:
    with pytest.raises(Unsupported):
        Pattern(source).sample(Random(1))


def test_checking_ends_when_it_takes_too_long() -> None:
    with pytest.raises(Unsupported, match="too long"):
        Pattern(r"(((a*)*)*)*b").fits("a" * 200_000)
