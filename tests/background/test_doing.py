"""Doing one task, without an engine."""

from greenroom.background.book import Start
from greenroom.background.doing import Doing
from greenroom.background.handling import Handling
from greenroom.clock import Clock
from greenroom.config import Backoff
from greenroom.errors import NoUpstream, Unavailable
from greenroom.model import Task
from greenroom.testing import FrozenClock


class Notes:
    """A book that notes what is written into it; it is away the first times that it is called."""

    def __init__(self, attempt: int = 1, interruptions: int = 0, away: int = 0) -> None:
        self.ends: list[tuple[str, float | None]] = []
        self._start = Start(Task(kind="WRITE", key="a", attempt=attempt), 1, interruptions)
        self._away = away

    async def begin(self, run: str, worker: str) -> Start:
        self._come()
        return self._start

    async def complete(self, start: Start) -> bool:
        self._come()
        self.ends.append(("completed", None))
        return True

    async def fail(self, start: Start, error: str, pause_s: float | None) -> bool:
        self.ends.append((error, pause_s))
        return True

    async def give_back(self, start: Start) -> None:
        self.ends.append(("given back", None))

    def _come(self) -> None:
        if self._away:
            self._away -= 1
            raise Unavailable("the database is away")


async def good(task: Task) -> None: ...


async def bad(task: Task) -> None:
    raise NoUpstream("no model")


async def ends(notes: Notes, *, fails: bool = False, clock: Clock | None = None) -> list[tuple[str, float | None]]:
    patience = Backoff(attempts=3, base_s=2, factor=3, max_s=5)
    handlings = {"WRITE": Handling(bad if fails else good, 1, None, patience)}
    await Doing(notes, "me", handlings, clock or FrozenClock(), None).do("1-token")
    return notes.ends


async def test_the_pauses_grow_up_to_the_longest_and_the_last_failure_has_none() -> None:
    pauses = [await ends(Notes(attempt), fails=True) for attempt in (1, 2, 3)]
    assert pauses == [[("NoUpstream: no model", 2)], [("NoUpstream: no model", 5)], [("NoUpstream: no model", None)]]


async def test_a_task_in_whose_midst_the_process_ends_again_and_again_is_given_up() -> None:
    (end,) = await ends(Notes(interruptions=21))
    assert end == ("the process has ended 21 times in the midst of this", None)


async def test_a_success_is_noted_however_long_the_database_is_away() -> None:
    clock = FrozenClock()
    assert await ends(Notes(away=6), clock=clock) == [("completed", None)]
    assert clock.slept_s == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0]
