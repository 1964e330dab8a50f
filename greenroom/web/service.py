"""The page as a service: it is mounted on an application that others made."""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi import FastAPI

from greenroom.model import Nothing
from greenroom.web.backstage import Backstage
from greenroom.wire.owners import Owners

_FOLDER = "web"
_SECRET = "secret"  # noqa: S105 - the name of a file


class WebService:
    """The page at `/`, and those at `/gateway` and `/world` for `owners`.

    What it keeps (a cookie's secret, people's display names) is in `data_dir`/web.

    NiceGUI holds its application in the module, so that the page of the service mounted last is the one that shows.
    """

    def __init__(self, backstage: Backstage, owners: Owners, data_dir: Path) -> None:
        self._backstage = backstage
        self._owners = owners
        self._folder = data_dir / _FOLDER

    async def ping(self) -> None:
        """Is well when the cast can be asked. Raises: GreenroomError."""
        await self._backstage.characters.cast(Nothing())

    def mount(self, app: FastAPI) -> None:
        """Put the page at `/`. Its other paths are NiceGUI's own; every other path stays the application's."""
        with _without("redis"):
            from greenroom.web.mounting import (
                mount_page,  # NiceGUI takes a second to import, and only the page needs it
            )

        self._folder.mkdir(parents=True, exist_ok=True)
        mount_page(app, self._backstage, self._owners, self._folder, _secret_in(self._folder / _SECRET))


@contextmanager
def _without(module: str) -> Iterator[None]:
    """Let nothing inside import a module, unless it was imported already.

    NiceGUI's socketio imports Redis' client where it is installed, uses it only when it is told to, and takes with it
    half of what NiceGUI takes to import (socketio/redis_manager.py, 5.18; seen on 2026-11-21).
    """
    hidden = sys.modules.setdefault(module, None)  # type: ignore[arg-type]
    try:
        yield
    finally:
        if hidden is None:
            del sys.modules[module]


def _secret_in(file: Path) -> str:
    """The secret that signs the browsers' cookies; made once, readable by its owner alone."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text("ascii")
    with os.fdopen(handle, "w", encoding="ascii") as opened:
        secret = secrets.token_urlsafe(48)
        opened.write(secret)
    return secret
