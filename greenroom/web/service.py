"""The page as a service: it is mounted on an application that others made."""

import os
import secrets
from pathlib import Path

from fastapi import FastAPI

from greenroom.model import Nothing
from greenroom.web.backstage import Backstage
from greenroom.wire.owners import Owners

_FOLDER = "web"
_SECRET = "secret"  # noqa: S105 - the name of a file


class WebService:
    """The page at `/`, and the one at `/gateway` for `owners`.

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
        from greenroom.web.mounting import mount_page  # NiceGUI takes 1.5 s to import, and only the page needs it

        self._folder.mkdir(parents=True, exist_ok=True)
        mount_page(app, self._backstage, self._owners, self._folder, _secret_in(self._folder / _SECRET))


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
