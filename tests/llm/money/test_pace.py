"""Never more than the limit in any 60 seconds."""

from hypothesis import given
from hypothesis import strategies as st

from greenroom.llm.money.pace import Pace


def test_the_limit_may_be_taken_at_once_and_again_a_minute_later() -> None:
    pace = Pace(2)
    for _ in range(2):
        assert pace.wait_s(1, 10.5) == 0
        pace.take(1, 10.5)
    wait_s = pace.wait_s(1, 11.0)
    assert 60 <= wait_s + 0.5 <= 61
    assert pace.wait_s(1, 11.0 + wait_s) == 0


def test_what_is_given_back_may_be_taken_again() -> None:
    pace = Pace(100)
    pace.take(80, 5)
    assert pace.wait_s(50, 6) > 0
    pace.give_back(70, 5)
    assert pace.wait_s(50, 6) == 0


def test_more_than_the_whole_limit_can_be_taken_when_nothing_else_was() -> None:
    pace = Pace(10)
    assert pace.wait_s(50, 0) == 0
    pace.take(50, 0)
    assert pace.wait_s(1, 30) > 0


@given(st.integers(1, 5), st.lists(st.tuples(st.floats(0, 30), st.integers(1, 3)), max_size=60))
def test_no_sixty_seconds_hold_more_than_the_limit(limit: int, tries: list[tuple[float, int]]) -> None:
    pace, now_s, taken = Pace(limit), 0.0, list[tuple[float, int]]()
    for pause_s, amount in tries:
        now_s += pause_s
        amount = min(amount, limit)
        if not pace.wait_s(amount, now_s):
            pace.take(amount, now_s)
            taken.append((now_s, amount))
    for begin_s, _ in taken:
        assert sum(amount for at_s, amount in taken if begin_s <= at_s < begin_s + 60) <= limit


@given(st.floats(0, 1e6), st.integers(1, 50))
def test_who_waits_as_long_as_told_is_let_in(began_s: float, limit: int) -> None:
    pace = Pace(limit)
    pace.take(limit, began_s)
    assert pace.wait_s(1, began_s + pace.wait_s(1, began_s)) == 0
