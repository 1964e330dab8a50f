import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest

from greenroom.errors import OutOfTime, Overloaded
from greenroom.journey import allow
from greenroom.llm.line import FULL, Limits, Line
from greenroom.testing import FrozenClock
from tests.waiting import until


class Callers:
    """Callers of one line; `served` says in which order they got their places."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.served: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._done: dict[str, asyncio.Event] = {}

    async def come(self, name: str, model: str = "m", *, background: bool = False) -> None:
        """Let somebody come, and stand where they have to."""
        self._done[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._call(name, model, background))
        await asyncio.sleep(0)

    async def finish(self, name: str) -> None:
        """Let one be done, and the next take the place."""
        self._done[name].set()
        await self.tasks[name]
        await asyncio.sleep(0)

    async def leave(self, *names: str) -> None:
        """Let some go away without waiting any longer."""
        for name in names:
            self.tasks[name].cancel()
        await asyncio.wait([self.tasks[name] for name in names])

    async def _call(self, name: str, model: str, background: bool) -> None:
        async with self.line.place(model, background=background):
            self.served.append(name)
            await self._done[name].wait()


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def callers(clock: FrozenClock) -> Callable[..., Callers]:
    return lambda **limits: Callers(Line("ollama", Limits(**{"connections": 1, **limits}), clock))


Open = Callable[..., Callers]


async def test_who_comes_first_is_served_first(callers: Open) -> None:
    room = callers()
    for name in "abcd":
        await room.come(name)
    for name in "abcd":
        await room.finish(name)
    assert room.served == ["a", "b", "c", "d"]


async def test_people_are_served_before_background_work(callers: Open) -> None:
    room = callers()
    await room.come("first")
    await room.come("notes", background=True)
    await room.come("ann")
    await room.come("more notes", background=True)
    await room.come("bob")
    for name in ("first", "ann", "bob", "notes", "more notes"):
        await room.finish(name)
    assert room.served == ["first", "ann", "bob", "notes", "more notes"]


async def test_background_work_that_has_waited_for_half_a_minute_is_overtaken_no_more(
    callers: Open, clock: FrozenClock
) -> None:
    room = callers()
    await room.come("first")
    await room.come("notes", background=True)
    clock.advance(31)
    await room.come("ann")
    await room.finish("first")
    assert room.served == ["first", "notes"]
    await room.leave("notes", "ann")


async def test_a_full_line_turns_away_in_ollamas_words(callers: Open) -> None:
    room = callers(waiting=2)
    for name in "abc":
        await room.come(name)
    with pytest.raises(Overloaded) as caught:
        async with room.line.place("m"):
            pass
    assert caught.value.detail == FULL == "server busy, please try again.  maximum pending requests exceeded"
    assert caught.value.status == 503
    with pytest.raises(Overloaded):
        room.line.check()
    await room.leave(*"cba")
    room.line.check()


async def test_who_leaves_gives_up_the_place_at_once(callers: Open) -> None:
    room = callers(waiting=2)
    for name in "abc":
        await room.come(name)
    await room.leave("b")
    assert room.line.figures()["llm_waiting_ollama"] == 1
    await room.come("d")
    await room.leave("a")
    await asyncio.sleep(0)
    assert room.served == ["a", "c"]
    await room.leave("c", "d")
    assert not room.line.figures()["llm_running_ollama"]


async def test_a_place_that_comes_free_as_its_caller_leaves_goes_to_the_next(callers: Open) -> None:
    """Both orders: called and then cancelled before it could move, and cancelled before it was called."""
    for cancelled_first in (False, True):
        room = callers()
        for name in "abc":
            await room.come(name)
        gone, holder = room.tasks["b"], room.tasks["a"]
        (gone if cancelled_first else holder).cancel()
        (holder if cancelled_first else gone).cancel()
        await until(lambda room=room: room.served == ["a", "c"])  # type: ignore[misc]
        await room.leave("c")
        assert room.line.figures()["llm_running_ollama"] == room.line.figures()["llm_waiting_ollama"] == 0


async def test_a_model_with_a_limit_of_its_own_does_not_hold_up_the_others(callers: Open) -> None:
    room = callers(connections=2, of_model={"big": 1})
    await room.come("a", "big")
    await room.come("b", "big")
    await room.come("c", "small")
    assert room.served == ["a", "c"]
    await room.come("d", "small")
    await room.finish("c")
    assert room.served == ["a", "c", "d"]
    await room.finish("a")
    assert room.served == ["a", "c", "d", "b"]
    await room.leave("b", "d")


async def test_what_has_no_limit_never_waits(callers: Open) -> None:
    room = callers(connections=None, waiting=0)
    async with AsyncExitStack() as stack:
        for _ in range(100):
            await stack.enter_async_context(room.line.place("m"))
        assert room.line.figures()["llm_running_ollama"] == 100


async def test_nobody_waits_beyond_the_patience_or_their_own_deadline(callers: Open) -> None:
    room = callers(patience_s=0.01)
    await room.come("a")
    with pytest.raises(Overloaded, match="no place within"):
        async with room.line.place("m"):
            pass
    room = callers()
    await room.come("a")
    with allow(0.01), pytest.raises(OutOfTime):
        async with room.line.place("m"):
            pass
    assert room.line.figures()["llm_waiting_ollama"] == 0
    await room.leave("a")


async def test_the_figures_tell_who_waits_and_for_how_long(callers: Open, clock: FrozenClock) -> None:
    room = callers()
    await room.come("a")
    assert room.line.how_it_is() == ""
    await room.come("b")
    clock.advance(40)
    await room.come("c")
    assert room.line.how_it_is() == "ollama: 2 wait, one of them for 40 s"
    await room.finish("a")
    assert room.line.figures() == {
        "llm_running_ollama": 1,
        "llm_waiting_ollama": 1,
        "llm_longest_wait_seconds_ollama": 0,
        "llm_waited_seconds_sum_ollama": 40,
        "llm_waited_seconds_count_ollama": 1,
        "llm_turned_away_ollama": 0,
    }
    await room.leave("b", "c")
