"""A person's line in the conversation, and what its author can do with it: change it, take it back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from nicegui import ui
from nicegui.element import Element

from greenroom.web.look import avatar, box, button, icon_button, moment, text
from greenroom.web.safe_text import as_html


@dataclass(frozen=True)
class LineActs:
    """What the author can do. `edit` takes the new words and says whether they were taken."""

    edit: Callable[[str], Awaitable[bool]]
    withdraw: Callable[[], Awaitable[None]]


class SaidBubble:
    """A person's line, on the right. Its author, for whom `acts` are given, has a menu for it.

    Menu, form and question are drawn when they are asked for: a room holds hundreds of lines.
    """

    def __init__(self, who: str, words: str, when: datetime | None, acts: LineActs | None) -> None:
        self._words = words
        with box("g-line g-person", testid="said"):
            with box("g-bubble") as self._bubble:
                with box("g-head"):
                    text(who, "g-name", "span")
                    moment(when)
                    self._edited = text("edited", "g-dim", "span", "edited")
                    self._edited.set_visibility(False)
                    if acts is not None:
                        self._button = self._menu_button(acts)
                self._said = ui.html(as_html(words), sanitize=True).classes("g-said")
                self._said.props["dir"] = "auto"
            avatar(who)

    def reword(self, words: str, edited: bool) -> None:
        """Show other words in the place of what was said, and whether they are not the first ones."""
        if words != self._words:
            self._words = words
            self._said.set_content(as_html(words))
        self._edited.set_visibility(edited)

    def _menu_button(self, acts: LineActs) -> Element:
        return icon_button("more_horiz", "Change or delete your line", lambda: self._offer(acts), "g-own", "own-line")

    def _offer(self, acts: LineActs) -> None:
        def choose(act: Callable[[LineActs], None]) -> None:
            act(acts)
            menu.delete()

        with self._button, ui.menu().props("no-parent-event") as menu, box("g-own-menu"):
            button("Edit", lambda: choose(self._write), "g-quiet", "edit-line")
            button("Delete", lambda: choose(self._ask), "g-quiet", "delete-line")
        menu.open()

    def _ask(self, acts: LineActs) -> None:
        with self._bubble, ui.dialog() as sure, box("g-sheet g-narrow", testid="delete-sure"), box("g-sheet-body"):
            text("Delete this line?", "g-strong")
            text("The answer to it goes too, since it may quote the line. What was said later stays.", "g-dim")
            with box("g-row"):
                button("Delete", acts.withdraw, testid="delete-yes")
                button("Keep", sure.close, "g-quiet", "delete-no")
        sure.on("hide", sure.delete)
        sure.open()

    def _write(self, acts: LineActs) -> None:
        def leave() -> None:
            form.delete()
            self._said.set_visibility(True)

        async def save() -> None:
            if await acts.edit(str(field.value or "")):
                leave()

        self._said.set_visibility(False)
        with self._bubble, box("g-edit", testid="edit-form") as form:
            field = ui.textarea(value=self._words).props("autogrow dense outlined")
            field.props["aria-label"] = "Your line"
            field.props["data-testid"] = "edit-words"
            field.on("keydown.esc", leave)
            with box("g-row"):
                button("Save", save, testid="edit-save")
                button("Cancel", leave, "g-quiet", "edit-cancel")
        ui.run_javascript("greenroom.focus('edit-words')")
