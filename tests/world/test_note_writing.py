"""A model writes notes in its own words; it adds nothing to what is known, and its words last as long as that."""

import pytest

from greenroom.config import WorldSettings
from greenroom.errors import NoUpstream, UpstreamFailed
from greenroom.model import EntityRef, NewEntity, NewNote, Task
from greenroom.storage.database import Database
from greenroom.testing import FrozenClock, ScriptedModel, TasksAtOnce
from greenroom.world.ledger import REWRITE, Ledger
from greenroom.world.note_writing import NoteWriting
from tests.world.house import House, understudy

REMARKS = ("She bakes rye bread.", "She was born at sea.", "She sings.", "She owns a goat.")


class Study:
    """Somebody of whom so much is known that a model should write it down, and the one who has that done."""

    def __init__(self, database: Database, model: ScriptedModel) -> None:
        self.model = model
        self.house = House(database, model, settings=WorldSettings(slower_model="big"))
        self.writing = NoteWriting(Ledger(database, FrozenClock(), TasksAtOnce()), model, "big")

    async def rewrite(self, attempt: int = 1) -> None:
        task = [task for task in self.house.tasks.waiting if task.kind == REWRITE][-1]
        await self.writing.rewrite(task.model_copy(update={"attempt": attempt}))

    async def note(self) -> str:
        return (await self.house.service.entity(EntityRef(entity_id="rosa"))).note


async def tell_of_rosa(study: Study) -> None:
    await study.house.service.make_entity(NewEntity(type="character", name="Rosa", note="A baker."))
    for remark in REMARKS:
        await study.house.service.add_note(NewNote(entity_id="rosa", text=remark))
    await study.house.service.add_note(NewNote(entity_id="rosa", text="She hides rum.", known_to=("peter",)))


@pytest.fixture
async def study(database: Database) -> Study:
    study = Study(database, ScriptedModel())
    await tell_of_rosa(study)
    return study


async def test_a_long_note_is_written_by_a_model_until_more_is_known(study: Study) -> None:
    study.model.enqueue("Rosa, a singing ", "baker\nwith a goat.")
    await study.house.catch_up()
    assert await study.note() == "Rosa, a singing baker with a goat."
    await study.house.service.add_note(NewNote(entity_id="rosa", text="She has moved away."))
    assert await study.note() == " ".join(["A baker.", *REMARKS, "She has moved away."])


async def test_the_model_is_not_told_what_few_know_and_is_asked_without_the_cache(study: Study) -> None:
    study.model.enqueue("Rosa.")
    await study.rewrite()
    (request,) = study.model.requests
    assert (request.role, request.use_cache) == ("maintenance", False)
    asked = request.model_dump_json()
    assert "goat" in asked
    assert "rum" not in asked


async def test_the_understudy_writes_no_notes(database: Database) -> None:
    study = Study(database, understudy())
    await tell_of_rosa(study)
    before = await study.note()
    await study.house.catch_up()
    assert (await study.note(), study.model.requests) == (before, [])


@pytest.mark.parametrize("said", [" \n", "la " * 1000])
async def test_what_is_no_note_is_refused(study: Study, said: str) -> None:
    study.model.enqueue(said)
    with pytest.raises(UpstreamFailed, match="no note of 'Rosa'"):
        await study.rewrite()


async def test_after_two_failures_the_slower_model_is_asked(study: Study) -> None:
    for attempt in (1, 2, 3):
        study.model.enqueue(NoUpstream())
        with pytest.raises(NoUpstream):
            await study.rewrite(attempt)
    assert [request.model for request in study.model.requests] == ["", "", "big"]


async def test_a_task_of_before_does_nothing(study: Study) -> None:
    old = Task(kind=REWRITE, key="old", payload={"world_id": "main", "entity_id": "rosa", "basis": "old"})
    gone = Task(kind=REWRITE, key="gone", payload={"world_id": "main", "entity_id": "sam", "basis": "old"})
    for task in (old, gone):
        await study.writing.rewrite(task)
    assert study.model.requests == []
