"""Where a person writes: to whom, and what."""

import json
from collections.abc import Awaitable, Callable

from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from greenroom.model import Character
from greenroom.web.addressee import addressee
from greenroom.web.introduction import Say, greeting
from greenroom.web.look import avatar_of, box, icon_button, name, text

_READ_CHARACTERS = 2_000
"""So much of an unsent message is looked at for a name."""


class Composer:
    """The input box with the cast above it.

    A character is chosen by a click, which holds until the message is sent, or by naming one in the message.
    """

    def __init__(self, say: Say, add: Callable[[], Awaitable[None]]) -> None:
        self._say = say
        self._cast: dict[str, Character] = {}
        self._chips: dict[str, Element] = {}
        self._chosen: str | None = None
        self._held = False
        with box("g-cast-row"):
            self._chip_row = box("g-cast", testid="cast").on("keydown", js_handler="(e) => greenroom.walk(e)")
            self._chip_row.props["role"] = "radiogroup"
            self._chip_row.props["aria-label"] = "Who you write to"
            icon_button("add", "Add a character", add, "g-add", "add-character")
        with box("g-input-row"):
            self._to = text("", "g-to", testid="to")
            self._draw_input()
            icon_button("arrow_upward", "Send", lambda: ui.run_javascript("greenroom.send()"), "g-send", "send")
        text("", "g-count", testid="count").props["role"] = "status"

    def show_cast(self, cast: dict[str, Character]) -> None:
        """Offer these characters, by id."""
        self._cast = cast
        self._chip_row.clear()
        with self._chip_row:
            self._chips = {id_: self._chip(character) for id_, character in cast.items()}
        self.speak_to(cast.get(self._chosen or ""))

    def addressee_of(self, words: str) -> Character | None:
        """Whom these words are for, as things stand."""
        named = None if self._held else addressee(words, self._cast.values())
        return named or self._cast.get(self._chosen or "")

    def taken(self, words: str) -> None:
        """Take the words out of the box; what was typed meanwhile stays."""
        self._held = False
        _run("taken", words)

    def give_back(self, words: str) -> None:
        """Put words that could not be said back into the box."""
        _run("giveBack", words)

    def _draw_input(self) -> None:
        field = box("g-input", "textarea", "input")
        field.props["rows"] = "1"
        field.props["dir"] = "auto"
        field.props["autocomplete"] = "off"
        field.props["aria-label"] = "Your message"
        field.props["placeholder"] = "Say something …"
        field.on("keydown", js_handler="(e) => greenroom.key(e)")
        field.on(
            "input",
            self._typed,
            throttle=0.2,
            js_handler=f"(e) => {{ greenroom.typed(e.target); emit(e.target.value.slice(0, {_READ_CHARACTERS})) }}",
        )
        field.on("say", self._said, js_handler="(e) => emit(e.detail)")

    def _chip(self, character: Character) -> Element:
        with box("g-chip", "button", f"chip-{character.id}") as chip:
            avatar_of(character)
            text(character.name, "g-chip-name", "span")
        chip.on("click", lambda: self.choose(character), js_handler="(e) => { emit(); greenroom.chosen() }")
        chip.style(f"--accent: {character.sheet.colour or 'var(--brass)'}")
        chip.props["type"] = "button"
        chip.props["role"] = "radio"
        words = (character.name, character.sheet.tagline, greeting(character))
        name(chip, " – ".join(filter(None, words[:2])))
        chip.props["title"] = " – ".join(filter(None, words))
        return chip

    def choose(self, character: Character) -> None:
        """Choose a character until the message is sent, whoever is named in it."""
        self._held = True
        self.speak_to(character)

    def speak_to(self, character: Character | None) -> None:
        """Choose a character, or the first; the choice shows before the message is sent."""
        character = character or next(iter(self._cast.values()), None)
        self._chosen = character.id if character else None
        for other, chip in self._chips.items():
            _check(chip, other == self._chosen)
        self._to.set_text(f"to {character.name}" if character else "")

    def _typed(self, event: GenericEventArguments) -> None:
        character = self.addressee_of(str(event.args))
        if character is not None and character.id != self._chosen:
            self.speak_to(character)

    async def _said(self, event: GenericEventArguments) -> None:
        words = str(event.args)
        character = self.addressee_of(words)
        if character is not None:
            await self._say(words, character)


def _check(chip: Element, checked: bool) -> None:
    """One chip of the row is in the order of the Tab key, the chosen one; arrows lead to the others."""
    chosen = "true" if checked else "false"
    if chip.props.get("aria-checked") != chosen:
        chip.props["aria-checked"] = chosen
        chip.props["tabindex"] = 0 if checked else -1
        chip.update()


def _run(verb: str, words: str) -> None:
    ui.run_javascript(f"greenroom.{verb}({json.dumps(words)})")
