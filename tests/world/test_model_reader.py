"""A model reads turns: what it says rightly comes in, what it makes up does not."""

import json
from typing import Any

import pytest

from greenroom.errors import NoUpstream
from greenroom.model import EntitiesRequest, EventsRequest, NewEntity, Passage, Receipt
from greenroom.storage.database import Database
from greenroom.testing import ScriptedModel
from tests.world.house import House
from tests.world.turns import said

LINE = "My sister Rosa is a baker. Do you know Otto?"
REPLY = "Rosa once sold me a pie."


def creation(name: str = "Rosa", data: str = "Rosa is a baker", evidence: str = "Rosa is a baker", **more: Any) -> Any:
    return {"entity_type": "character", "name": name, "initial_data": data, "evidence": evidence, **more}


def update(entity_id: str, news: str, evidence: str) -> Any:
    return {"entity_id": entity_id, "update_type": "note_update", "new_information": news, "evidence": evidence}


class Reading:
    """A world whose turns a model reads."""

    def __init__(self, database: Database) -> None:
        self.model = ScriptedModel()
        self.house = House(database, self.model)

    async def answers(self, *creations: Any, updates: Any = (), raw: str | None = None) -> dict[str, str]:
        """The notes after a turn of which the model says this."""
        answer = json.dumps({"updates": list(updates), "creations": list(creations)}) if raw is None else raw
        self.model.enqueue(answer)
        await self.house.say("t1", LINE, REPLY)
        listed = await self.house.service.entities(EntitiesRequest())
        return {one.id: one.note for one in listed.entities if "cast" not in one.tags}

    async def dropped(self) -> list[str]:
        events = (await self.house.service.events(EventsRequest(world_id="main"))).events
        return [event.told.reason for event in events if event.kind == "dropped"]


@pytest.fixture
def reading(tmp_path: Any) -> Any:
    return Database(f"sqlite:///{tmp_path / 'greenroom.db'}")


async def test_what_a_model_says_rightly_comes_in(reading: Database) -> None:
    async with reading as database:
        world = Reading(database)
        assert await world.answers(creation()) == {"rosa": "Rosa is a baker."}
        (request,) = world.model.requests
        assert (request.role, request.use_cache) == ("analysis", False)
        assert request.format is not None
        assert await world.dropped() == []


@pytest.mark.parametrize(
    ("part", "why"),
    [
        (creation(evidence="Rosa is a pilot"), "its evidence stands nowhere in the turn"),
        (creation(evidence=""), "its evidence stands nowhere in the turn"),
        (creation(name="Clara", data="Clara is a baker"), "its name stands nowhere in the turn"),
        (creation(data="Rosa poisoned the king of Spain"), "it says more than its evidence"),
        (creation("Otto", "Otto is known", "Do you know Otto?"), "it was asked, not told"),
        (creation(entity_type="dragon"), "entity_type: Input should be"),
        (creation(name=""), "name: String should have"),
        ("Rosa", "creation: "),
    ],
)
async def test_what_a_model_makes_up_is_dropped_with_a_reason(reading: Database, part: Any, why: str) -> None:
    async with reading as database:
        world = Reading(database)
        assert await world.answers(part) == {}
        (reason,) = await world.dropped()
        assert reason.startswith(why)


async def test_an_update_of_an_entity_that_is_not_there_is_dropped_and_the_rest_used(reading: Database) -> None:
    async with reading as database:
        world = Reading(database)
        found = await world.answers(creation(), updates=[update("nobody", "Rosa is a baker", "Rosa is a baker")])
        assert found == {"rosa": "Rosa is a baker."}
        assert await world.dropped() == ["there is no entity 'nobody'"]


async def test_an_update_is_of_the_entity_that_it_names_and_another_spelling_makes_no_second(reading: Database) -> None:
    async with reading as database:
        world = Reading(database)
        await world.house.service.make_entity(NewEntity(type="character", name="Rosa Delgado"))
        rosa = update("rosa-delgado", "She is a baker", "My sister Rosa is a baker")
        assert await world.answers(creation(), updates=[rosa]) == {"rosa-delgado": "She is a baker. Rosa is a baker."}


async def test_what_only_the_character_said_is_told_as_its_own(reading: Database) -> None:
    async with reading as database:
        found = await Reading(database).answers(
            creation(data="Rosa sold Peter a pie", evidence="Rosa once sold me a pie")
        )
        assert found == {"rosa": "Peter says: Rosa sold Peter a pie."}


async def test_what_the_character_was_reminded_of_is_not_told_anew(reading: Database) -> None:
    async with reading as database:
        world = Reading(database)
        turn = said("t1", "Who?", REPLY).turn
        note = Passage(id="1", content="Rosa once sold me a pie.", source="notes", relevance_score=0.9)
        world.model.enqueue(json.dumps({"creations": [creation(data="Rosa sold a pie", evidence=REPLY)]}))
        world.house.turns.add(Receipt(turn=turn, passages=(note,)))
        await world.house.catch_up()
        assert await world.dropped() == ["it was recalled, not told"]


@pytest.mark.parametrize("raw", ["I am sorry, I cannot.", "[1, 2]", '{"creations": [', "", '{"creations": 7}'])
async def test_of_an_answer_that_cannot_be_read_nothing_enters(reading: Database, raw: str) -> None:
    """The rules read the turn then, unless the answer was an object."""
    async with reading as database:
        world = Reading(database)
        found = await world.answers(raw=raw)
        assert found in ({}, {"rosa": "Rosa is Sam's sister. Rosa is a baker. Peter says: Rosa sold Peter a pie."})
        assert len(await world.dropped()) == 1


async def test_while_no_model_answers_the_turn_waits_to_be_read(reading: Database) -> None:
    async with reading as database:
        world = Reading(database)
        world.model.enqueue(NoUpstream())
        with pytest.raises(NoUpstream):
            await world.house.say("t1", LINE, REPLY)
        assert (await world.house.service.entities(EntitiesRequest(query="rosa"))).total == 0
