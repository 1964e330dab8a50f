"""How the page looks and behaves in the browser, and the few pieces that everything on it is made of."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from importlib.resources import files
from typing import TypeVar

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from greenroom.model import Character

E = TypeVar("E", bound=Element)

NEUTRAL = "#8a7a55"
"""The accent of somebody who has no colour."""


def dress(*more: str) -> None:
    """Give the page its style and script, and more styles by the names of their files, all from our own package."""
    here = files("greenroom.web")
    for style in ("look.css", *more):
        ui.add_head_html(f"<style>{here.joinpath(style).read_text('utf-8')}</style>")
    ui.add_head_html(f"<script>{here.joinpath('page.js').read_text('utf-8')}</script>")


def box(classes: str = "", tag: str = "div", testid: str = "") -> Element:
    """An element that holds others."""
    return _marked(Element(tag).classes(classes), testid)


def text(content: str, classes: str = "", tag: str = "div", testid: str = "") -> TextElement:
    """An element that shows plain text."""
    return _marked(TextElement(tag=tag, text=content).classes(classes), testid)


def button(
    label: str, on_click: Callable[[], Awaitable[None] | None], classes: str = "", testid: str = ""
) -> TextElement:
    """A plain button with words on it."""
    made = TextElement(tag="button", text=label).classes(f"g-button {classes}").on("click", lambda: on_click())
    made.props["type"] = "button"
    return _marked(made, testid)


def icon_button(
    icon: str, label: str, on_click: Callable[[], Awaitable[None] | None], classes: str = "", testid: str = ""
) -> Element:
    """A button with a sign on it; `label` is its name for those who cannot see it, and its tooltip."""
    with box(f"g-icon-button {classes}", "button", testid).on("click", lambda: on_click()) as made:
        ui.icon(icon).props["aria-hidden"] = "true"
    made.props["type"] = "button"
    name(made, label)
    return made


def link(label: str, path: str, classes: str = "", testid: str = "") -> TextElement:
    """Words that lead to another of our own pages."""
    made = text(label, classes, "a", testid)
    made.props["href"] = path
    return made


def name(element: Element, label: str) -> None:
    """Name an element, for a tooltip and for those who listen to the page."""
    element.props["title"] = label
    element.props["aria-label"] = label
    element.update()


def avatar(label: str, emblem: str = "", colour: str = "") -> None:
    """A round picture: the emblem, or the first letter of the name."""
    with box("g-avatar").style(f"--accent: {colour or NEUTRAL}") as made:
        text(emblem or label[:1].upper() or "?", tag="span")
    made.props["aria-hidden"] = "true"
    made.props["data-letter"] = label[:1].upper()


def avatar_of(character: Character) -> None:
    """The round picture of a character."""
    avatar(character.name, character.sheet.emblem, character.sheet.colour)


def moment(when: datetime | None) -> Element:
    """A time of day, in the browser's own time zone."""
    made = box("g-time", "local-time")
    set_moment(made, when)
    return made


def set_moment(made: Element, when: datetime | None) -> None:
    """Change the time that is shown."""
    made.props["datetime"] = when.isoformat() if when else ""
    made.update()


def _marked(element: E, testid: str) -> E:
    if testid:
        element.props["data-testid"] = testid
    return element
