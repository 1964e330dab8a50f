"""The page as a service: it is mounted on an application that others made."""

import os
import secrets
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.types import Lifespan

from greenroom.model import Nothing
from greenroom.web.backstage import Backstage
from greenroom.web.paths import PagePaths
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
        self._paths: PagePaths | None = None

    async def ping(self) -> None:
        """Is well when the cast can be asked, and there is a page. Raises: GreenroomError."""
        if self._paths is not None:
            self._paths.check()
        await self._backstage.characters.cast(Nothing())

    def mount(self, app: FastAPI) -> None:
        """Put the page at `/`. Its other paths are NiceGUI's own; every other path stays the application's."""
        self._folder.mkdir(parents=True, exist_ok=True)
        secret = _secret_in(self._folder / _SECRET)
        self._paths = PagePaths(lambda: self._pages(secret))
        app.router.routes.append(self._paths)
        app.router.lifespan_context = _within(app.router.lifespan_context, self._paths)

    def _pages(self, secret: str) -> FastAPI:
        with _without("redis"):
            from greenroom.web.application import pages  # NiceGUI takes half a second to import

        return pages(self._backstage, self._owners, self._folder, secret)


def _within(lifespan: Lifespan[FastAPI], paths: PagePaths) -> Lifespan[FastAPI]:
    """The same lifespan, with the pages open in it."""

    @asynccontextmanager
    async def both(app: FastAPI) -> AsyncIterator[Any]:
        async with lifespan(app) as state, paths.open():
            yield state

    return both


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
