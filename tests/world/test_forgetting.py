"""What a person wrote into a world by hand goes out of it when that person is forgotten, with its words."""

from datetime import timedelta

import pytest

from greenroom.model import (
    EntitiesRequest,
    EntityChange,
    EntityRemoval,
    EventRef,
    EventsRequest,
    NewEntity,
    NewNote,
    ProposedChange,
    RollBack,
    RollBackRef,
    Told,
)
from greenroom.storage.database import Database
from greenroom.world.ledger import Ledger
from tests.world.house import House

ANCHOR = NewEntity(type="location", name="the Rusty Anchor", note="A harbour bar.", user_id="wilma")


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


async def notes(house: House) -> dict[str, str]:
    listed = (await house.service.entities(EntitiesRequest())).entities
    return {one.id: one.note for one in listed if "cast" not in one.tags}


async def history(house: House) -> str:
    return (await house.service.events(EventsRequest(world_id="main", limit=1000))).model_dump_json()


async def test_what_a_forgotten_person_wrote_by_hand_is_undone_and_none_of_it_is_left(house: House) -> None:
    await house.say("t1", "My sister Rosa is a baker.", "Nice.")
    await house.service.make_entity(ANCHOR)
    await house.service.add_note(NewNote(entity_id="rusty-anchor", text="It smells of tar", user_id="wilma"))
    await house.service.change_entity(EntityChange(entity_id="rosa", note="She snores.", user_id="wilma"))
    await house.service.add_note(NewNote(entity_id="rosa", text="She has a boat", user_id="bo"))
    await house.tasks.run()
    await house.forget("wilma")
    left = "Rosa is Sam's sister. Rosa is a baker. She has a boat."
    assert await notes(house) == {"rosa": left}
    assert house.shelves.texts == [left]
    told = await history(house)
    assert not any(words in told for words in ("Anchor", "anchor", "tar", "snores", "wilma"))
    assert "who did it by hand was forgotten" in told
    await house.forget("wilma")
    assert await history(house) == told


async def test_what_was_done_afterwards_stays_and_so_does_what_nobody_signed(house: House) -> None:
    await house.service.make_entity(NewEntity(type="item", name="Key"))
    await house.service.make_entity(ANCHOR)
    await house.forget("wilma", until=house.clock.now() - timedelta(hours=1))
    assert sorted(await notes(house)) == ["key", "rusty-anchor"]
    await house.forget("")
    assert sorted(await notes(house)) == ["key", "rusty-anchor"]


async def test_what_was_taken_out_or_rolled_back_by_hand_stays_so_without_a_name(house: House) -> None:
    await house.say("t1", "My sister Rosa is a baker.", "Nice.")
    await house.say("t2", "My brother Otto is a smith.", "Is he?", rank=2)
    await house.service.delete_entity(EntityRemoval(entity_id="rosa", user_id="wilma"))
    done = await house.service.roll_back(RollBack(world_id="main", turn_id="t1", user_id="wilma"))
    assert done.event is not None
    undone = RollBackRef(world_id="main", event=done.event, user_id="wilma")
    await house.service.undo_rollback(undone)
    before = await notes(house)
    assert list(before) == ["otto"]
    await house.forget("wilma")
    assert await notes(house) == before
    assert "wilma" not in await history(house)


async def test_what_was_taken_back_before_does_not_return_and_its_words_go_as_well(house: House) -> None:
    await house.service.make_entity(ANCHOR.model_copy(update={"user_id": "bo"}))
    await house.service.add_note(NewNote(entity_id="rusty-anchor", text="It smells of tar", user_id="wilma"))
    await house.service.take_back(EventRef(world_id="main", event=2))
    await house.forget("wilma")
    assert await notes(house) == {"rusty-anchor": "A harbour bar."}
    assert "tar" not in await history(house)


async def test_texts_that_may_quote_what_was_written_go_with_it(house: House, database: Database) -> None:
    ledger = Ledger(database, house.clock, house.tasks)
    await house.service.make_entity(ANCHOR.model_copy(update={"user_id": "bo", "locked": True}))
    await house.service.add_note(NewNote(entity_id="rusty-anchor", text="It is closed", user_id="wilma"))
    basis = (await ledger.state("main")).entities["rusty-anchor"].note_basis
    await ledger.rewrite("main", "rusty-anchor", basis, "A bar, and a shut one.")
    await house.say("t1", "The Rusty Anchor is open.", "Is it?")
    told = Told(name="the Rusty Anchor", type="location", information="the Rusty Anchor is open")
    refused = ProposedChange(world_id="main", kind="told", cause="task", effect_key="k", told=told)
    assert (await ledger.apply(refused)).reason.endswith("it is known: It is closed.")
    await house.forget("wilma")
    told_of_it = await history(house)
    assert not any(words in told_of_it for words in ("closed", "shut"))
    assert (await ledger.state("main")).entities == (await ledger.replayed("main")).entities
