"""Events become entities, once each, and go out of the world with the words that they came from."""

from typing import Any
from zlib import crc32

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.model import EventsRequest, NewEntity, ProposedChange, RollBack, RollBackRef, Told, TurnToAnalyze
from greenroom.storage.database import Database
from greenroom.testing import FixedCast, FrozenClock, TasksAtOnce
from greenroom.world.by_hand import ByHand
from greenroom.world.casting import Casting
from greenroom.world.conversations import Conversations
from greenroom.world.ledger import Ledger
from greenroom.world.wording import wording_of
from tests.world.turns import said


class Scene:
    """A world with a ledger and a conversation."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.ledger = Ledger(database, FrozenClock(), TasksAtOnce())
        casting = Casting(FixedCast(), self.ledger)
        self.conversations = Conversations(database, self.ledger, casting, FrozenClock())

    async def hear(self, turn_id: str, line: str, rank: int, **more: Any) -> list[TurnToAnalyze]:
        self.turn = said(turn_id, line, rank=rank, **more).turn
        to_read: list[TurnToAnalyze] = []

        async def leave(_: AsyncConnection, turn: TurnToAnalyze) -> None:
            to_read.append(turn)

        await self.conversations.observe(self.turn, leave)
        return to_read

    async def mark_read(self) -> None:
        turn = TurnToAnalyze(turn_id=self.turn.id, wording=wording_of(self.turn))
        async with self.database.write() as connection:
            await self.conversations.mark_read(connection, turn)

    async def tell(self, name: str, information: str, key: str = "", **more: Any) -> str:
        told = Told(name=name, type="character", information=information, slot=str(more.pop("slot", "")))
        change = ProposedChange(
            world_id="main",
            kind="told",
            cause="turn",
            effect_key=key or f"{self.turn.id}:{wording_of(self.turn)}:{crc32(information.encode())}",
            told=told,
            turn_id=self.turn.id,
            wording=wording_of(self.turn),
            channel_id="den",
            evidence=information,
            said_by="Sam",
        )
        return (await self.ledger.apply(change.model_copy(update=more))).outcome

    async def notes(self) -> dict[str, str]:
        state, replayed = await self.ledger.state("main"), await self.ledger.replayed("main")
        assert state.entities == replayed.entities
        return {entity.id: entity.note for entity in state.entities.values()}


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene(database)


async def test_what_is_said_of_somebody_is_in_their_note_once(scene: Scene) -> None:
    assert len(await scene.hear("t1", "Rosa is a baker.", 1)) == 1
    assert await scene.tell("Rosa", "Rosa is a baker", key="k1") == "done"
    assert await scene.tell("Rosa", "Rosa is a baker", key="k1") == "known"
    await scene.hear("t2", "Rosa is a baker, you know.", 2)
    assert await scene.tell("Rosa", "Rosa is a baker") == "done"
    assert await scene.notes() == {"rosa": "Rosa is a baker."}


async def test_what_is_true_of_one_thing_only_gives_way_to_what_is_said_later(scene: Scene) -> None:
    await scene.hear("t1", "…", 1)
    await scene.tell("Rosa", "Rosa lives in Lisbon", slot="home")
    await scene.hear("t2", "…", 2)
    await scene.tell("Rosa", "Rosa lives in Rome", slot="home")
    assert await scene.notes() == {"rosa": "Rosa lives in Rome."}
    rosa = (await scene.ledger.state("main")).entities["rosa"]
    assert [(fact.valid_from, fact.valid_to) for fact in rosa.facts] == [(1, 2), (2, None)]
    then = (await scene.ledger.state("main", as_of=1)).entities["rosa"]
    assert then.note == "Rosa lives in Lisbon."


async def test_the_order_of_the_conversation_counts_not_that_of_the_reading(scene: Scene) -> None:
    await scene.hear("t1", "…", 1)
    first = scene.turn
    await scene.hear("t2", "…", 2)
    await scene.tell("Rosa", "Rosa lives in Rome", slot="home")
    scene.turn = first
    await scene.tell("Rosa", "Rosa lives in Lisbon", slot="home")
    assert await scene.notes() == {"rosa": "Rosa lives in Rome."}


async def test_other_words_take_out_what_was_read_of_the_old_ones_and_leave_none_of_them(scene: Scene) -> None:
    await scene.hear("t1", "Rosa is a baker.", 1)
    await scene.tell("Rosa", "Rosa is a baker")
    stale = scene.turn
    assert len(await scene.hear("t1", "Rosa is a spy.", 1)) == 1
    assert await scene.notes() == {}
    scene.turn = stale
    assert await scene.tell("Rosa", "Rosa bakes bread") == "stale"
    history = await scene.ledger.history(EventsRequest(world_id="main"))
    assert [event.kind for event in history.events] == ["told", "revoked"]
    assert "baker" not in history.model_dump_json()


async def test_a_line_that_is_taken_back_takes_with_it_what_it_made(scene: Scene) -> None:
    await scene.hear("t1", "Rosa is a baker.", 1)
    await scene.tell("Rosa", "Rosa is a baker")
    assert await scene.hear("t1", "", 1, state="withdrawn") == []
    assert await scene.notes() == {}
    assert "baker" not in (await scene.ledger.history(EventsRequest(world_id="main"))).model_dump_json()


async def test_an_answer_that_stands_again_brings_back_what_was_read_of_it(scene: Scene) -> None:
    for superseded in (False, True, False):
        await scene.hear("t1", "Hm?", 1, reply="Rosa is a baker.", superseded=superseded)
        if not (await scene.ledger.history(EventsRequest(world_id="main"))).events:
            await scene.tell("Rosa", "Rosa is a baker")
            await scene.mark_read()
        assert await scene.notes() == ({} if superseded else {"rosa": "Rosa is a baker."})
    kinds = [event.kind for event in (await scene.ledger.history(EventsRequest(world_id="main"))).events]
    assert kinds == ["told", "revoked", "restored"]


async def test_what_was_thought_up_from_words_that_are_gone_meanwhile_does_not_come_in(scene: Scene) -> None:
    await scene.hear("t1", "Rosa is a baker.", 1)
    told = Told(name="Rosa", type="character", information="Rosa bakes", sources={"t1": wording_of(scene.turn)})
    change = ProposedChange(world_id="main", kind="acted", cause="task", effect_key="a", told=told)
    await scene.hear("t1", "Rosa is a spy.", 1)
    assert (await scene.ledger.apply(change)).outcome == "stale"
    assert await scene.notes() == {}


async def test_secrets_are_in_no_note_and_push_out_nothing_that_all_know(scene: Scene) -> None:
    await scene.hear("t1", "…", 1)
    await scene.tell("Rosa", "Rosa lives in Lisbon", slot="home")
    await scene.tell("Rosa", "Rosa lives in Rome", slot="home", known_to=("brian",), private=True)
    assert await scene.notes() == {"rosa": "Rosa lives in Lisbon."}
    rosa = (await scene.ledger.state("main")).entities["rosa"]
    assert [(fact.known_to, fact.valid_to) for fact in rosa.facts] == [(None, None), (("brian",), None)]


async def test_what_characters_make_up_is_told_as_theirs_and_gives_way_to_what_people_say(scene: Scene) -> None:
    await scene.hear("t1", "…", 1)
    await scene.tell("Rosa", "Rosa lives in Rome", slot="home", invented=True, said_by="Peter")
    assert await scene.notes() == {"rosa": "Peter says: Rosa lives in Rome."}
    await scene.tell("Rosa", "Rosa lives in Lisbon", slot="home", ordinal=1)
    await scene.tell("Rosa", "Rosa lives in Paris", slot="home", invented=True, said_by="Peter", ordinal=2)
    assert await scene.notes() == {"rosa": "Rosa lives in Lisbon. Peter says: Rosa lives in Paris."}


async def test_a_note_in_other_words_counts_until_something_new_is_said(scene: Scene) -> None:
    await scene.hear("t1", "…", 1)
    await scene.tell("Rosa", "Rosa is a baker")
    basis = (await scene.ledger.state("main")).entities["rosa"].note_basis
    await scene.ledger.rewrite("main", "rosa", basis, "Rosa bakes.")
    assert await scene.notes() == {"rosa": "Rosa bakes."}
    await scene.tell("Rosa", "Rosa is tall")
    assert await scene.notes() == {"rosa": "Rosa is a baker. Rosa is tall."}


async def test_another_process_goes_on_where_this_one_left_off(scene: Scene) -> None:
    other = Scene(scene.database)
    await scene.hear("t1", "…", 1)
    await scene.tell("Rosa", "Rosa is a baker")
    await other.hear("t2", "…", 2)
    await other.tell("Rosa", "Rosa is tall")
    await scene.hear("t3", "…", 3)
    await scene.tell("Rosa", "Rosa is kind")
    assert await scene.notes() == {"rosa": "Rosa is a baker. Rosa is tall. Rosa is kind."}


async def test_a_roll_back_shows_first_what_it_changes_and_can_be_undone(scene: Scene) -> None:
    by_hand = ByHand(scene.ledger, scene.conversations)
    await scene.hear("t1", "…", 1)
    await scene.tell("Rosa", "Rosa is a baker")
    await scene.hear("t2", "…", 2)
    await scene.tell("Rosa", "Rosa is tall")
    await scene.tell("Otto", "Otto is Rosa's dog")
    to_first = RollBack(world_id="main", turn_id="t1")
    shown = await by_hand.preview(to_first)
    assert (shown.events, shown.added, shown.changed, shown.removed) == (2, (), ("rosa",), ("otto",))
    assert len(await scene.notes()) == 2
    done = await by_hand.roll_back(to_first)
    assert await scene.notes() == {"rosa": "Rosa is a baker."}
    assert await scene.tell("Rosa", "Rosa is kind") == "stale"
    assert done.event is not None
    assert (await by_hand.preview(to_first)).events == 0, "what is said of other events goes nowhere"
    undone = await by_hand.undo(RollBackRef(world_id="main", event=done.event))
    assert undone.added == ("otto",)
    assert await scene.notes() == {"rosa": "Rosa is a baker. Rosa is tall.", "otto": "Otto is Rosa's dog."}


async def test_what_was_taken_back_after_a_roll_back_does_not_return_with_it(scene: Scene) -> None:
    by_hand = ByHand(scene.ledger, scene.conversations)
    await scene.hear("t1", "…", 1)
    await scene.tell("Rosa", "Rosa is a baker")
    done = await by_hand.roll_back(RollBack(world_id="main", place=0))
    await scene.hear("t1", "", 1, state="withdrawn")
    assert done.event is not None
    await by_hand.undo(RollBackRef(world_id="main", event=done.event))
    assert await scene.notes() == {}


async def test_other_words_after_a_roll_back_are_read_again(scene: Scene) -> None:
    by_hand = ByHand(scene.ledger, scene.conversations)
    await scene.hear("t1", "Rosa is a baker.", 1)
    await by_hand.roll_back(RollBack(world_id="main", place=0))
    assert await scene.hear("t1", "Rosa is a baker.", 1) == []
    assert len(await scene.hear("t1", "Rosa is a spy.", 1)) == 1


async def test_what_is_locked_takes_no_contradiction_and_nothing_that_characters_make_up(scene: Scene) -> None:
    by_hand = ByHand(scene.ledger, scene.conversations)
    await scene.conversations.worlds()
    await by_hand.make(NewEntity(type="character", name="Rosa", note="Rosa lives in Lisbon.", locked=True))
    await scene.hear("t1", "…", 1)
    assert await scene.tell("Rosa", "Rosa lives in Rome") == "dropped"
    assert await scene.tell("Rosa", "Rosa does not live in Lisbon", ordinal=1) == "dropped"
    assert await scene.tell("Rosa", "Rosa is tall", ordinal=2) == "done"
    assert await scene.tell("Rosa", "Rosa can sing", invented=True) == "dropped"
    assert await scene.notes() == {"rosa": "Rosa lives in Lisbon. Rosa is tall."}
    dropped = [
        event.told.reason
        for event in (await scene.ledger.history(EventsRequest(world_id="main"))).events
        if event.told.reason
    ]
    assert dropped[0] == "Rosa is locked, and it is known: Rosa lives in Lisbon."


async def test_to_deny_something_else_contradicts_no_denial(scene: Scene) -> None:
    by_hand = ByHand(scene.ledger, scene.conversations)
    await scene.conversations.worlds()
    await by_hand.make(NewEntity(type="character", name="Otto", note="Otto does not live in Lisbon.", locked=True))
    await scene.hear("t1", "…", 1)
    assert await scene.tell("Otto", "Otto lives in Lisbon") == "dropped"
    assert await scene.tell("Otto", "Otto doesn't live in Rome", ordinal=1) == "done"
    assert await scene.tell("Otto", "Otto lives in Porto", ordinal=2) == "done"


async def test_a_note_in_other_words_loses_them_with_the_line_that_it_may_quote(scene: Scene) -> None:
    await scene.hear("t1", "Rosa is a baker.", 1)
    await scene.tell("Rosa", "Rosa is a baker")
    basis = (await scene.ledger.state("main")).entities["rosa"].note_basis
    await scene.ledger.rewrite("main", "rosa", basis, "She bakes, they say.")
    await scene.hear("t1", "", 1, state="withdrawn")
    assert "bakes" not in (await scene.ledger.history(EventsRequest(world_id="main"))).model_dump_json()
