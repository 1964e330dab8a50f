"""The news that something which was kept may not be given any more, for all processes that share a folder."""

import asyncio
import os
import stat
from pathlib import Path
from typing import Self

import structlog

_LONGEST_BYTES = 1_000_000

_log = structlog.get_logger()


class Recalls:
    """Tells all processes that something was called back, and not what. Enter it before use.

    Each recall is a byte at the end of a file, so that none is lost in another, and the file's size is their number: to
    ask for it takes about a microsecond. The file is not mapped into memory, for one that somebody cuts short would
    kill the process; here any change counts as a recall. Without a file, or where it cannot be used, this process
    alone hears of its recalls.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._descriptor: int | None = None
        self._told = self._untold = 0

    async def __aenter__(self) -> Self:
        """Open the file; make it when it is not there."""
        if self._file is not None:
            try:
                self._descriptor = await asyncio.to_thread(_opened, self._file)
            except OSError as exc:
                self._complain(exc)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Close it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def latest(self) -> int:
        """What changes with each recall."""
        return self._size() + self._untold

    def by_others(self) -> int:
        """What changes with each recall that another process makes."""
        return self._size() - self._told

    def announce(self) -> None:
        """Call something back. What is to be deleted should be gone by now: others may look at once."""
        try:
            if self._descriptor is not None:
                self._told += os.write(self._descriptor, b".")
                return
        except OSError as exc:
            self._complain(exc)
        self._untold += 1

    def _size(self) -> int:
        return 0 if self._descriptor is None else os.fstat(self._descriptor).st_size

    def _complain(self, exc: OSError) -> None:
        _log.warning("recalls_not_shared", file=str(self._file), error=exc.strerror)


def _opened(file: Path) -> int:
    """The file, to be written at its end; from its beginning where it has become long. Blocking."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(file, flags, 0o600)
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise OSError(0, "not a file")
    if found.st_size > _LONGEST_BYTES:
        os.ftruncate(descriptor, 0)
    return descriptor
