"""Who is in the cast: a dialog where characters come in by their card files, are saved as such, and leave."""

import base64
from collections.abc import Awaitable, Callable

from nicegui import ui
from nicegui.events import GenericEventArguments, UploadEventArguments

from greenroom.errors import Conflict, GreenroomError, TooLarge
from greenroom.model import CardFile, Character, CharacterRef, ExportRequest, Nothing
from greenroom.ports import Characters
from greenroom.web.introduction import greeting
from greenroom.web.look import avatar_of, box, button, icon_button, name, text
from greenroom.web.notices import Notices

_MAX_FILE_BYTES = 16_000_000
"""More is not sent at all; characters would refuse it."""

_ACCEPTED = ".png,.json,image/png,application/json"

_DRAGGING = "(e) => greenroom.dragged(e)"

Act = Callable[[], Awaitable[None]]


class Casting:
    """The dialog. It asks for the cast anew each time that it is opened, and after each change.

    `changed` is told after each change, with the character that has come, or None.
    """

    def __init__(
        self, characters: Characters, notices: Notices, changed: Callable[[Character | None], Awaitable[None]]
    ) -> None:
        self._characters = characters
        self._notices = notices
        self._changed = changed
        with ui.dialog() as self._dialog, box("g-sheet", testid="casting") as self._sheet:
            pass
        self._dialog.on("hide", self._sheet.clear)  # with the uploader goes its route

    async def open(self) -> None:
        """Show the dialog."""
        self._sheet.clear()
        with self._sheet:
            with box("g-sheet-head"):
                text("Characters", tag="h2")
                icon_button("close", "Close", self._dialog.close, testid="close-casting")
            with box("g-sheet-body"):
                self._draw_entrance()
                self._outcome = box("g-outcome", testid="outcome")
                self._outcome.props["role"] = "status"
                self._list = box("g-members")
        self._dialog.open()
        await self._notices.guarded(self._show_cast)()

    # Coming in ---------------------------------------------------------------------------------------------------

    def _draw_entrance(self) -> None:
        uploader = ui.upload(on_upload=self._received, auto_upload=True, max_file_size=_MAX_FILE_BYTES)
        uploader.classes("g-uploader").props["accept"] = _ACCEPTED
        uploader.on("rejected", self._rejected, js_handler="(files) => emit(files.map(f => f.failedPropValidation))")
        uploader.on("failed", lambda: self._problem("The file did not arrive. Try again."))
        uploader.on("finish", uploader.reset)  # or it takes no file twice
        with box("g-drop", "button", "drop") as drop:
            ui.icon("upload_file").props["aria-hidden"] = "true"
            text("Choose a character card, or drop one here", "g-strong", "span")
            text("PNG or JSON, of version 1, 2 or 3, up to 16 MB", "g-dim", "span")
        drop.props["type"] = "button"
        drop.on("click", js_handler=f"() => getElement({uploader.id}).$refs.qRef.pickFiles()")
        drop.on("drop", js_handler=f"(e) => greenroom.dropped(e, getElement({uploader.id}).$refs.qRef)")
        for event in ("dragenter", "dragover", "dragleave"):
            drop.on(event, js_handler=_DRAGGING)

    def _rejected(self, event: GenericEventArguments) -> None:
        too_large = "max-file-size" in event.args
        self._problem("The file is larger than 16 MB." if too_large else "This is neither a PNG nor a JSON file.")

    async def _received(self, event: UploadEventArguments) -> None:
        content = base64.b64encode(await event.file.read()).decode()
        await self._import(CardFile(content_base64=content, filename=event.file.name))

    async def _import(self, card: CardFile) -> None:
        try:
            character = await self._characters.import_card(card)
        except Conflict as exc:
            await self._taken(card, exc)
        except TooLarge as exc:
            self._problem(f"“{card.filename}” is too large: {exc.detail.rstrip('.')}.")
        except GreenroomError as exc:
            self._problem(f"“{card.filename}” cannot be used: {exc.detail.rstrip('.')}.")
        else:
            await self._changed(character)
            await self._show_cast()
            self._welcome(character)

    async def _taken(self, card: CardFile, conflict: Conflict) -> None:
        """Say who has the name already, and offer what can be done about it."""
        cast = await self._characters.cast(Nothing())
        holder = next((c for c in cast.characters if c.id == conflict.extra.get("character")), None)
        if holder is None or card.replace:
            self._problem(f"“{card.filename}” cannot be used: {conflict.detail.rstrip('.')}.")
        elif holder.origin == "cast":
            self._problem(
                f"{holder.name} is in the cast already, from the file {holder.source}. "
                "Give the character another name in the card, or remove that file from the cast folder."
            )
        else:
            self._ask(
                f"{holder.name} is in the cast already. Replace the character with the one from “{card.filename}”?",
                f"Replace {holder.name}",
                f"Keep {holder.name}",
                lambda: self._import(card.model_copy(update={"replace": True})),
            )

    # What came of it ---------------------------------------------------------------------------------------------

    def _problem(self, words: str) -> None:
        self._outcome.clear()
        with self._outcome:
            text(words, "g-violation g-critical", testid="problem-with-card")

    def _welcome(self, character: Character) -> None:
        self._outcome.clear()
        with self._outcome, box("g-member g-joined", testid="joined").style(_accent(character)):
            avatar_of(character)
            with box("g-member-words"):
                text(f"{character.name} has joined the cast.", "g-strong")
                text(greeting(character), "g-greeting")
            button(f"Write to {character.name}", self._write, testid="write-to")

    def _write(self) -> None:
        self._dialog.close()
        ui.run_javascript("greenroom.focus('input')")

    def _ask(self, question: str, yes: str, no: str, act: Act) -> None:
        self._outcome.clear()
        with self._outcome, box("g-question", testid="question"):
            text(question)
            with box("g-row"):
                button(yes, self._notices.guarded(act), testid="yes")
                button(no, self._forget, "g-quiet", "no")
            ui.run_javascript("greenroom.focus('yes')")

    def _forget(self) -> None:
        self._outcome.clear()

    # Who is there ------------------------------------------------------------------------------------------------

    async def _show_cast(self) -> None:
        cast = await self._characters.cast(Nothing())
        self._list.clear()
        with self._list:
            for title, origin in (("Added here", "database"), ("From the cast folder", "cast")):
                members = [character for character in cast.characters if character.origin == origin]
                if members:
                    text(title, tag="h3")
                for character in members:
                    self._member(character)

    def _member(self, character: Character) -> None:
        with box("g-member", testid=f"member-{character.id}").style(_accent(character)):
            avatar_of(character)
            with box("g-member-words"):
                text(character.name, "g-strong")
                text(_where(character), "g-dim")
            with box("g-row"):
                text("Save as", "g-dim", "span")
                for kind in ("json", "png"):
                    save = button(kind.upper(), self._saving(character, kind), "g-quiet", f"save-{kind}")
                    name(save, f"Save {character.name} as a card, {kind.upper()}")
                if character.origin == "database":
                    icon_button("delete", f"Remove {character.name}", lambda: self._sure(character), testid="remove")

    def _saving(self, character: Character, kind: str) -> Act:
        async def save() -> None:
            request = ExportRequest.model_validate({"character": character.id, "format": kind})
            card = await self._characters.export(request)
            ui.download.content(base64.b64decode(card.content_base64), card.filename, card.media_type)

        return self._notices.guarded(save)

    def _sure(self, character: Character) -> None:
        self._ask(
            f"Remove {character.name} from the cast? What was said stays in the conversation; "
            "the card is gone unless you have saved it.",
            f"Remove {character.name}",
            f"Keep {character.name}",
            lambda: self._remove(character),
        )

    async def _remove(self, character: Character) -> None:
        await self._characters.delete(CharacterRef(character=character.id))
        self._outcome.clear()
        await self._changed(None)
        await self._show_cast()


def _where(character: Character) -> str:
    if character.origin == "cast":
        return f"To change it, edit {character.source} in the cast folder."
    return " · ".join(filter(None, (character.sheet.tagline, f"by {character.source}" if character.source else "")))


def _accent(character: Character) -> str:
    return f"--accent: {character.sheet.colour or 'var(--brass)'}"
