"""What owners say of who should have spoken, and the weights that follow it."""

import asyncio
import hashlib

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from greenroom.coordinator.fitting import FOLDS, Correction, fitted, held_out
from greenroom.coordinator.selection import SHIPPED, Situation, situation_of, weighed
from greenroom.coordinator.tables import speaker_corrections
from greenroom.coordinator.weight_book import WeightBook
from greenroom.errors import UnknownCharacter, UnknownTurn
from greenroom.model import Nothing, SpeakerCorrection
from greenroom.ports import Coordinator
from greenroom.storage.database import Database
from tests.conftest import Reach
from tests.coordinator.lines import FOUR, lines
from tests.coordinator.room import TALKATIVE, Room

CAST = {c.name: c for c in FOUR}
NEEDED = TALKATIVE.model_copy(update={"corrections_needed": 10})


def moment(number: int) -> Situation:
    """Ann speaks of fish, for which Bo and Di care; Cy spoke just before."""
    said = lines(f"Cy: It is {number} o'clock.", f"Ann: I caught {number} fish!")
    return situation_of(said, [*CAST], ["Ann"], CAST)


def by_cy(count: int) -> list[Correction]:
    """An owner who always wants to hear the one that spoke last, whatever the topic."""
    return [Correction(f"c{number}", "Cy", moment(number)) for number in range(count)]


@pytest.fixture
def room(database: Database) -> Room:
    return Room(database, NEEDED)


def test_weights_follow_corrections_the_more_the_more_there_are() -> None:
    chances = [weighed(moment(99), fitted(by_cy(count), SHIPPED)).of["Cy"] for count in (0, 5, 20, 100)]
    assert chances == sorted(chances)
    assert chances[0] == pytest.approx(weighed(moment(99), SHIPPED).of["Cy"], abs=1e-3)
    assert chances[-1] > 0.8


def test_who_is_called_by_name_still_answers_after_it() -> None:
    said = lines("Cy: Good morning.", "Ann: Bo, any fish today?")
    assert weighed(situation_of(said, [*CAST], ["Ann"], CAST), fitted(by_cy(100), SHIPPED)).first == "Bo"


def test_the_same_corrections_give_the_same_weights() -> None:
    one, other = fitted(by_cy(30), SHIPPED), fitted(by_cy(30), SHIPPED)
    assert one == other
    assert one.version != fitted(by_cy(31), SHIPPED).version


def test_an_owner_who_wants_silence_gets_more_of_it() -> None:
    quiet = [Correction(f"q{number}", None, moment(number)) for number in range(40)]
    assert weighed(moment(99), fitted(quiet, SHIPPED)).silence > weighed(moment(99), SHIPPED).silence + 0.2


def test_corrections_are_judged_by_those_that_the_weights_were_not_fitted_to() -> None:
    before, after = held_out(by_cy(40), SHIPPED, fit=False), held_out(by_cy(40), SHIPPED, fit=True)
    assert after.right >= before.right
    assert after.log_chance > before.log_chance


async def test_weights_that_would_do_worse_are_not_put_in_force(database: Database) -> None:
    """Each fifth wants somebody else: what the other four teach is wrong for it."""
    book = WeightBook(database, NEEDED, Room(database).stage.clock)
    wanted = ("Bo", "Cy", "Di", "Ada", None)
    for number in range(10):
        should = wanted[hashlib.sha256(f"c{number}".encode()).digest()[0] % FOLDS]
        report = await book.keep(Correction(f"c{number}", should, moment(3)), "den", None)
    assert report.corrections == 10
    assert report.in_force.version == "shipped"
    assert await book.in_force() == SHIPPED


async def test_enough_corrections_change_who_is_chosen_and_show_beside_the_shipped_weights(
    room: Room, reach: Reach
) -> None:
    coordinator = await reach(Coordinator, room.service())
    before = await coordinator.weights(Nothing())
    assert (before.in_force, before.corrections, before.needed) == (before.shipped, 0, 10)
    assert before.meanings["called"] == "was called by name"
    history = lines("Brian: Good morning.", "Ann: Fine weather today.")
    wanted = SpeakerCorrection(conversation_history=history, people=("Ann",), should="peter")
    for number in range(12):
        said = (*history[:1], history[1].model_copy(update={"content": f"Fine weather, {number} degrees."}))
        report = await coordinator.correct(wanted.model_copy(update={"conversation_history": said}))
    assert (report.corrections, report.in_force.corrections) == (12, 12)
    assert report.in_force.version != "shipped"
    assert report.in_force.company["recent"] < report.shipped.company["recent"]
    assert report == await coordinator.weights(Nothing())
    assert report.right_when_fitted is not None
    assert report.right_when_fitted >= (report.right_with_shipped or 0)


async def test_of_a_turn_its_moment_is_kept_and_a_second_opinion_replaces_the_first(room: Room, reach: Reach) -> None:
    await room.ask()
    await room.pass_time()
    coordinator = await reach(Coordinator, room.service())
    _, unasked = await room.turns()
    for should in ("Brian", "Peter", None):
        if should == "Peter":
            with pytest.raises(UnknownCharacter, match="'Peter' could not have spoken here; who could: 'Brian'"):
                await coordinator.correct(SpeakerCorrection(turn_id=unasked.id, should=should))
        else:
            report = await coordinator.correct(SpeakerCorrection(turn_id=unasked.id, should=should))
    assert report.corrections == 1


async def test_of_what_was_said_before_a_correction_only_numbers_are_kept(room: Room, reach: Reach) -> None:
    await room.ask("Is xylophone a word?")
    await room.pass_time()
    coordinator = await reach(Coordinator, room.service())
    _, unasked = await room.turns()
    told = lines("Brian: Good morning.", "Ann: Is xylophone a word?")
    await coordinator.correct(SpeakerCorrection(turn_id=unasked.id, should="Brian"))
    await coordinator.correct(SpeakerCorrection(conversation_history=told, people=("Ann",), should="Peter"))
    async with room.database.read() as connection:
        kept = (await connection.execute(select(speaker_corrections))).all()
    assert len(kept) == 2
    assert "xylophone" not in repr(kept)


async def test_a_moment_that_is_not_there_is_refused(room: Room, reach: Reach) -> None:
    coordinator = await reach(Coordinator, room.service())
    with pytest.raises(UnknownTurn):
        await coordinator.correct(SpeakerCorrection(turn_id="nowhere", should=None))
    with pytest.raises(ValidationError, match="by one of them only"):
        SpeakerCorrection(should="Peter")


async def test_two_instances_that_refit_at_once_agree(room: Room) -> None:
    book, other = (WeightBook(room.database, NEEDED, room.stage.clock) for _ in range(2))
    for one in by_cy(12):
        await book.keep(one, "den", "Bo")
    first, second = await asyncio.gather(book.refit(), other.refit())
    assert first.in_force.version == second.in_force.version != "shipped"
