from contextlib import suppress

import pytest

from greenroom.errors import (
    BadRequest,
    GreenroomError,
    NoUpstream,
    OutOfTime,
    Overloaded,
    RateLimited,
    UpstreamFailed,
    UpstreamRefused,
    UpstreamSilent,
)
from greenroom.llm.breakers import Breakers
from greenroom.testing import FrozenClock


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def breakers(clock: FrozenClock) -> Breakers:
    return Breakers(clock, failures=3, rest_s=15)


def fail(breakers: Breakers, error: GreenroomError, times: int = 1, model: str = "m") -> None:
    for _ in range(times):
        with suppress(type(error)), breakers.watching("cloud", model):
            raise error


def is_open(breakers: Breakers, model: str = "m") -> bool:
    try:
        breakers.check("cloud", model)
    except GreenroomError:
        return True
    return False


@pytest.mark.parametrize("error", [UpstreamFailed("it broke"), UpstreamSilent("it broke"), Overloaded("it broke")])
def test_a_model_that_keeps_failing_is_left_in_peace_and_the_others_are_not(
    breakers: Breakers, error: GreenroomError
) -> None:
    fail(breakers, error, 2)
    assert not is_open(breakers)
    fail(breakers, error)
    with pytest.raises(type(error), match=r"it broke \(it is asked again in 15 s\)") as caught:
        breakers.check("cloud", "m")
    assert caught.value.extra["retry_after_s"] == 15
    assert not is_open(breakers, "another")
    assert breakers.figures() == {"llm_breakers_open": 1}


@pytest.mark.parametrize("error", [NoUpstream("not there"), UpstreamRefused("bad key")])
def test_what_is_wrong_with_a_server_is_wrong_with_all_its_models(breakers: Breakers, error: GreenroomError) -> None:
    fail(breakers, error, 3)
    assert is_open(breakers, "another")
    assert breakers.trouble_of("cloud") == error.detail


@pytest.mark.parametrize("error", [BadRequest(), OutOfTime(), GreenroomError()])
def test_what_is_the_callers_own_business_does_not_count(breakers: Breakers, error: GreenroomError) -> None:
    fail(breakers, error, 10)
    assert not is_open(breakers)


def test_a_whole_answer_makes_forget_the_failures_and_a_broken_one_does_not(breakers: Breakers) -> None:
    fail(breakers, UpstreamFailed(), 2)
    with breakers.watching("cloud", "m") as call:
        call.answers()
    fail(breakers, UpstreamFailed(), 2)
    assert not is_open(breakers)
    with suppress(UpstreamFailed), breakers.watching("cloud", "m") as call:
        call.answers()
        raise UpstreamFailed
    assert is_open(breakers)


def test_after_the_rest_one_call_tries_and_its_first_token_lets_all_others_in(
    breakers: Breakers, clock: FrozenClock
) -> None:
    fail(breakers, UpstreamFailed(), 3)
    clock.advance(15)
    assert not is_open(breakers)
    with breakers.watching("cloud", "m") as trial:
        clock.advance(100)
        assert is_open(breakers), "a trial that takes long is still the only one"
        trial.answers()
        assert not is_open(breakers)


def test_a_trial_that_fails_begins_another_rest(breakers: Breakers, clock: FrozenClock) -> None:
    fail(breakers, UpstreamFailed(), 3)
    clock.advance(15)
    fail(breakers, UpstreamFailed())
    clock.advance(14)
    assert is_open(breakers)
    clock.advance(1)
    assert not is_open(breakers)


def test_when_the_caller_of_a_trial_leaves_the_next_one_tries(breakers: Breakers, clock: FrozenClock) -> None:
    fail(breakers, UpstreamFailed(), 3)
    clock.advance(15)
    with suppress(GeneratorExit), breakers.watching("cloud", "m"):
        raise GeneratorExit
    assert not is_open(breakers)


def test_a_server_that_says_when_to_come_back_is_left_alone_until_then_but_not_for_ever(
    breakers: Breakers, clock: FrozenClock
) -> None:
    fail(breakers, RateLimited("slow down", retry_after_s=60))
    clock.advance(59)
    with pytest.raises(RateLimited) as caught:
        breakers.check("cloud", "m")
    assert caught.value.extra["retry_after_s"] == 1
    clock.advance(1)
    assert not is_open(breakers)
    fail(breakers, RateLimited(retry_after_s=1e9))
    clock.advance(300)
    assert not is_open(breakers)


def test_a_server_that_is_busy_with_our_own_calls_is_asked_on(breakers: Breakers) -> None:
    with breakers.watching("cloud", "m") as answering:
        answering.answers()
        fail(breakers, Overloaded(), 10)
        slow = NoUpstream()
        slow.__cause__ = TimeoutError()
        fail(breakers, slow, 10)
        assert not is_open(breakers)
    fail(breakers, Overloaded(), 3)
    assert is_open(breakers)
