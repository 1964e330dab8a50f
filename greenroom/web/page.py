"""The page, put together: head, conversation, composer, and the panels that open over them."""

from collections.abc import Awaitable, Callable

from nicegui import app, ui
from nicegui.element import Element

from greenroom.errors import GreenroomError
from greenroom.model import Cast, Character, Nothing, SheetProblem
from greenroom.web.backstage import Backstage
from greenroom.web.casting import Casting
from greenroom.web.composer import Composer
from greenroom.web.correction import Correction
from greenroom.web.header import ModelBadge, NameTag
from greenroom.web.introduction import introduce
from greenroom.web.look import box, button, dress, icon_button, name, text
from greenroom.web.notices import Notices
from greenroom.web.operations import Operations
from greenroom.web.panel import PanelAside
from greenroom.web.person import Person
from greenroom.web.receipt import ReceiptDialog
from greenroom.web.room import CHANNEL, Room

_FOLLOW_S = 1.0
_LOOK_AT_MODEL_S = 5.0
_LOOK_AT_PANEL_S = 2.0
_LOOK_AT_CAST_S = 10.0


def build(backstage: Backstage, line: str = "") -> None:
    """Draw the page for one browser, which opens at the `line` of a turn, or at the last one.

    What needs an answer from a service comes once the browser is connected.
    """
    dress()
    _Stage(backstage, Person(app.storage.browser["id"], app.storage.user), line)


class _Stage:
    """One browser's page."""

    def __init__(self, backstage: Backstage, person: Person, line: str) -> None:
        self._backstage = backstage
        self._line = line
        self._notices = Notices(ui.context.client)
        self._cast: Cast | None = None
        self._is_open = False
        with box("g-page"):
            self._head(person)
            self._trouble = text("", "g-trouble", testid="trouble")
            self._trouble.props["role"] = "alert"
            self._problems = box("g-problems")
            with box("g-floor"):
                column = self._conversation()
                self._panel = PanelAside(backstage.world, CHANNEL)
            with box("g-foot", "footer"):
                icon_button("arrow_downward", "Jump to the latest", _jump, "g-jump", "jump")
                self._casting = Casting(backstage.characters, self._notices, self._recast)
                self._composer = Composer(self._say, self._casting.open)
        receipt = ReceiptDialog(backstage.turns, Correction(backstage.coordinator, self._notices))
        self._room = Room(backstage, person, self._notices, column, receipt)
        ui.context.client.on_delete(self._room.stop_all)
        self._set_out()

    def _conversation(self) -> Element:
        with box("g-room", "main", "room"), box("g-column"):
            self._earlier = button(
                "Show earlier lines", self._notices.guarded(self._show_earlier), "g-earlier", "earlier"
            )
            self._welcome = box("g-welcome")
            column = box("g-exchanges", testid="conversation")
        column.props["role"] = "log"
        column.props["aria-label"] = "Conversation"
        return column

    def _head(self, person: Person) -> None:
        operations = Operations(self._backstage, self._notices)
        with box("g-top", "header"):
            text("Greenroom", "g-brand", "h1")
            self._badge = ModelBadge(self._backstage.llm)
            self._name_tag = NameTag(self._backstage, person, self._notices)
            with box("g-icon-button", "a", "to-gateway") as gateway:
                ui.icon("speed").props["aria-hidden"] = "true"
            gateway.props["href"] = "/gateway"
            name(gateway, "The gateway: models, caches, costs")
            with box("g-icon-button", "a", "to-world") as world:
                ui.icon("public").props["aria-hidden"] = "true"
            world.props["href"] = "/world"
            name(world, "The world: who and what there is")
            icon_button("tune", "Behind the scenes", operations.open, testid="open-operations")

    def _set_out(self) -> None:
        self._earlier.set_visibility(False)
        ui.run_javascript("greenroom.open()")
        ui.timer(_LOOK_AT_MODEL_S, self._badge.look)
        ui.timer(_FOLLOW_S, self._follow)
        ui.timer(_LOOK_AT_PANEL_S, lambda: self._panel.look(self._room.cast))
        ui.timer(_LOOK_AT_CAST_S, self._look_at_cast, immediate=False)

    async def _follow(self) -> None:
        """Open the room, or see what is new in it; say so while the house cannot be reached."""
        await self._or_say_so(self._room.catch_up if self._is_open else self._open)

    async def _look_at_cast(self) -> None:
        if self._is_open:
            await self._or_say_so(self._meet_cast)

    async def _or_say_so(self, act: Callable[[], Awaitable[None]]) -> None:
        try:
            await act()
        except GreenroomError as exc:
            self._trouble.set_text(f"The conversation cannot be followed right now: {exc.detail} Trying again …")
        else:
            self._trouble.set_text("")
            self._show_welcome()
            self._earlier.set_visibility(self._room.has_earlier)

    async def _open(self) -> None:
        await self._meet_cast()
        await self._room.recall()
        self._composer.speak_to(self._room.last_character)
        self._is_open = True
        ui.run_javascript("greenroom.toEnd()")
        if self._line and not await self._room.go_to(self._line):
            self._notices.tell("This line is not in the room any more, or too far back to be shown.")
        await self._room.recall_opinions()

    async def _recast(self, newcomer: Character | None) -> None:
        """Show a cast that was changed on this page; who is new is spoken to."""
        await self._meet_cast()
        self._show_welcome()
        if newcomer is not None:
            self._composer.choose(newcomer)

    async def _meet_cast(self) -> None:
        """Show the cast when it has changed: a sheet may be edited while the page is open."""
        cast = await self._backstage.characters.cast(Nothing())
        if cast == self._cast:
            return
        self._cast = cast
        self._room.meet({character.id: character for character in cast.characters})
        self._name_tag.reserve(frozenset(name for character in cast.characters for name in character.names))
        self._composer.show_cast(self._room.cast)
        self._welcome.clear()
        self._show_problems(cast.problems)

    def _show_problems(self, problems: tuple[SheetProblem, ...]) -> None:
        self._problems.clear()
        with self._problems:
            for problem in problems:
                _problem(problem)

    def _show_welcome(self) -> None:
        """Introduce the cast as long as nobody has said anything."""
        empty = self._room.is_empty
        if empty and self._cast is not None and not self._welcome.default_slot.children:
            with self._welcome:
                introduce(self._cast.characters, self._say, self._casting.open)
        self._welcome.set_visibility(empty)

    async def _say(self, words: str, character: Character) -> None:
        def taken() -> None:
            self._welcome.set_visibility(False)
            with self._welcome:
                self._composer.taken(words)

        self._composer.speak_to(character)
        try:
            await self._room.say(words, character, taken)
        except GreenroomError as exc:
            with self._welcome:
                self._composer.give_back(words)
            self._notices.warn(exc.detail)

    async def _show_earlier(self) -> None:
        await self._room.recall_earlier()
        self._earlier.set_visibility(self._room.has_earlier)
        await self._room.recall_opinions()


def _jump() -> None:
    ui.run_javascript("greenroom.toEnd()")


def _problem(problem: SheetProblem) -> None:
    where = problem.file + (f", line {problem.line}" if problem.line else "")
    kept = " The last good version is still in use." if problem.last_good_in_use else ""
    with box("g-sheet-problem", testid="problem") as note:
        text(f"{where}: {problem.problem.rstrip('.')}.{kept}")
        icon_button("close", "Dismiss", note.delete)
