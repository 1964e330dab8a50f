"""A world between a log of turns, a cast, a model and a library that tests hold in their hands."""

from datetime import datetime
from typing import Any

from greenroom.config import WorldSettings
from greenroom.model import (
    STAND_IN,
    CollectionRef,
    Collections,
    Document,
    DocumentPage,
    DocumentPageRequest,
    DocumentRefs,
    Documents,
    Indexed,
    LineEdit,
    LineRef,
    ModelCard,
    Nothing,
    PersonId,
    Receipt,
    Sheet,
)
from greenroom.ports import Library
from greenroom.storage.database import Database
from greenroom.testing import FixedCast, FixedTurns, FrozenClock, ScriptedModel, TasksAtOnce
from greenroom.world.service import WorldService
from tests.world.turns import said

CAST = tuple(Sheet(name=name) for name in ("Peter", "Brian", "Stewie"))


class Shelves:
    """A `Library` that keeps documents by id; it refuses to while `away` is an error."""

    def __init__(self) -> None:
        self.documents_of: dict[str, dict[str, Document]] = {}
        self.away: Exception | None = None

    async def put(self, order: Documents, /) -> Indexed:
        if self.away is not None:
            raise self.away
        self.documents_of.setdefault(order.collection, {}).update({one.id: one for one in order.documents})
        return Indexed(collection=order.collection)

    async def remove(self, which: DocumentRefs, /) -> Indexed:
        for id_ in which.ids:
            self.documents_of.get(which.collection, {}).pop(id_, None)
        return Indexed(collection=which.collection)

    async def documents(self, request: DocumentPageRequest, /) -> DocumentPage:
        return DocumentPage()

    async def drop(self, which: CollectionRef, /) -> Indexed:
        self.documents_of.pop(which.collection, None)
        return Indexed(collection=which.collection)

    async def stats(self, nothing: Nothing, /) -> Collections:
        return Collections()

    @property
    def texts(self) -> list[str]:
        """What is in the library of the world `main`."""
        return sorted(one.text for one in self.documents_of.get("world:main", {}).values())


class House:
    """The world with what it stands on. The model is the understudy until `model` is given."""

    def __init__(
        self,
        database: Database,
        model: ScriptedModel | None = None,
        *,
        library: Library | None = None,
        settings: WorldSettings | None = None,
    ) -> None:
        self.turns, self.tasks, self.shelves, self.clock = FixedTurns(), TasksAtOnce(), Shelves(), FrozenClock()
        self.service = WorldService(
            database,
            self.turns,
            FixedCast(*CAST),
            model or understudy(),
            library or self.shelves,
            self.tasks,
            settings or WorldSettings(),
            self.clock,
        )

    async def say(self, turn_id: str, line: str, reply: str | None = None, **more: Any) -> None:
        """Say something, and let the world hear it."""
        self.turns.add(said(turn_id, line, reply, **more))
        await self.catch_up()

    async def edit(self, turn_id: str, text: str) -> None:
        """Change a line."""
        await self.turns.edit(LineEdit(turn_id=turn_id, text=text))
        await self.catch_up()

    async def withdraw(self, turn_id: str) -> None:
        """Take a line back."""
        await self.turns.withdraw(LineRef(turn_id=turn_id))
        await self.catch_up()

    async def forget(self, user_id: str, until: datetime | None = None) -> None:
        """Let the log tell that a person shall be forgotten, of what they did until now."""
        entry = {"user_id": PersonId(user_id), "begun_at": until or self.clock.now()}
        turn = said(f"forget {user_id}", "", state="forgotten").turn.model_copy(update=entry)
        self.turns.add(Receipt(turn=turn))
        await self.catch_up()

    async def change(self, turn_id: str, **changes: object) -> None:
        """Change what the log says of a turn."""
        turn = self.turns.receipts[turn_id].turn.model_copy(update=changes)
        self.turns.add(Receipt(turn=turn))
        await self.catch_up()

    async def catch_up(self) -> None:
        """Read the log to its end, and do what there is to do."""
        while await self.service.follower.read_page():
            continue
        await self.tasks.run()
        if self.tasks.failed:
            raise self.tasks.failed.pop()[1]


def understudy() -> ScriptedModel:
    """A gateway without a language model."""
    return ScriptedModel(card=ModelCard(name="understudy", provider=STAND_IN))
