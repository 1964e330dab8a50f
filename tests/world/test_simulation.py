"""Characters off scene go on with their lives: by what they have witnessed, and known to themselves alone."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from greenroom.config import WorldSettings
from greenroom.errors import NotFound, UpstreamFailed
from greenroom.model import (
    ChannelId,
    EntityRef,
    EventsRequest,
    NewEntity,
    NewNote,
    NewWorld,
    ProposedChange,
    SessionRef,
    Told,
    WorldRef,
)
from greenroom.storage.database import Database
from greenroom.testing import ScriptedModel
from greenroom.world.ledger import REWRITE, Ledger
from greenroom.world.proposals import CREATE, Proposals
from greenroom.world.simulation import SIMULATE
from greenroom.world.tables import world_proposals
from tests.world.house import House

MAIN = WorldRef(world_id="main")
OFTEN = WorldSettings(simulate_every_turns=3, simulate_every_minutes=10, simulate_alone=2)


class Stage:
    """Sam talks to Peter. Brian and Stewie are off scene."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.model = ScriptedModel()
        self.plain = House(database, settings=OFTEN)
        self.house = House(database, self.model, settings=OFTEN)
        self.world = self.house.service

    async def hear(self, turn_id: str, line: str, **more: Any) -> None:
        """Something is said, and read by rules."""
        await self.plain.say(turn_id, line, "Well.", **more)
        self.house.turns.add(self.plain.turns.receipts[turn_id])

    async def simulate(self) -> None:
        assert (await self.world.trigger_simulation(MAIN)).tasks == 1
        await self.house.tasks.run()

    async def acts(self) -> list[tuple[str, tuple[str, ...] | None]]:
        events = (await self.world.events(EventsRequest(world_id="main"))).events
        return [(event.told.information, event.known_to) for event in events if event.kind == "acted"]

    def ticks(self) -> list[str]:
        return [task.cause for task in self.house.tasks.waiting if task.kind == SIMULATE]


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


def doing(what: str) -> str:
    return json.dumps({"activity": what})


async def test_those_off_scene_do_something_of_which_they_alone_know(stage: Stage) -> None:
    await stage.hear("t1", "Hello!")
    stage.model.enqueue(doing("Brian reads a book."))
    stage.model.enqueue(doing("Stewie plays the\npiano."))
    await stage.simulate()
    assert stage.house.tasks.failed == []
    assert await stage.acts() == [("Brian reads a book.", ("brian",)), ("Stewie plays the piano.", ("stewie",))]
    brian = await stage.world.entity(EntityRef(entity_id="brian"))
    assert (brian.note, [fact.invented for fact in brian.facts]) == ("", [True])


async def test_each_is_told_what_it_has_witnessed_and_nothing_else(stage: Stage) -> None:
    await stage.hear("t1", "The safe is behind the clock.", present=("peter", "stewie"), channel_id=ChannelId("attic"))
    await stage.hear("t2", "The bread is ready.")
    await stage.world.make_entity(NewEntity(type="item", name="the safe", note="Heavy."))
    await stage.world.add_note(NewNote(entity_id="safe", text="Its number is 42.", known_to=("stewie",)))
    for number in range(10):
        await stage.hear(f"more {number}", "And so on.")
    stage.model.enqueue(doing("Brian sleeps."))
    stage.model.enqueue(doing("Stewie sleeps."))
    await stage.simulate()
    brian, stewie = (request.model_dump_json() for request in stage.model.requests)
    assert "behind the clock" in stewie
    assert "42" in stewie
    assert "behind the clock" not in brian
    assert "42" not in brian


async def test_an_answer_in_a_fence_is_taken_out_of_it(stage: Stage) -> None:
    await stage.hear("t1", "Hello!")
    stage.model.enqueue(f"```json\n{doing('Brian sleeps.')}\n```")
    stage.model.enqueue(doing("Stewie sleeps."))
    await stage.simulate()
    assert [text for text, _ in await stage.acts()] == ["Brian sleeps.", "Stewie sleeps."]


async def test_an_answer_in_another_form_changes_nothing(stage: Stage) -> None:
    await stage.hear("t1", "Hello!")
    stage.model.enqueue("Brian conquers the world, and Stewie with him.")
    await stage.simulate()
    assert [type(error) for _, error in stage.house.tasks.failed] == [UpstreamFailed]
    assert await stage.acts() == []


async def test_without_a_model_they_are_where_they_can_be(stage: Stage) -> None:
    await stage.hear("t1", "Hello!")
    await stage.plain.service.make_entity(NewEntity(type="location", name="the Anchor", note="A bar."))
    await stage.plain.service.trigger_simulation(MAIN)
    await stage.plain.catch_up()
    assert await stage.acts() == [
        ("Brian was at the Anchor for a while.", ("brian",)),
        ("Stewie was at the Anchor for a while.", ("stewie",)),
    ]


