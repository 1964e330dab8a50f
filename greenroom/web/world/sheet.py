"""One entity, at the side of the page: what is known of it and since when, and what may be done with it."""

from collections.abc import Awaitable, Callable, Iterable

from nicegui import ui
from pydantic import ValidationError

from greenroom.errors import NotFound
from greenroom.model import Entity, EntityChange, EntityRef, EntityRemoval, EventsRequest, Fact, NewNote, WorldEvent
from greenroom.ports import World
from greenroom.web.figures import facts
from greenroom.web.form import complaint, field
from greenroom.web.look import box, button, icon_button, text
from greenroom.web.notices import Notices
from greenroom.web.person import Person
from greenroom.web.sure import asking_first
from greenroom.web.world.happening import Happenings
from greenroom.web.world.telling import KINDS, who_knows
from greenroom.web.world.view import View

_LAST_EVENTS = 1000

Act = Callable[[], Awaitable[None]]


class EntitySheet:
    """A panel that follows the world while it is open; not while somebody writes in it."""

    def __init__(self, world: World, person: Person, notices: Notices, happenings: Happenings, changed: Act) -> None:
        self._world, self._person, self._notices = world, person, notices
        self._happenings, self._changed = happenings, changed
        self._view = View("main")
        self._entity_id, self._is_writing = "", False
        self._remark: ui.input | None = None
        with (
            ui.dialog().props("position=right full-height") as self._dialog,
            box("g-sheet g-side", testid="entity") as self._sheet,
        ):
            pass
        self._dialog.on("hide", self._left)

    async def open(self, entity_id: str) -> None:
        """Show an entity of the world that is looked at. Raises: GreenroomError."""
        self._entity_id, self._is_writing = entity_id, False
        await self._draw()
        self._dialog.open()

    async def look(self, view: View) -> None:
        """Know the world as it is now; what is open shows it. Raises: GreenroomError."""
        if view.world_id != self._view.world_id:
            self._dialog.close()
        self._view = view
        is_writing = self._is_writing or (self._remark is not None and self._remark.value)
        if self._entity_id and not is_writing:
            await self._draw()

    def _left(self) -> None:
        self._entity_id, self._remark = "", None
        self._sheet.clear()

    async def _draw(self) -> None:
        view, id_ = self._view, self._entity_id
        try:
            entity = await self._world.entity(EntityRef(world_id=view.world_id, entity_id=id_, as_of=view.as_of))
        except NotFound:
            self._draw_gone(id_)
            return
        events = await self._history() if view.place is None else ()
        self._remark = None
        self._sheet.clear()
        with self._sheet:
            self._head(entity.name)
            with box("g-sheet-body") as self._body:
                self._known(entity)
                if view.place is None:
                    self._acts(entity)
                    self._draw_history(events)

    async def _history(self) -> tuple[WorldEvent, ...]:
        wanted = EventsRequest(world_id=self._view.world_id, entity_id=self._entity_id, limit=_LAST_EVENTS)
        return (await self._world.events(wanted)).events

    def _draw_gone(self, entity_id: str) -> None:
        self._sheet.clear()
        with self._sheet:
            self._head(self._view.name_of(entity_id))
            with box("g-sheet-body"):
                text("This is not in the world at the time that you look at.", "g-lead", testid="entity-gone")

    def _head(self, title: str) -> None:
        with box("g-sheet-head"):
            text(title, tag="h2")
            icon_button("close", "Close", self._dialog.close, testid="close-entity")

    # What is known --------------------------------------------------------------------------------------------------

    def _known(self, entity: Entity) -> None:
        if self._view.place is not None:
            text("As it was at the time that you look at. To change it, go back to now.", "g-dim", testid="as-it-was")
        text(entity.note or "Nothing more is known.", "g-lead", testid="entity-note")
        told = {
            "Kind": KINDS[entity.type][0],
            "Also called": ", ".join(entity.aliases),
            "Tags": ", ".join(entity.tags),
            "Locked": "nothing comes in that contradicts the note" if entity.locked else "",
        }
        facts(told, "entity")
        self._connections(entity.connections)
        self._kept_apart(entity.facts)

    def _connections(self, others: tuple[str, ...]) -> None:
        if not others:
            return
        text("Connected with", tag="h3")
        with box("g-row g-wrap"):
            for other in others:
                button(self._view.name_of(other), self._opening(other), "g-quiet", f"to-{other}")

    def _opening(self, entity_id: str) -> Act:
        async def open_() -> None:
            await self.open(entity_id)

        return self._notices.guarded(open_)

    def _kept_apart(self, facts: Iterable[Fact]) -> None:
        """What is not in the note: secrets, and what was true once."""
        apart = [fact for fact in facts if fact.valid_to is not None or not fact.is_public]
        if apart:
            text("Not in the note", tag="h3")
        for fact in apart:
            over = "true no more" if fact.valid_to is not None else ""
            with box("g-event", testid="apart"):
                text(fact.text, "g-event-what" + (" g-out" if over else ""))
                text(" · ".join(filter(None, (over, who_knows(fact.known_to, fact.private)))), "g-dim")

    # What may be done -----------------------------------------------------------------------------------------------

    def _acts(self, entity: Entity) -> None:
        with box("g-row g-wrap"):
            button("Change", lambda: self._write(entity), testid="change-entity")
            button("Unlock" if entity.locked else "Lock", self._locking(not entity.locked), testid="lock")
        self._remark_form()
        asking_first(
            "Take out",
            f"Take {entity.name} out of the world? What is said of {entity.name} later makes a new entry. "
            "“What happened” has the way back.",
            self._notices.guarded(self._remove),
        )

    def _remark_form(self) -> None:
        with box("g-prompt", "details", "add-remark"):
            text("Add a remark", tag="summary")
            self._remark = field("Something that everybody may know", "remark", maxlength=2000)
            button("Add", self._notices.guarded(self._note), testid="keep-remark")

    def _write(self, entity: Entity) -> None:
        self._is_writing = True
        self._body.clear()
        with self._body, box("g-form", testid="entity-form"):
            kinds = {type_: one.capitalize() for type_, (one, _) in KINDS.items()}
            kind = ui.select(kinds, value=entity.type, label="Kind").props("dense outlined options-dense")
            fields = {
                "name": _labelled("Name", entity.name, "form-name"),
                "aliases": _labelled("Also called, with commas between", ", ".join(entity.aliases), "form-aliases"),
                "tags": _labelled("Tags, with commas between", ", ".join(entity.tags), "form-tags"),
                "connections": _labelled(
                    "Connected with, names with commas between",
                    ", ".join(map(self._view.name_of, entity.connections)),
                    "form-connections",
                ),
            }
            note = ui.textarea("Note, as you write it", value=entity.canon).props("autogrow dense outlined")
            note.props["data-testid"] = "form-note"
            text("What was said in the conversation is added to your words by itself.", "g-dim")

            async def save() -> None:
                typed = {name: str(made.value or "") for name, made in fields.items()}
                wanted = {**typed, "type": kind.value, "note": note.value or ""}
                wanted |= {name: _split(typed[name]) for name in ("aliases", "tags", "connections")}
                old = {**entity.model_dump(mode="json"), "note": entity.canon}
                old["connections"] = [self._view.name_of(id_) for id_ in entity.connections]
                await self._change({name: value for name, value in wanted.items() if value != old[name]})

            with box("g-row"):
                button("Save", self._notices.guarded(save), testid="save-entity")
                button("Cancel", self._opening(entity.id), "g-quiet", "cancel-entity")

    def _locking(self, locked: bool) -> Act:
        async def lock() -> None:
            await self._change({"locked": locked})

        return self._notices.guarded(lock)

    async def _change(self, changes: dict[str, object]) -> None:
        try:
            asked = EntityChange.model_validate({**self._mine, **changes})
        except ValidationError as exc:
            self._notices.warn(complaint(exc))
            return
        if changes:
            await self._world.change_entity(asked)
        self._is_writing = False
        await (self._changed() if changes else self._draw())

    async def _note(self) -> None:
        assert self._remark is not None
        words = str(self._remark.value or "").strip()
        if not words:
            self._notices.warn("Write the remark first.")
            return
        await self._world.add_note(NewNote.model_validate({**self._mine, "text": words}))
        self._remark = None
        await self._changed()

    async def _remove(self) -> None:
        await self._world.delete_entity(EntityRemoval.model_validate(self._mine))
        self._dialog.close()
        await self._changed()

    @property
    def _mine(self) -> dict[str, str]:
        """What is done, and by whom."""
        return {"world_id": self._view.world_id, "entity_id": self._entity_id, "user_id": self._person.id}

    def _draw_history(self, events: tuple[WorldEvent, ...]) -> None:
        text("How this came to be known", tag="h3")
        for event in reversed(events):
            self._happenings.draw(event, self._view)


def _labelled(label: str, value: str, testid: str) -> ui.input:
    made = ui.input(label, value=value).props("dense outlined")
    made.props["data-testid"] = testid
    return made


def _split(words: str) -> list[str]:
    return [part for part in map(str.strip, words.split(",")) if part]
