"""How promptly models answer, as a figure."""

import asyncio

import pytest

from greenroom.errors import BadRequest, UpstreamFailed
from greenroom.llm.promptness import Promptness
from greenroom.llm.tally import Tallied, Tally
from greenroom.model import Chunk
from greenroom.testing import FrozenClock


def call(promptness: Promptness, wait_s: float | None, exc: BaseException | None = None) -> None:
    clock = FrozenClock()
    counting = Tallied(Tally(), clock)
    with promptness.watching("m", counting):
        if wait_s is not None:
            clock.advance(wait_s)
            counting.note(Chunk(model="m", text="word"))
        if exc:
            raise exc


def test_who_waits_longer_is_less_satisfied() -> None:
    promptness = Promptness()
    assert promptness.score("m") is None
    call(promptness, 0.2)
    assert promptness.score("m") == 100
    call(promptness, 3)
    assert promptness.score("m") == 75
    call(promptness, 10)
    assert promptness.score("m") == 50
    assert promptness.score("other") is None


@pytest.mark.parametrize(
    ("wait_s", "exc", "score"),
    [
        (None, UpstreamFailed(), 0),
        (0.1, UpstreamFailed(), 0),
        (None, BadRequest(), None),
        (None, asyncio.CancelledError(), None),
        (0.1, GeneratorExit(), 100),
        (None, None, None),
    ],
)
def test_a_failure_of_the_model_counts_and_a_mistake_of_the_caller_does_not(
    wait_s: float | None, exc: BaseException | None, score: float | None
) -> None:
    promptness = Promptness()
    try:
        call(promptness, wait_s, exc)
    except BaseException as raised:
        assert raised is exc  # noqa: PT017 - whatever it was, it is passed on
    assert promptness.score("m") == score


def test_old_calls_are_forgotten() -> None:
    promptness = Promptness()
    for _ in range(100):
        call(promptness, None, None)
        call(promptness, 10)
    for _ in range(100):
        call(promptness, 0.1)
    assert promptness.score("m") == 100
