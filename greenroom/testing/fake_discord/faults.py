"""What goes wrong, by script."""

import fnmatch
from collections import deque
from dataclasses import dataclass, field
from typing import Any

_MOST_FAULTS = 1_000


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the next call that fits `method` and `path`, in which `*` stands for anything.

    It is answered with `status`, `body` and `headers`; or nothing is answered until the caller leaves (`stall`); or the
    connection breaks before the call has any effect (`cut`); or it is done, but the caller cannot know it: the
    connection breaks (`cut_after`), or stays open without an answer (`stall_after`). Before all of them it waits
    `delay_s`; a fault with nothing else only delays.
    """

    method: str = "*"
    path: str = "*"
    status: int = 0
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    stall: bool = False
    cut: bool = False
    cut_after: bool = False
    stall_after: bool = False

    def fits(self, method: str, path: str) -> bool:
        """Whether it strikes this call."""
        return fnmatch.fnmatchcase(method, self.method) and fnmatch.fnmatchcase(path, self.path)


class Faults:
    """Those that are waiting for their call, each for one."""

    def __init__(self) -> None:
        self._waiting: deque[Fault] = deque(maxlen=_MOST_FAULTS)

    def add(self, *faults: Fault) -> None:
        """Have more of them."""
        self._waiting.extend(faults)

    def strike(self, method: str, path: str) -> Fault | None:
        """The fault of this call, if any; it does not come again."""
        for fault in self._waiting:
            if fault.fits(method, path):
                self._waiting.remove(fault)
                return fault
        return None
