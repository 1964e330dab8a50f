import random

from benchmarks.noise import ratio
from benchmarks.turn import order


def rounds(seed: int) -> list[float]:
    """Turns with a long tail, in milliseconds."""
    return [40 + random.Random(f"{seed} {number}").expovariate(1 / 20) for number in range(100)]


def test_what_is_as_fast_as_another_lies_within_the_noise() -> None:
    found = ratio(rounds(1), rounds(2), 0.95)
    assert found.low < 1 < found.high
    assert found.low <= found.value <= found.high


def test_what_is_twice_as_slow_is_told_from_noise() -> None:
    found = ratio([2 * milliseconds for milliseconds in rounds(1)], rounds(2), 0.95)
    assert found.low > 1
    assert ratio([2.0, 4.0, 6.0], [1.0, 2.0, 3.0], 0.5) == (2.0, 2.0, 2.0)


def test_a_difference_in_each_round_is_seen_where_the_rounds_differ_more_than_the_deployments() -> None:
    """The values of a round are drawn together: a machine that is slow for both has no part in it."""
    base = [10.0 * number for number in range(1, 41)]
    found = ratio([1.1 * milliseconds for milliseconds in base], base, 0.5)
    assert f"{found}" == "1.10 (1.10 to 1.10)"


def test_each_comes_after_each_other_and_the_same_orders_come_in_the_next_run() -> None:
    names = ("one", "two", "three")
    orders = [order(names, number) for number in range(60)]
    assert {tuple(row[:2]) for row in orders} == {(a, b) for a in names for b in names if a != b}
    assert all(sorted(row) == sorted(names) for row in orders)
    assert orders == [order(names, number) for number in range(60)]
