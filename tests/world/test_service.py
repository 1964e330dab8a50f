"""The world by hand: over the port, directly and over HTTP."""

import pytest
from pydantic import ValidationError

from greenroom.errors import Conflict, InvalidInput, NotFound, UnknownTurn
from greenroom.model import (
    EntitiesRequest,
    EntityChange,
    EntityRef,
    EntityRemoval,
    EventRef,
    EventsRequest,
    NewEntity,
    NewNote,
    NewSession,
    NewWorld,
    Nothing,
    RollBack,
    RollBackRef,
    SessionChange,
    SessionRef,
    SessionsRequest,
    WorldChange,
    WorldRef,
)
from greenroom.ports import World
from greenroom.storage.database import Database
from tests.conftest import Reach
from tests.world.house import House

ANCHOR = NewEntity(type="location", name="the Rusty Anchor", note="A harbour bar.", tags=("bar",))


@pytest.fixture
async def world(reach: Reach, database: Database) -> World:
    return await reach(World, House(database).service)


async def test_there_is_a_world_before_anybody_made_one_and_it_stays(world: World) -> None:
    assert [one.id for one in (await world.worlds(Nothing())).worlds] == ["main"]
    with pytest.raises(Conflict, match="cannot be deleted"):
        await world.delete_world(WorldRef(world_id="main"))
    assert (await world.entities(EntitiesRequest())).entities == ()


async def test_worlds_are_made_renamed_and_deleted(world: World) -> None:
    made = await world.make_world(NewWorld(id="sea", name="The sea"))
    assert (made.id, made.name, made.sequence) == ("sea", "The sea", 0)
    with pytest.raises(Conflict):
        await world.make_world(NewWorld(id="sea", name="Again"))
    with pytest.raises(ValidationError):
        NewWorld(id="s" * 65, name="Too long to be put into names")
    await world.make_entity(ANCHOR.model_copy(update={"world_id": "sea"}))
    changed = await world.change_world(WorldChange(world_id="sea", description="Salty."))
    assert (changed.name, changed.description) == ("The sea", "Salty.")
    await world.delete_world(WorldRef(world_id="sea"))
    for gone in (world.world(WorldRef(world_id="sea")), world.entities(EntitiesRequest(world_id="sea"))):
        with pytest.raises(NotFound):
            await gone


async def test_a_world_that_is_made_again_has_the_cast_again(database: Database) -> None:
    house = House(database)
    for turn_id in ("t1", "t2"):
        await house.service.make_world(NewWorld(id="sea", name="The sea"))
        await house.service.open_session(NewSession(id="den", world_id="sea"))
        await house.say(turn_id, "Ahoy.", "Ahoy yourself.")
        listed = await house.service.entities(EntitiesRequest(world_id="sea"))
        assert [one.name for one in listed.entities] == ["Brian", "Peter", "Stewie"]
        await house.service.delete_world(WorldRef(world_id="sea"))


async def test_channels_are_assigned_to_worlds(world: World) -> None:
    await world.make_world(NewWorld(id="sea", name="The sea"))
    with pytest.raises(NotFound):
        await world.open_session(NewSession(id="deck", world_id="moon"))
    assert (await world.open_session(NewSession(id="deck", world_id="sea"))).turns == 0
    with pytest.raises(Conflict):
        await world.open_session(NewSession(id="deck", world_id="main"))
    await world.change_session(SessionChange(session_id="deck", name="On deck"))
    listed = (await world.sessions(SessionsRequest(world_id="sea"))).sessions
    assert [(one.id, one.name) for one in listed] == [("deck", "On deck")]
    await world.delete_session(SessionRef(session_id="deck"))
    with pytest.raises(NotFound):
        await world.session(SessionRef(session_id="deck"))


async def test_entities_are_made_found_changed_and_taken_out(world: World) -> None:
    made = await world.make_entity(ANCHOR)
    assert (made.id, made.note, made.type) == ("rusty-anchor", "A harbour bar.", "location")
    await world.make_entity(NewEntity(type="character", name="Rosa", connections=("Rusty Anchor",)))
    assert (await world.entity(EntityRef(entity_id="rosa"))).connections == ("rusty-anchor",)
    for query in ("anchor", "harb", "bar", "RUSTY"):
        assert [one.id for one in (await world.entities(EntitiesRequest(query=query))).entities] == ["rusty-anchor"]
    assert (await world.entities(EntitiesRequest(type="character"))).total == 1
    changed = await world.change_entity(EntityChange(entity_id="rusty-anchor", aliases=("Annie's",), locked=True))
    assert (changed.name, changed.aliases, changed.locked) == ("the Rusty Anchor", ("Annie's",), True)
    noted = await world.add_note(NewNote(entity_id="rusty-anchor", text="It smells of tar"))
    assert noted.note == "A harbour bar. It smells of tar."
    await world.delete_entity(EntityRemoval(entity_id="rusty-anchor"))
    with pytest.raises(NotFound):
        await world.entity(EntityRef(entity_id="rusty-anchor"))
    assert (await world.entity(EntityRef(entity_id="rosa"))).connections == ()


