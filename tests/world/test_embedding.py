"""The library has what the world has: no more, no less, and nothing of before."""

import pytest

from greenroom.config import KnowledgeSettings
from greenroom.errors import NoUpstream
from greenroom.model import (
    Documents,
    EntitiesRequest,
    EntityChange,
    EntityRemoval,
    Indexed,
    NewEntity,
    NewNote,
    NewWorld,
    Nothing,
    ProposedChange,
    Told,
    WorldRef,
)
from greenroom.retriever.library import LibraryService
from greenroom.retriever.vectors import FaissIndex
from greenroom.storage.database import Database
from greenroom.testing import FrozenClock, ScriptedModel
from greenroom.world.ledger import Ledger
from tests.world.history import complaints
from tests.world.house import House

ROSA = NewEntity(type="character", name="Rosa", note="A baker.")


class FailingLibrary(LibraryService):
    """A library that takes nothing in while nothing embeds, and then perhaps does not say that it has."""

    fails = ""

    async def put(self, order: Documents, /) -> Indexed:
        if self.fails == "before":
            raise NoUpstream("nothing embeds")
        indexed = await super().put(order)
        if self.fails == "after":
            raise NoUpstream("the connection was lost")
        return indexed


class Town:
    """A world with a library in the same database."""

    def __init__(self, database: Database) -> None:
        self._database, self.model = database, ScriptedModel()
        self.library = FailingLibrary(database, FaissIndex(), self.model, KnowledgeSettings(), FrozenClock())
        self.house = House(database, library=self.library)
        self.world = self.house.service

        self.ledger = Ledger(database, FrozenClock(), self.house.tasks)

    async def wrong(self) -> list[str]:
        return await complaints(self._database, self.ledger, self.library)


@pytest.fixture
def town(database: Database) -> Town:
    return Town(database)


async def test_what_is_known_gets_into_the_library_and_goes_with_what_it_is_of(town: Town) -> None:
    await town.world.make_entity(ROSA)
    await town.world.add_note(NewNote(entity_id="rosa", text="Rosa hides rum.", known_to=("peter",)))
    assert await town.wrong() != []
    await town.house.catch_up()
    assert await town.wrong() == []
    await town.house.say("t1", "My brother Otto is a smith.", "Is he?")
    assert await town.wrong() == []
    await town.world.delete_entity(EntityRemoval(entity_id="rosa"))
    await town.house.withdraw("t1")
    assert await town.wrong() == []


async def test_a_world_that_is_deleted_leaves_the_library(town: Town) -> None:
    await town.world.make_world(NewWorld(id="sea", name="The sea"))
    await town.world.make_entity(NewEntity(world_id="sea", type="item", name="the oar", note="Broken."))
    await town.house.catch_up()
    await town.world.delete_world(WorldRef(world_id="sea"))
    await town.house.catch_up()
    assert await town.library.store.hashes("world:sea", ["note:oar"]) == {}
    assert await town.wrong() == []


@pytest.mark.parametrize("fails", ["before", "after"])
async def test_a_write_that_fails_is_made_up_for_and_leaves_nothing_behind(town: Town, fails: str) -> None:
    await town.world.make_entity(ROSA)
    await town.house.catch_up()
    town.library.fails = fails
    await town.world.add_note(NewNote(entity_id="rosa", text="Rosa hides rum.", known_to=("peter",)))
    await town.house.tasks.run()
    assert {type(error) for _, error in town.house.tasks.failed} == {NoUpstream}
    town.house.tasks.failed.clear()
    await town.world.delete_entity(EntityRemoval(entity_id="rosa"))
    town.library.fails = ""
    await town.house.catch_up()
    assert await town.wrong() == []


async def test_while_nothing_embeds_what_was_there_is_found(town: Town) -> None:
    await town.world.make_entity(ROSA)
    await town.house.catch_up()
    before = await town.wrong()
    town.library.fails = "before"
    await town.world.change_entity(EntityChange(entity_id="rosa", note="A smith."))
    await town.house.tasks.run()
    assert (before, len(await town.wrong())) == ([], 1)
    assert "another note:rosa" in (await town.wrong())[0]


async def test_many_changes_are_embedded_together(town: Town) -> None:
    for number in range(20):
        await town.world.make_entity(NewEntity(type="item", name=f"oar number {number}", note="Broken."))
    await town.house.catch_up()
    assert [len(texts.texts) for texts in town.model.embedded] == [20]
    assert await town.wrong() == []


async def test_a_name_as_long_as_a_page_or_a_blank_note_keeps_nothing_else_from_the_library(town: Town) -> None:
    long = "A" + "a" * 1500
    told = Told(name=long, type="character", aliases=(long,), information=f"{long} is a baker")
    change = ProposedChange(world_id="main", kind="told", cause="task", effect_key="long", told=told)
    await town.world.worlds(Nothing())
    await town.ledger.apply(change)
    await town.world.make_entity(NewEntity(type="item", name="Blank", note=" "))
    await town.house.say("t1", f"My sister {long} is a baker. My brother Tom is a sailor.", "Well.")
    await town.house.catch_up()
    assert await town.wrong() == []
    assert [one.name for one in (await town.world.entities(EntitiesRequest(query="sailor"))).entities] == ["Tom"]
    assert (await town.world.entities(EntitiesRequest(query="sister"))).total == 0
