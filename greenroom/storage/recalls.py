"""The news that something which was kept may not be given any more, for all processes that share a folder."""

import asyncio
import os
import stat
from pathlib import Path
from typing import Literal, Self

import msgspec
import structlog

_LONGEST_BYTES = 1_000_000

_log = structlog.get_logger()


class Reminder(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """A key, or what keys begin with, that a server which was away has still to delete; or that all is done which the
    file had said until a place in it."""

    kind: Literal["key", "prefix", "done"]
    text: str = ""
    until_bytes: int = 0


class Recalls:
    """Tells all processes that something was called back, and not what, unless it is still to be deleted somewhere.
    Enter it before use.

    Each recall is a line at the end of a file, so that none is lost in another, and the file's size is what changes: to
    ask for it takes about a microsecond. The file is not mapped into memory, for one that somebody cuts short would
    kill the process; here any change counts as a recall. Without a file, or where it cannot be used, this process
    alone hears of its recalls.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._descriptor: int | None = None
        self._told_bytes = self._untold = self._read_bytes = 0

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
        return self._size_bytes() + self._untold

    def by_others(self) -> int:
        """What changes with each recall that another process makes."""
        return self._size_bytes() - self._told_bytes

    def announce(self, reminder: Reminder | None = None) -> None:
        """Call something back. What is to be deleted should be gone by now, for others may look at once."""
        line = (msgspec.json.encode(reminder) if reminder else b"") + b"\n"
        try:
            if self._descriptor is not None:
                self._told_bytes += os.write(self._descriptor, line)
                return
        except OSError as exc:
            self._complain(exc)
        self._untold += 1

    def reminders(self) -> list[Reminder]:
        """What any process was reminded of and nobody has done, as far as it was not told here before."""
        if self._descriptor is None:
            return []
        begin = self._read_bytes if self._read_bytes <= self._size_bytes() else 0
        content = os.pread(self._descriptor, _LONGEST_BYTES, begin)
        self._read_bytes, left = begin, list[tuple[int, Reminder]]()
        for line in content.splitlines(keepends=True):
            reminder = _read(line)
            if reminder is not None and reminder.kind == "done":
                left = [(place, other) for place, other in left if place >= reminder.until_bytes]
            elif reminder is not None:
                left.append((self._read_bytes, reminder))
            self._read_bytes += len(line)
        return [reminder for _, reminder in left]

    def done(self) -> None:
        """Say that all is deleted of which was told in `reminders`."""
        self.announce(Reminder("done", until_bytes=self._read_bytes))

    def _size_bytes(self) -> int:
        return 0 if self._descriptor is None else os.fstat(self._descriptor).st_size

    def _complain(self, exc: OSError) -> None:
        _log.warning("recalls_not_shared", file=str(self._file), error=exc.strerror)


def _opened(file: Path) -> int:
    """The file, to be written at its end; from its beginning where it has become long. Blocking."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(file, flags, 0o600)
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise OSError(0, "not a file")
    if found.st_size > _LONGEST_BYTES:
        os.ftruncate(descriptor, 0)
    return descriptor


def _read(line: bytes) -> Reminder | None:
    """What a line reminds of; None for one that only recalls, and for one that is damaged."""
    try:
        return msgspec.json.decode(line, type=Reminder)
    except msgspec.MsgspecError:
        return None