async def test_what_was_done_by_hand_is_taken_back_once_and_stays_in_the_history(world: World) -> None:
    await world.make_entity(ANCHOR)
    await world.add_note(NewNote(entity_id="rusty-anchor", text="It smells of tar"))
    back = await world.take_back(EventRef(world_id="main", event=2))
    assert (back.changed, back.event) == (("rusty-anchor",), 3)
    assert (await world.entity(EntityRef(entity_id="rusty-anchor"))).note == "A harbour bar."
    await world.delete_entity(EntityRemoval(entity_id="rusty-anchor"))
    assert (await world.take_back(EventRef(world_id="main", event=4))).added == ("rusty-anchor",)
    own = await world.events(EventsRequest(world_id="main", entity_id="rusty-anchor"))
    assert [(event.number, event.revoked_by) for event in own.events] == [(1, None), (2, 3), (4, 5)]
    for event in (2, 3, 99):
        with pytest.raises(NotFound, match="counts no more"):
            await world.take_back(EventRef(world_id="main", event=event))


async def test_a_name_that_is_taken_or_has_no_letters_is_refused(world: World) -> None:
    await world.make_entity(ANCHOR)
    with pytest.raises(Conflict, match="rusty-anchor"):
        await world.make_entity(NewEntity(type="item", name="Rusty Anchor"))
    with pytest.raises(InvalidInput, match="letters"):
        await world.make_entity(NewEntity(type="item", name="???"))
    await world.make_entity(NewEntity(type="item", name="Key"))
    with pytest.raises(Conflict):
        await world.change_entity(EntityChange(entity_id="key", name="The rusty anchor"))
    with pytest.raises(InvalidInput, match="letters"):
        await world.change_entity(EntityChange(entity_id="key", name="???"))


async def test_a_new_entity_with_the_old_name_of_another_leaves_that_alone(world: World) -> None:
    await world.make_entity(ANCHOR)
    await world.change_entity(EntityChange(entity_id="rusty-anchor", name="the Golden Bun"))
    made = await world.make_entity(NewEntity(type="item", name="Rusty Anchor", note="It lies in the mud."))
    assert (made.id, made.note) == ("rusty-anchor-item", "It lies in the mud.")
    other = await world.entity(EntityRef(entity_id="rusty-anchor"))
    assert (other.name, other.note) == ("the Golden Bun", "A harbour bar.")
    long = [await world.make_entity(NewEntity(type="concept", name="a" * 90 + end)) for end in "xy"]
    assert long[0].id != long[1].id


async def test_what_few_know_is_in_no_note(world: World) -> None:
    await world.make_entity(ANCHOR)
    secret = NewNote(entity_id="rusty-anchor", text="Gold lies below it", known_to=("Brian",))
    noted = await world.add_note(secret)
    assert noted.note == "A harbour bar."
    assert [fact.known_to for fact in noted.facts] == [("brian",)]


async def test_the_history_tells_what_an_entity_is_made_of(world: World) -> None:
    await world.make_entity(ANCHOR)
    await world.make_entity(NewEntity(type="item", name="Key"))
    await world.add_note(NewNote(entity_id="rusty-anchor", text="It smells of tar"))
    whole = await world.events(EventsRequest(world_id="main"))
    assert [event.kind for event in whole.events] == ["made", "made", "noted"]
    own = await world.events(EventsRequest(world_id="main", entity_id="rusty-anchor"))
    assert [event.number for event in own.events] == [1, 3]
    assert (await world.events(EventsRequest(world_id="main", after=2))).cursor == 3
    with pytest.raises(NotFound):
        await world.events(EventsRequest(world_id="main", entity_id="nobody"))


async def test_a_roll_back_to_where_no_turn_was_is_refused(world: World) -> None:
    with pytest.raises(NotFound):
        await world.roll_back(RollBack(world_id="moon", place=1))
    with pytest.raises(UnknownTurn):
        await world.preview_rollback(RollBack(world_id="main", turn_id="t1"))
    with pytest.raises(NotFound):
        await world.undo_rollback(RollBackRef(world_id="main", event=1))
    with pytest.raises(UnknownTurn):
        await world.entities(EntitiesRequest(as_of="t1"))
