"""The place of a character's answer in the conversation."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from nicegui import ui

from greenroom.model import Character
from greenroom.web.look import NEUTRAL, avatar, avatar_of, box, button, icon_button, moment, name, set_moment, text
from greenroom.web.safe_text import as_html

State = Literal["awaited", "writing", "rewriting", "answered", "failed", "left"]
"""How an answer is: written out of our sight, being written, written again, there, not to be had, or called off."""

Act = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Acts:
    """What can be done with an answer. `thumb` takes 1 or -1."""

    stop: Act
    again: Act
    thumb: Callable[[int], Awaitable[None]]
    why: Act


class AnswerBubble:
    """The place of an answer. What is in it changes; the place stays."""

    def __init__(self, name_: str, character: Character | None, acts: Acts) -> None:
        self._acts = acts
        colour = character.sheet.colour if character else ""
        with box("g-line g-character", testid="answer").style(f"--accent: {colour or NEUTRAL}") as self._root:
            if character:
                avatar_of(character)
            else:
                avatar(name_)
            with box("g-bubble"):
                with box("g-head"):
                    text(name_, "g-name", "span")
                    self._when = moment(None)
                self._said = ui.html("", sanitize=True).classes("g-said")
                self._said.props["data-testid"] = "words"
                self._said.props["dir"] = "auto"
                self._note = text("", "g-note", testid="note")
                self._note.props["role"] = "status"
                self._buttons()

    def show(self, state: State, words: str = "", note: str = "") -> None:
        """Show these words, in this state, with a remark below them."""
        self._root.props["data-state"] = state
        self._root.props["aria-busy"] = "true" if state in {"awaited", "writing", "rewriting"} else "false"
        self._root.update()
        self._said.set_content(as_html(words))
        self._note.set_text(note)

    def answered(self, words: str, score: float | None, when: datetime | None, drafts: int = 1, note: str = "") -> None:
        """Show the answer that stands, with a remark below it. `score` is 0–100."""
        self.show("answered", words, note)
        set_moment(self._when, when)
        self._score.set_text("" if score is None else f"{score:.0f}")
        name(self._score, f"Quality {self._score.text} of 100" + (f", after {drafts} drafts" if drafts > 1 else ""))

    def thumb(self, thumb: int) -> None:
        """Show the person's opinion: 1, -1, or 0 for none."""
        for value, pressed in ((1, self._up), (-1, self._down)):
            pressed.props["aria-pressed"] = "true" if thumb == value else "false"
            pressed.update()

    def is_awaited(self, awaited: bool) -> None:
        """Show or hide the place: nobody is to answer a line that was said to nobody in particular."""
        self._root.set_visibility(awaited)

    def has_turn(self, known: bool) -> None:
        """Show or hide what needs a turn in the log: the receipt and the opinion."""
        self._root.classes(**({"remove": "g-no-turn"} if known else {"add": "g-no-turn"}))

    def _buttons(self) -> None:
        acts = self._acts
        with box("g-acts"):
            self._score = text("", "g-score", "span", "score")
            icon_button("refresh", "Write this again", acts.again, "g-if-answered", "again")
            self._up = icon_button("thumb_up", "Good line", lambda: acts.thumb(1), "g-if-answered", "up")
            self._down = icon_button("thumb_down", "Bad line", lambda: acts.thumb(-1), "g-if-answered", "down")
            button("Why?", acts.why, "g-if-turn", "why")
            button("Stop", acts.stop, "g-if-writing", "stop")
            button("Try again", acts.again, "g-if-missing", "retry")
