"""The head of the page: which model answers now, and who is writing."""

from dataclasses import dataclass
from typing import Literal

from nicegui import ui

from greenroom.errors import GreenroomError
from greenroom.model import Models, Nothing
from greenroom.ports import Llm
from greenroom.web.backstage import Backstage
from greenroom.web.look import box, button, name, text
from greenroom.web.notices import Notices
from greenroom.web.own_data import OwnData
from greenroom.web.person import MAX_NAME, NAMELESS, Person


@dataclass(frozen=True)
class Voice:
    """Who speaks the characters' lines now: a model, the understudy in its place, or nobody.

    `rest` continues the title where there is room for it.
    """

    kind: Literal["model", "stand-in", "nobody"]
    title: str
    rest: str
    advice: str


def voice_of(models: Models) -> Voice:
    """Read off which model answers now."""
    speaking = models.roles.get("generation", "")
    trouble = "".join(f"\n\n{p.detail}" for p in models.providers if not p.reachable and p.detail) + _besides(models)
    away = {p.provider for p in models.providers if not p.reachable}
    if models.stand_in:
        return Voice(
            "stand-in",
            "Understudy",
            "is standing in – no model server found",
            "The understudy answers from the characters' own lines; it is not a language model. "
            f"Start Ollama to hear a real one, or run “greenroom doctor” to see what is missing.{trouble}",
        )
    if not speaking or speaking.partition("/")[0] in away:
        return Voice(
            "nobody",
            "No model answers",
            "",
            f"Start Ollama, or run “greenroom doctor” to see what is missing.{trouble}",
        )
    return Voice("model", speaking, "", f"{speaking} speaks the characters' lines.{_besides(models)}")


def _besides(models: Models) -> str:
    """What else there is to say of the models: who compares texts, and what `auto` does without."""
    lacks = "; ".join(models.auto_lacks)
    return _embedder(models) + (f"\n\nRequests for the model “auto” do without: {lacks}." if lacks else "")


def _embedder(models: Models) -> str:
    """What compares texts, when something does; the one without a model is named as what it is."""
    name = models.roles.get("embedding", "")
    if not name:
        return ""
    by_words = any(card.stand_in and card.full_name == name for card in models.models)
    return f"\n\n{name} compares texts" + (" by their words; it is not a model." if by_words else ".")


class ModelBadge:
    """Says which model answers; a click says what to do when it is not the right one."""

    def __init__(self, llm: Llm) -> None:
        self._llm = llm
        with box("g-badge", "button", "model") as self._badge:
            box("g-lamp", "span")
            self._title = text("Looking for a model …", "g-badge-title", "span")
            self._rest = text("", "g-badge-rest", "span")
            with ui.menu().props("max-width=22rem"):
                self._advice = text("", "g-advice", testid="advice")
        self._badge.props["type"] = "button"

    async def look(self) -> None:
        """Ask which model answers now, and show it."""
        try:
            voice = voice_of(await self._llm.models(Nothing()))
        except GreenroomError as exc:
            voice = Voice("nobody", "No model answers", "", exc.detail)
        self._badge.props["data-kind"] = voice.kind
        self._title.set_text(voice.title)
        self._rest.set_text(voice.rest)
        self._advice.set_text(voice.advice)
        name(self._badge, f"{voice.title} {voice.rest}".strip() + f". {voice.advice}")


class NameTag:
    """The person's display name, the way to change it, and what can be done about all that is kept of them."""

    def __init__(self, backstage: Backstage, person: Person, notices: Notices) -> None:
        self._person = person
        self._notices = notices
        self._taken: frozenset[str] = frozenset()
        with box("g-name-tag", "button", "person") as tag:
            ui.icon("person").props["aria-hidden"] = "true"
            self._shown = text(person.name or "You", "g-name-tag-name", "span")
            with ui.menu().props("no-parent-event") as self._menu, box("g-name-form"):
                text("What shall they call you?", "g-strong")
                self._field = ui.input(value=person.name, placeholder=NAMELESS).props("dense autofocus")
                self._field.props["maxlength"] = MAX_NAME
                self._field.props["aria-label"] = "Your name"
                self._field.props["data-testid"] = "name"
                self._field.on("keydown.enter", self._keep)
                button("Keep", self._keep, testid="keep-name")
                text("What is kept of you", "g-strong")
                OwnData(backstage, person, notices, self._show)
        tag.props["type"] = "button"
        name(tag, "Your name in the conversation")
        tag.on("click", self._menu.open)

    def reserve(self, names: frozenset[str]) -> None:
        """Names of characters, which a person may not take."""
        self._taken = frozenset(n.casefold() for n in names)

    def _keep(self) -> None:
        wanted = str(self._field.value or "")
        if wanted.strip().casefold() in self._taken:
            self._notices.warn(f"{wanted.strip()} is in the cast already; choose another name.")
            return
        self._person.name = wanted
        self._show()

    def _show(self) -> None:
        self._shown.set_text(self._person.name or "You")
        self._menu.close()
