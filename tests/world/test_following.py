"""The world follows the conversation: what is said comes in, what is taken back goes out, with its words."""

import pytest

from greenroom.config import WorldSettings
from greenroom.errors import Conflict, NotFound, NoUpstream
from greenroom.lane import Lane
from greenroom.model import (
    AnalysisOrder,
    EntitiesRequest,
    EntityRef,
    EventsRequest,
    NewSession,
    NewWorld,
    Nothing,
    Panel,
    PanelRequest,
    SessionRef,
    SessionsRequest,
    SheetChange,
)
from greenroom.storage.database import Database
from greenroom.testing import FixedCast
from greenroom.world.casting import Casting
from greenroom.world.ledger import Ledger
from tests.world.house import CAST, House
from tests.world.turns import said


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


async def notes(house: House) -> dict[str, str]:
    listed = await house.service.entities(EntitiesRequest())
    return {one.id: one.note for one in listed.entities if "cast" not in one.tags}


async def test_what_a_person_says_is_in_the_world_and_in_the_library(house: House) -> None:
    await house.say("t1", "My sister Rosa is a baker in Lisbon.", "Holy crap, bread!")
    assert await notes(house) == {"rosa": "Rosa is Sam's sister. Rosa is a baker in Lisbon."}
    assert house.shelves.texts == ["Rosa is Sam's sister. Rosa is a baker in Lisbon."]
    events = (await house.service.events(EventsRequest(world_id="main", entity_id="rosa"))).events
    assert {event.evidence for event in events} == {"My sister Rosa is a baker in Lisbon."}
    assert {event.turn_id for event in events} == {"t1"}


async def test_the_same_turn_told_again_changes_nothing(house: House) -> None:
    await house.say("t1", "My sister Rosa is a baker.", "Nice.")
    before = await house.service.events(EventsRequest(world_id="main"))
    await house.say("t1", "My sister Rosa is a baker.", "Nice.")
    await house.service.trigger_analysis(AnalysisOrder(session_id="den", turns=5))
    await house.catch_up()
    assert await house.service.events(EventsRequest(world_id="main")) == before


async def test_an_edited_line_takes_its_old_words_out_of_everything(house: House) -> None:
    await house.say("t1", "My sister Rosa is a baker.", "Nice.")
    await house.edit("t1", "My sister Clara is a nurse.")
    assert await notes(house) == {"clara": "Clara is Sam's sister. Clara is a nurse."}
    assert house.shelves.texts == ["Clara is Sam's sister. Clara is a nurse."]
    assert "Rosa" not in (await house.service.events(EventsRequest(world_id="main"))).model_dump_json()


async def test_words_that_are_changed_to_and_fro_are_read_each_time(house: House) -> None:
    await house.say("t1", "My sister Rosa is a baker.", "Nice.")
    for name in ("Clara", "Ines", "Clara"):
        await house.edit("t1", f"My sister {name} is a nurse.")
    assert list(await notes(house)) == ["clara"]


async def test_a_line_that_is_taken_back_leaves_nothing(house: House) -> None:
    await house.say("t1", "My sister Rosa is a baker.", "Nice.")
    await house.withdraw("t1")
    assert await notes(house) == {}
    assert house.shelves.texts == []
    assert "Rosa" not in (await house.service.events(EventsRequest(world_id="main"))).model_dump_json()


async def test_what_was_read_of_another_answer_goes_with_it(house: House) -> None:
    await house.say("t1", "Where were you?", "My cousin Mickey owns a casino in Reno.")
    assert list(await notes(house)) == ["mickey"]
    await house.say("t2", "Where were you?", "My cousin Hugo owns a boat.", replaces="t1", rank=1)
    await house.change("t1", superseded=True)
    assert list(await notes(house)) == ["hugo"]
    assert all("Mickey" not in text for text in house.shelves.texts)


async def test_what_characters_say_is_told_as_theirs(house: House) -> None:
    await house.say("t1", "Who is that?", "My cousin Mickey owns a casino in Reno.")
    found = await notes(house)
    assert found == {"mickey": "Peter says: Mickey is Peter's cousin. Peter says: Mickey owns a casino in Reno."}


async def test_a_character_that_takes_up_what_was_just_said_adds_nothing(house: House) -> None:
    await house.say("t1", "My sister Rosa lives in Lisbon.", "Rosa lives in Lisbon, and yet the sky remains in place.")
    assert await notes(house) == {"rosa": "Rosa is Sam's sister. Rosa lives in Lisbon."}


async def test_what_was_said_in_private_is_known_to_its_witnesses_only(house: House) -> None:
    await house.say("t1", "My sister Rosa is a spy.", "Wow.", place="private", present=("peter",))
    assert await notes(house) == {"rosa": ""}
    (document,) = house.shelves.documents_of["world:main"].values()
    assert (document.known_to, document.metadata["place"]) == (("peter",), "private")
    assert document.metadata["turn_ids"] == ["t1"]
    public = await house.service.panel(PanelRequest(channel_id="den", present=("peter",)))
    own = await house.service.panel(PanelRequest(channel_id="den", place="private", present=("peter",)))
    assert (public.notes, own.notes) == ((), ("Rosa is Sam's sister", "Rosa is a spy"))


async def test_what_people_say_of_themselves_is_a_memory(house: House) -> None:
    await house.say("t1", "I'm allergic to peanuts.", "More for me!")
    (document,) = house.shelves.documents_of["world:main"].values()
    assert (document.text, document.metadata["kind"]) == ("Sam is allergic to peanuts", "memory")
    assert document.metadata["importance"] == pytest.approx(0.7)


