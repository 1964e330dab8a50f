"""Several processes for one service, on one port: begun together, watched, begun again, and ended together.

They are forked from one that has imported everything, so that they share what is the same in all of them, and a new one
is there at once. uvicorn's own supervisor starts each from nothing: twice the memory for two workers.
"""

import gc
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.context import ForkProcess

import structlog
from rich.console import Console

from greenroom.config import Backoff, Loaded
from greenroom.errors import GreenroomError

_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGCHLD})
_LIVED_LONG_S = 60.0
_CANNOT_START = 3
_PAUSES = Backoff(base_s=0.1, factor=2, max_s=5)

_log = structlog.get_logger()


def share_of(loaded: Loaded, workers: int) -> Loaded:
    """The settings of one worker among several: what is set for the whole service is divided, and at least one."""
    llm = loaded.settings.llm
    changes = {
        "connections": max(1, llm.connections // workers),
        "model_connections": tuple(f"{name} = {max(1, number // workers)}" for name, number in llm.places.items()),
        "queue": llm.queue // workers,
    }
    return replace(loaded, settings=loaded.settings.model_copy(update={"llm": llm.model_copy(update=changes)}))


class Workers:
    """So many processes that each do `work` until they get SIGTERM. `work` is told whether it is the very first.

    One that dies is replaced, after a growing pause if it keeps dying. When none could ever start, all end.
    """

    def __init__(self, count: int, work: Callable[[bool], None], patience_s: float, console: Console) -> None:
        self._work, self._patience_s, self._console = work, patience_s, console
        self._places = [_Place() for _ in range(count)]
        self._lifeline = os.pipe()

    def run(self) -> None:
        """Work until SIGTERM or SIGINT comes, then let everybody finish. Raises: SystemExit, when none can start."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        gc.collect()
        gc.freeze()  # what is here already is not looked at again, and so stays shared
        try:
            for number, place in enumerate(self._places):
                self._begin(place, is_first=number == 0)
            while signal.sigwait(_SIGNALS) == signal.SIGCHLD:
                for place in self._places:
                    self._replace_if_dead(place)
        finally:
            self._end()

    def _begin(self, place: "_Place", *, is_first: bool = False, pause_s: float = 0.0) -> None:
        context = multiprocessing.get_context("fork")
        place.begun_s = time.monotonic()
        place.process = context.Process(target=self._in_worker, args=(is_first, pause_s))
        place.process.start()

    def _replace_if_dead(self, place: "_Place") -> None:
        if place.process is None or place.process.is_alive():
            return
        code, lived_s = place.process.exitcode, time.monotonic() - place.begun_s
        if code == _CANNOT_START and not any(other.process and other.process.is_alive() for other in self._places):
            raise SystemExit(1)
        place.deaths = 1 if lived_s > _LIVED_LONG_S else place.deaths + 1
        pause_s = _PAUSES.pause_s(place.deaths)
        _log.error("worker_died", process=place.process.pid, exit_code=code, lived_s=round(lived_s), pause_s=pause_s)
        self._begin(place, pause_s=pause_s)

    def _end(self) -> None:
        alive = [place.process for place in self._places if place.process is not None and place.process.is_alive()]
        for process in alive:
            process.terminate()
        until_s = time.monotonic() + self._patience_s
        for process in alive:
            process.join(max(0.0, until_s - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()

    def _in_worker(self, is_first: bool, pause_s: float) -> None:
        os.close(self._lifeline[1])
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        time.sleep(pause_s)
        try:
            self._work(is_first)
        except GreenroomError as exc:
            self._console.print("[bold red]A worker cannot start:[/]", end=" ")
            self._console.print(exc.detail, markup=False, highlight=False)
            raise SystemExit(_CANNOT_START) from exc

    @property
    def lifeline(self) -> int:
        """A file that comes to its end when the process that began the workers is gone, however it went."""
        return self._lifeline[0]


@dataclass(slots=True)
class _Place:
    process: ForkProcess | None = None
    begun_s: float = 0.0
    deaths: int = 0
