"""The data folder: the one place where everything is kept, and which one process has to itself."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from greenroom.errors import CannotStart

_ONLY_OURS = 0o700


@contextmanager
def own_folder(folder: Path, who: str) -> Iterator[None]:
    """Keep the folder for this process alone, as `who`: SQLite has one writer, and unfinished turns one owner.

    Services that run alone share a folder under their own names. What is said in private is private: others on this
    machine may not look into a folder that is made here.

    Raises: CannotStart, when the folder cannot be used or another process has it.
    """
    try:
        folder.mkdir(mode=_ONLY_OURS, parents=True, exist_ok=True)
        descriptor = os.open(folder / f"{who}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as exc:
        reason = f"the data folder {folder} cannot be used: {exc.strerror}"
        raise CannotStart(f"{reason}; choose one with --data-dir") from exc
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise CannotStart(
                f"another Greenroom uses the data folder {folder}; stop it, or choose another with --data-dir"
            ) from exc
        yield
    finally:
        os.close(descriptor)