async def test_the_panel_shows_where_it_is_who_is_there_and_who_has_what(house: House) -> None:
    assert await house.service.panel(PanelRequest(channel_id="nowhere")) == Panel(world_id="main")
    await house.say("t1", "We're at the Rusty Anchor.", "Haha, great, beer!")
    await house.say("t2", "I give Peter the silver key.", "What does it open?")
    panel = await house.service.panel(PanelRequest(channel_id="den"))
    assert (panel.scene, panel.mood) == ("the Rusty Anchor", "cheerful")
    assert (panel.present, panel.items) == (("peter",), ("Peter has the silver key",))


async def test_what_is_told_with_another_article_is_told_once(house: House) -> None:
    await house.say("t1", "I found a brass compass.", "Lucky you.")
    await house.say("t2", "I found the brass compass.", "Lucky you.")
    sam = await house.service.entity(EntityRef(entity_id="sam"))
    assert sam.note == "Sam found a brass compass."
    panel = await house.service.panel(PanelRequest(channel_id="den"))
    assert panel.notes == ("Sam has the brass compass", "Sam found a brass compass")


async def test_while_the_library_is_away_it_keeps_what_it_had(house: House) -> None:
    await house.say("t1", "My sister Rosa is a baker.", "Nice.")
    house.shelves.away = NoUpstream()
    with pytest.raises(NoUpstream):
        await house.say("t2", "Rosa is tall.", "Sure.")
    assert house.shelves.texts == ["Rosa is Sam's sister. Rosa is a baker."]
    house.shelves.away = None
    await house.say("t3", "Rosa is kind.", "Sure.")
    assert house.shelves.texts == ["Rosa is Sam's sister. Rosa is a baker. Rosa is tall. Rosa is kind."]


async def test_turns_are_read_again_when_that_is_asked_for(house: House) -> None:
    with pytest.raises(NotFound):
        await house.service.trigger_analysis(AnalysisOrder(session_id="den"))
    await house.say("t1", "My sister Rosa is a baker.", "Nice.")
    assert (await house.service.trigger_analysis(AnalysisOrder(session_id="den", turn_id="t1"))).tasks == 1
    with pytest.raises(NotFound):
        await house.service.trigger_analysis(AnalysisOrder(session_id="den", turn_id="t9"))


async def test_while_it_is_turned_off_nothing_comes_in_and_what_is_taken_back_goes_out(database: Database) -> None:
    await House(database).say("t1", "My sister Rosa is a baker.", "Nice.")
    off = House(database, settings=WorldSettings(enabled=False))
    await off.say("t1", "My sister Rosa is a baker.", "Nice.")
    await off.say("t2", "My brother Otto is a nurse.", "Nice.")
    assert list(await notes(off)) == ["rosa"]
    await off.withdraw("t1")
    assert await notes(off) == {}
    assert off.tasks.failed == []
    with pytest.raises(Conflict, match=r"world\.enabled"):
        await off.service.trigger_analysis(AnalysisOrder(session_id="den"))


async def test_the_cast_is_in_the_world_and_not_in_its_library(house: House) -> None:
    await house.say("t1", "Hello there.", "Hi.")
    peter = await house.service.entity(EntityRef(entity_id="peter"))
    assert (peter.locked, peter.tags) == (True, ("cast",))
    assert house.shelves.texts == []


async def test_what_stood_on_a_sheet_stands_in_the_world_again_when_it_comes_back(database: Database) -> None:
    house = House(database)
    ledger, [peter, *_] = Ledger(database, house.clock, house.tasks), CAST
    await house.service.worlds(Nothing())
    cast = FixedCast(peter)
    casting = Casting(cast, ledger)
    for description in ("A baker.", "A spy.", "A baker."):  # in this process, and in the next
        await cast.change(SheetChange(character="peter", name="Peter", description=description))
        for one in (casting, Casting(cast, ledger)):
            await one.keep("main")
        assert (await house.service.entity(EntityRef(entity_id="peter"))).note == description
    assert len((await house.service.events(EventsRequest(world_id="main"))).events) == 3


async def test_before_each_line_people_go_first(database: Database) -> None:
    house = House(database)
    for number in range(2):
        house.turns.add(said(f"t{number}", "My sister Rosa is a baker.", "Bread!"))
    waited_s = iter([None, 0.5, None, 0.1, 0.2, None, None])  # the page, a line, another, how far it was read
    with Lane(lambda: next(waited_s), house.clock).taken():
        await house.service.follower.read_page()
    assert house.clock.slept_s == [0.02] * 3
    assert list(waited_s) == []


async def test_a_thread_belongs_to_the_world_of_its_channel_and_keeps_it(house: House) -> None:
    await house.service.make_world(NewWorld(id="sea", name="Sea"))
    await house.service.open_session(NewSession(id="deck", world_id="sea"))
    await house.say("t1", "My sister Rosa is a baker.", "Nice.", channel_id="below deck", parent_id="deck")
    await house.service.delete_session(SessionRef(session_id="deck"))
    await house.say("t2", "My brother Otto is a nurse.", "Nice.", channel_id="below deck", parent_id="deck")
    await house.say("t3", "My cousin Ida is a pilot.", "Nice.", channel_id="deck")
    sessions = (await house.service.sessions(SessionsRequest())).sessions
    assert {one.id: one.world_id for one in sessions} == {"below deck": "sea", "deck": "main"}
