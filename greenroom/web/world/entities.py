"""What there is in a world: by kind, or what was searched for; and a form for more."""

from collections.abc import Awaitable, Callable

from nicegui import ui
from pydantic import ValidationError

from greenroom.model import Entities, Entity, NewEntity
from greenroom.ports import World
from greenroom.web.form import complaint, field
from greenroom.web.look import box, button, text
from greenroom.web.notices import Notices
from greenroom.web.person import Person
from greenroom.web.world.telling import KINDS
from greenroom.web.world.view import View

_CAST = "cast"
"""The tag that the world gives to characters of the cast, who are there before anybody has said anything."""

Act = Callable[[], Awaitable[None]]


class EntitiesCard:
    """All entities of the time that is looked at. `open_` shows one by its id; `changed` is told of new wishes."""

    def __init__(
        self,
        world: World,
        person: Person,
        notices: Notices,
        open_: Callable[[str], Awaitable[None]],
        changed: Act,
    ) -> None:
        self._world, self._person, self._notices, self._open = world, person, notices, open_
        self._changed = notices.guarded(changed)
        self._world_id = "main"
        self._bases: dict[str, str] | None = None
        with box("g-card", "section", "entities"):
            text("Who and what there is", tag="h2")
            self._search = field("Search names, tags and notes", "search", maxlength=500, type="search")
            self._search.props["debounce"] = 300
            self._search.on_value_change(self._changed)
            self._status = text("", "g-dim", testid="found")
            self._status.props["role"] = "status"
            self._body = box("g-card-body")
            self._form()

    @property
    def query(self) -> str:
        """What is searched for."""
        return str(self._search.value or "").strip()

    def show(self, found: Entities, view: View) -> None:
        """Show what was found; what has changed since the last time is marked."""
        before = self._bases if view.world_id == self._world_id and not self.query and view.place is None else None
        self._world_id = view.world_id
        self._status.set_text(_status(found, self.query))
        self._body.clear()
        with self._body:
            if self.query:
                self._group("", list(found.entities), before)
            else:
                self._all(found.entities, view, before)
        self._bases = {entity.id: entity.basis for entity in view.now.values()}

    def _all(self, entities: tuple[Entity, ...], view: View, before: dict[str, str] | None) -> None:
        if all(_CAST in entity.tags for entity in entities):
            _nothing_yet(view)
        for type_, (_, title) in KINDS.items():
            self._group(title, [entity for entity in entities if entity.type == type_], before)

    def _group(self, title: str, entities: list[Entity], before: dict[str, str] | None) -> None:
        if not entities:
            return
        if title:
            text(f"{title} ({len(entities)})", tag="h3")
        with box("g-entities"):
            for entity in entities:
                self._entity(entity, before is not None and before.get(entity.id) != entity.basis)

    def _entity(self, entity: Entity, is_new: bool) -> None:
        with box("g-entity" + (" g-fresh" if is_new else ""), "button", f"entity-{entity.id}") as made:
            with box("g-row"):
                text(entity.name, "g-strong", "span")
                if entity.locked:
                    ui.icon("lock").props["title"] = "Locked"
                if entity.aliases:
                    text(f"also {', '.join(entity.aliases)}", "g-dim g-one-line", "span")
            text(entity.note or "Nothing more is known.", "g-entity-note")
            if entity.tags:
                text(" · ".join(entity.tags), "g-dim g-one-line")
        made.props["type"] = "button"
        made.on("click", self._opening(entity.id))

    def _opening(self, entity_id: str) -> Act:
        async def open_() -> None:
            await self._open(entity_id)

        return self._notices.guarded(open_)

    # More by hand -------------------------------------------------------------------------------------------------

    def _form(self) -> None:
        with box("g-prompt", "details", "new-entity"):
            text("Add somebody or something", tag="summary")
            kinds = {type_: one.capitalize() for type_, (one, _) in KINDS.items()}
            self._kind = ui.select(kinds, value="character").props("dense outlined options-dense")
            self._kind.props["aria-label"] = "Of what kind"
            self._name = field("Name", "new-name", maxlength=200)
            self._note = field("What everybody knows of it", "new-note", maxlength=2000)
            button("Add", self._notices.guarded(self._make), testid="make-entity")

    async def _make(self) -> None:
        new = {"type": self._kind.value, "name": self._name.value, "note": self._note.value or ""}
        try:
            asked = NewEntity.model_validate({"world_id": self._world_id, "user_id": self._person.id, **new})
        except ValidationError as exc:
            self._notices.warn(complaint(exc))
            return
        await self._world.make_entity(asked)
        self._name.value = self._note.value = ""
        await self._changed()


def _status(found: Entities, query: str) -> str:
    if query and not found.total:
        return "Nothing here has these words."
    if len(found.entities) < found.total:
        return f"These are {len(found.entities)} of {found.total}; search for the others."
    return f"{found.total} found" if query else ""


def _nothing_yet(view: View) -> None:
    with box("g-nothing", testid="nothing-yet"):
        if view.place is not None:
            text("At this time nothing was known of this world yet.", "g-lead")
            return
        text("Nothing has happened in this world yet.", "g-lead")
        if not view.enabled:
            return
        text(
            "What is said in the room is read after each answer. Whoever and whatever is told of there comes here by "
            "itself, a few seconds later: people, places, things and ideas, each with a note, the words that it comes "
            "from, and who may know of it. Try: “My sister Rosa has opened a bar called the Rusty Anchor.”",
            "g-dim",
        )
