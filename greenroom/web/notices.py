"""Telling the person what went wrong, in plain words, wherever it happened."""

from collections.abc import Awaitable, Callable
from typing import ParamSpec

from nicegui import ui
from nicegui.client import Client

from greenroom.errors import GreenroomError

P = ParamSpec("P")

_UNFORESEEN = "Something went wrong that should not have. It is in Greenroom's log; the page can be used on."


class Notices:
    """Short messages at the edge of one browser's page."""

    def __init__(self, client: Client) -> None:
        self._client = client
        client.on_exception(self._unforeseen)

    def tell(self, message: str) -> None:
        """Say that something was done."""
        self._show(message, "info")

    def warn(self, message: str) -> None:
        """Say that something could not be done."""
        self._show(message, "warning")

    def guarded(self, handler: Callable[P, Awaitable[None]]) -> Callable[P, Awaitable[None]]:
        """The handler, with errors of the house told to the person. What is unforeseen NiceGUI logs, and we tell."""

        async def run(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                await handler(*args, **kwargs)
            except GreenroomError as exc:
                self.warn(exc.detail)

        return run

    def _unforeseen(self, exception: Exception) -> None:
        self._show(_UNFORESEEN, "warning")

    def _show(self, message: str, kind: str) -> None:
        with self._client:
            ui.notify(message, position="top", classes=f"g-notice g-notice-{kind}", timeout=7000, close_button="Close")
