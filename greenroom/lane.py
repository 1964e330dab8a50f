"""The lane for what nobody waits for: its steps are taken one at a time, and people go first.

What a process does for people and what it does aside share one interpreter. Of what is done aside, the step that is
under way when a person comes is all that they have to wait for: the next one begins when they have their answer.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from contextvars import ContextVar

from greenroom.clock import Clock

_LONGEST_LULL_S, _LOOK_AGAIN_S = 2.0, 0.02


class Lane:
    """The lane of one process. `waiting_s` says for how long somebody has been waiting for an answer by now, in
    seconds; None where nobody is. After two seconds the steps are taken all the same."""

    def __init__(self, waiting_s: Callable[[], float | None], clock: Clock) -> None:
        self._waiting_s, self._clock = waiting_s, clock
        self._one = asyncio.Lock()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """What is done inside keeps to this lane, and so do the tasks that are begun there."""
        token = _lane.set(self)
        try:
            yield
        finally:
            _lane.reset(token)

    @asynccontextmanager
    async def step(self) -> AsyncIterator[None]:
        """What is done inside is one step, and so is what it is made of."""
        async with self._one:
            while (waited_s := self._waiting_s()) is not None and waited_s < _LONGEST_LULL_S:
                await self._clock.sleep(_LOOK_AGAIN_S)
            token = _lane.set(None)
            try:
                yield
            finally:
                _lane.reset(token)


_lane: ContextVar[Lane | None] = ContextVar("lane", default=None)


def step() -> AbstractAsyncContextManager[None]:
    """What is done inside is one step of the lane that is taken here; where none is, it is begun at once."""
    lane = _lane.get()
    return nullcontext() if lane is None else lane.step()


def taken(lane: Lane | None) -> AbstractContextManager[None]:
    """Take a lane, where there is one."""
    return nullcontext() if lane is None else lane.taken()
