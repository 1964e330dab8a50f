"""A part of the page that asks one thing, again and again, and draws the answer when it has changed."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from nicegui import ui

from greenroom.errors import GreenroomError
from greenroom.web.look import box, text

V = TypeVar("V")

_LOOK_S = 10.0


class Card(Generic[V]):
    """A frame with a title. What it shows last stays while the house cannot be asked, with the trouble above it."""

    def __init__(
        self,
        title: str,
        testid: str,
        ask: Callable[[], Awaitable[V]],
        draw: Callable[[V], None],
        classes: str = "",
        look_s: float = _LOOK_S,
    ) -> None:
        self._ask, self._draw = ask, draw
        self._shown: V | None = None
        with box(f"g-card {classes}", "section", testid) as self.frame:
            self.frame.props["aria-label"] = title
            text(title, tag="h2")
            self._trouble = text("", "g-problem g-card-trouble", testid="card-trouble")
            self._trouble.props["role"] = "status"
            self._body = box("g-card-body")
            with self._body:
                text("Asking …", "g-dim")
            ui.timer(look_s, self.look)

    async def look(self) -> None:
        """Ask now."""
        try:
            found = await self._ask()
        except GreenroomError as exc:
            self._trouble.set_text(exc.detail)
            return
        self._trouble.set_text("")
        if found != self._shown:
            self._shown = found
            self._body.clear()
            with self._body:
                self._draw(found)
