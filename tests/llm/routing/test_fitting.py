"""What is learnt from outcomes."""

import random

import numpy as np

from greenroom.llm.routing.complexity import default_weights, unpacked_weights
from greenroom.llm.routing.fitting import Row, fitted
from greenroom.llm.routing.prints import printed

BEFORE = default_weights()
HARD_HERE, EASY_HERE = "the ledger of the guild", "the weather over the bay"
FILLING = ["please", "tell", "me", "what", "you", "know", "of", "this", "and", "why", "it", "matters", "to", "all"]


def rows(count: int, told: float = 1.0) -> list[Row]:
    """Requests of two subjects, alike in all else; the model at home fails at one of them, with a chance of `told`."""
    chance = random.Random(7)
    return [
        Row(f"{number:05}", printed(asked(number)), float(is_hard(number) == (chance.random() < told)))
        for number in range(count)
    ]


def is_hard(number: int) -> bool:
    """Whether a request is of the subject at which the model at home fails."""
    return number % 2 == 0


def asked(number: int) -> str:
    """The words of a request."""
    words = random.Random(number).choices(FILLING, k=11)
    return " ".join([*words[:8], HARD_HERE if is_hard(number) else EASY_HERE, *words[8:], str(number)])


def test_what_fails_at_home_is_learnt_by_its_words() -> None:
    fit = fitted(rows(200), BEFORE, 1)
    assert fit is not None
    assert fit.is_better
    assert fit.held_out > 0.95 > fit.held_out_before
    assert fit.weights.score(printed(f"what of {HARD_HERE}?")) > fit.weights.score(printed(f"what of {EASY_HERE}?"))
    assert "it is like what needed a better model before" in fit.weights.reasons(printed(HARD_HERE))


def test_chance_teaches_nothing() -> None:
    fit = fitted(rows(400, told=0.5), BEFORE, 1)
    assert fit is not None
    assert 0.4 < fit.held_out < 0.6


def test_too_few_rows_and_rows_that_are_all_alike_teach_nothing() -> None:
    assert fitted(rows(99), BEFORE, 1) is None
    assert fitted([Row(row.id, row.seen, 0.0) for row in rows(200)], BEFORE, 1) is None
    assert fitted([], BEFORE, 1) is None


def test_the_same_rows_in_any_order_teach_the_same() -> None:
    given = rows(150)
    one, other = fitted(given, BEFORE, 1), fitted(given[::-1], BEFORE, 1)
    assert one is not None
    assert other is not None
    assert one.weights.packed() == other.weights.packed()


def test_weights_are_read_as_they_were_written_and_those_of_another_form_are_not() -> None:
    fit = fitted(rows(150), BEFORE, 3)
    assert fit is not None
    again = unpacked_weights(3, fit.weights.packed())
    assert again is not None
    assert np.array_equal(again.marks, fit.weights.marks)
    assert abs(again.score(printed(HARD_HERE)) - fit.weights.score(printed(HARD_HERE))) < 1e-6
    assert unpacked_weights(3, fit.weights.packed()[4:]) is None