async def test_what_was_thought_up_from_a_line_goes_with_the_line(stage: Stage) -> None:
    await stage.hear("t1", "The bread is ready.")
    stage.model.enqueue(doing("Brian eats the bread."))
    stage.model.enqueue(doing("Stewie plays the piano."))
    await stage.simulate()
    await stage.house.withdraw("t1")
    assert [text for text, _ in await stage.acts()] == ["", ""]
    assert stage.house.shelves.texts == []
    assert "bread" not in (await stage.world.events(EventsRequest(world_id="main"))).model_dump_json()
    assert (await stage.world.entity(EntityRef(entity_id="brian"))).facts == ()


async def test_what_was_thought_up_in_a_conversation_goes_with_it(stage: Stage) -> None:
    await stage.hear("t1", "The bread is ready.")
    stage.model.enqueue(doing("Brian eats the bread."))
    stage.model.enqueue(doing("Stewie plays the piano."))
    await stage.simulate()
    await stage.world.delete_session(SessionRef(session_id="den"))
    assert (await stage.world.entity(EntityRef(entity_id="brian"))).facts == ()
    assert "bread" not in (await stage.world.events(EventsRequest(world_id="main"))).model_dump_json()


async def test_nobody_was_where_there_was_nothing_after_all(stage: Stage) -> None:
    await stage.plain.say("t1", "There's a bar called the Rusty Anchor.", "Well.")
    await stage.plain.say("t2", "Rosa is a baker.", "Well.")
    await stage.plain.service.trigger_simulation(MAIN)
    await stage.plain.catch_up()
    await stage.plain.edit("t2", "Rosa is a spy.")
    assert len(await stage.acts()) == 2
    await stage.plain.edit("t1", "There's a bar called the Golden Bun.")
    assert "Anchor" not in str(await stage.acts())


async def test_what_is_still_to_be_done_for_a_deleted_world_is_not_done(stage: Stage) -> None:
    sea = WorldRef(world_id="sea")
    await stage.world.make_world(NewWorld(id="sea", name="The sea"))
    await stage.world.make_entity(NewEntity(world_id="sea", type="item", name="the net"))
    for text in ("It is old", "It is torn", "It is wet", "It is green"):
        await stage.world.add_note(NewNote(world_id="sea", entity_id="net", text=text))
    await stage.world.trigger_simulation(sea)
    ledger = Ledger(stage.database, stage.house.clock, stage.house.tasks)
    told = Told(name="Brian", type="character", information="Brian sleeps")
    change = ProposedChange(world_id="sea", kind="acted", cause="task", effect_key="a", told=told)
    proposals = Proposals(stage.database, ledger, stage.house.tasks)
    async with stage.database.write() as connection:
        await proposals.leave(connection, [change], await ledger.state("sea"), "test")
    await stage.world.delete_world(sea)
    assert {task.kind for task in stage.house.tasks.waiting} >= {SIMULATE, REWRITE, CREATE}
    await stage.house.tasks.run()
    assert stage.house.tasks.failed == []
    async with stage.database.read() as connection:
        assert (await connection.execute(select(world_proposals))).all() == []


async def test_it_is_time_after_so_many_turns_and_then_not_at_once_again(stage: Stage) -> None:
    for number in range(3):
        await stage.world.ticking.look()
        assert stage.ticks() == []
        await stage.hear(f"t{number}", "Hello!")
    await stage.world.ticking.look()
    await stage.world.ticking.look()
    assert stage.ticks() == ["3 turns"]


async def test_what_is_said_counts_also_after_a_conversation_was_deleted(stage: Stage) -> None:
    for number in range(3):
        await stage.hear(f"t{number}", "Hello!")
    await stage.world.ticking.look()
    await stage.world.delete_session(SessionRef(session_id="den"))
    await stage.world.ticking.look()
    for number in range(3, 6):
        await stage.hear(f"t{number}", "Hello!")
    await stage.world.ticking.look()
    assert stage.ticks() == ["3 turns", "3 turns"]


async def test_a_world_that_nobody_visits_goes_to_sleep_and_wakes_when_somebody_speaks(stage: Stage) -> None:
    async def pass_by(times: int) -> int:
        for _ in range(times):
            stage.house.clock.advance(601)
            await stage.world.ticking.look()
        return len(stage.ticks())

    assert await pass_by(3) == 0, "nobody has ever been there"
    await stage.hear("t1", "Hello!")
    assert await pass_by(10) == 3, "once for the visit, and twice alone"
    await stage.hear("t2", "Hello again!")
    assert await pass_by(10) == 6


async def test_a_world_that_is_not_there_cannot_go_on(stage: Stage) -> None:
    with pytest.raises(NotFound):
        await stage.world.trigger_simulation(WorldRef(world_id="sea"))
    await stage.world.make_world(NewWorld(id="sea", name="The sea"))
    assert (await stage.world.trigger_simulation(WorldRef(world_id="sea"))).tasks == 1
