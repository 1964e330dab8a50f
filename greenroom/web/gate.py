"""Who may see the page: whoever may manage models, by the same rule."""

from collections.abc import Callable

from nicegui import ui
from starlette.types import Scope

from greenroom.errors import Forbidden, Unauthorized
from greenroom.web.look import box, button, text
from greenroom.wire.owners import Owners

_LONGEST = 500


class Gate:
    """Asks for the admin token where it would help, and says what to do where none is set.

    `enter` draws what is behind it, once.
    """

    def __init__(self, owners: Owners, enter: Callable[[], None]) -> None:
        self._owners, self._enter = owners, enter

    def approach(self, scope: Scope) -> None:
        """Let in whoever opened the page, or ask."""
        try:
            self._owners.admit(scope)
        except (Unauthorized, Forbidden) as exc:
            self._ask(isinstance(exc, Unauthorized))
        else:
            self._enter()

    def _ask(self, token_helps: bool) -> None:
        with box("g-card g-gate", "section", "gate") as self._frame:
            text("This page is for the owner of the house", tag="h2")
            if not token_helps:
                text("From here it opens with an admin token only, and none is set: set GREENROOM_WIRE__ADMIN_TOKEN.")
                return
            self._field = ui.input(placeholder="Admin token", password=True).props("dense outlined autofocus")
            self._field.props["maxlength"] = _LONGEST
            self._field.props["aria-label"] = "Admin token"
            self._field.props["data-testid"] = "token"
            self._field.on("keydown.enter", self._try)
            button("Enter", self._try, testid="enter")
            self._refusal = text("", "g-problem", testid="refusal")

    def _try(self) -> None:
        shown = str(self._field.value or "").strip()
        header = f"Bearer {shown}".encode("latin-1", "replace")
        try:
            self._owners.admit({"type": "http", "headers": [(b"authorization", header)]})
        except (Unauthorized, Forbidden):
            self._refusal.set_text("That is not the admin token.")
        else:
            self._frame.delete()
            self._enter()
