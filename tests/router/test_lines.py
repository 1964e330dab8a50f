"""Lines that are heard without an answer, changed, and taken back."""

import asyncio
import json

import aiohttp
import pytest

from greenroom.errors import Conflict, Forbidden, NoUpstream, TurnFailed, UnknownTurn
from greenroom.model import (
    ChannelRequest,
    ChatRequest,
    FollowRequest,
    HeardLine,
    LineEdit,
    LineRef,
    Message,
    Page,
    Passage,
    TurnRef,
)
from greenroom.ports import Router, Turns
from greenroom.storage.database import Database
from greenroom.testing import serving
from tests.conftest import Reach, application_of
from tests.router.company import Stage, asking
from tests.waiting import until

CLAM = "Who comes to the Clam?"


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


def heard(text: str = CLAM, **more: object) -> HeardLine:
    fields = {"text": text, "channel_id": "room", "user_id": "ann", "user_name": "Ann", **more}
    return HeardLine.model_validate(fields)


async def said(stage: Stage) -> list[str]:
    conversation = await stage.log().recall(ChannelRequest(channel_id="room"))
    return [f"{message.author}: {message.content}" for message in conversation.messages]


def shown(stage: Stage, number: int = -1) -> str:
    """What the model was shown, as one text."""
    requests = [request for request in stage.model.requests if isinstance(request, ChatRequest)]
    return "\n".join(message.content for message in requests[number].messages)


async def test_a_line_that_is_heard_is_in_the_log_and_in_the_next_prompt(stage: Stage, reach: Reach) -> None:
    router = await reach(Router, stage.router())
    turn = await router.hear(heard(message_id="door:1"))
    assert (turn.state, turn.character, turn.reply, turn.message_id) == ("heard", "", None, "door:1")
    page = await stage.log().follow(FollowRequest())
    assert [(t.id, t.state, t.input_text) for t in page.turns] == [(turn.id, "heard", CLAM)]
    assert await said(stage) == [f"Ann: {CLAM}"]
    stage.model.enqueue("I do.")
    await router.orchestrate(asking("Peter?"))
    assert f"Ann: {CLAM}\nAnn: Peter?" in shown(stage)
    assert (await stage.log().explain(TurnRef(id=turn.id))).request is None


async def test_the_same_line_is_heard_once_however_many_hear_it(stage: Stage, reach: Reach) -> None:
    router = await reach(Router, stage.router())
    turns = await asyncio.gather(*(router.hear(heard(request_id="door:1")) for _ in range(3)))
    turns.append(await stage.router("another").hear(heard(request_id="door:1")))
    assert len({turn.id for turn in turns}) == 1
    assert await said(stage) == [f"Ann: {CLAM}"]


async def test_a_line_that_was_heard_can_still_be_answered_and_stands_once(stage: Stage, reach: Reach) -> None:
    router = await reach(Router, stage.router())
    turn = await router.hear(heard(request_id="door:1"))
    await router.hear(heard("And when?"))
    for _ in range(2):
        stage.model.enqueue("I do.")
        reply = await router.orchestrate(asking(CLAM, request_id="door:1"))
    assert reply.metadata.turn_id == turn.id
    assert await said(stage) == [f"Ann: {CLAM}", "Peter: I do.", "Ann: And when?"]
    assert shown(stage, 0).count(CLAM) == 1
    assert len(stage.model.requests) == 1


async def test_an_edited_line_is_what_was_said_and_its_reply_is_marked(stage: Stage, reach: Reach) -> None:
    stage.model.enqueue("I do.")
    await stage.router().orchestrate(asking("Who likes bier?", message_id="door:1"))
    turns = await reach(Turns, stage.log())
    cursor = (await turns.follow(FollowRequest())).cursor
    turn = await turns.edit(LineEdit(message_id="door:1", user_id="ann", text="Who likes beer?"))
    assert (turn.input_text, turn.reply, turn.outdated) == ("Who likes beer?", "I do.", True)
    assert turn.edited_at is not None
    assert await said(stage) == ["Ann: Who likes beer?", "Peter: I do."]
    page = await turns.follow(FollowRequest(after=cursor))
    assert [t.input_text for t in page.turns] == ["Who likes beer?"], "those who follow see the change once"
    assert await turns.edit(LineEdit(turn_id=turn.id, text="Who likes beer?")) == turn, "and once is enough"


async def test_a_new_answer_to_an_edited_line_is_not_outdated(stage: Stage) -> None:
    router = stage.router()
    stage.model.enqueue("Bier?")
    first = await router.orchestrate(asking("Who likes bier?"))
    await stage.log().edit(LineEdit(turn_id=first.metadata.turn_id, text="Who likes beer?"))
    stage.model.enqueue("I do.")
    again = await router.orchestrate(asking("Who likes beer?", replaces=first.metadata.turn_id, user_id="bob"))
    turn = (await stage.log().explain(TurnRef(id=again.metadata.turn_id))).turn
    assert (turn.outdated, turn.user_id) == (False, "ann"), "it is still her line, whoever asked for the answer"
    old = (await stage.log().explain(TurnRef(id=first.metadata.turn_id))).turn
    assert (old.outdated, old.reply) == (True, "Bier?")


async def test_a_withdrawn_line_leaves_a_tombstone_without_any_text(stage: Stage, reach: Reach) -> None:
    stage.model.enqueue("Your secret is marzipan?")
    await stage.router().orchestrate(asking("My secret is marzipan.", message_id="door:1"))
    stage.model.enqueue("Beer.")
    await stage.router().orchestrate(asking("And now?", character_name="Brian"))
    turns = await reach(Turns, stage.log())
    for _ in range(2):
        gone = await turns.withdraw(LineRef(message_id="door:1", user_id="ann"))
        assert (gone.state, gone.input_text, gone.reply) == ("withdrawn", "", None)
    assert await said(stage) == ["Ann: And now?", "Brian: Beer."]
    page = await turns.follow(FollowRequest())
    assert sorted(t.state for t in page.turns) == ["answered", "withdrawn"]
    receipts = [await turns.explain(TurnRef(id=turn.id)) for turn in page.turns]
    assert "marzipan" not in json.dumps([receipt.model_dump(mode="json") for receipt in receipts])
    (later,) = (receipt for receipt in receipts if receipt.turn.state == "answered")
    assert later.redacted
    assert later.attempts[0].verdict is not None, "the figures stay"


async def test_nobody_changes_or_takes_back_what_another_said(stage: Stage, reach: Reach) -> None:
    await stage.router().hear(heard(message_id="door:1"))
    turns = await reach(Turns, stage.log())
    with pytest.raises(Forbidden):
        await turns.edit(LineEdit(message_id="door:1", user_id="bob", text="No."))
    with pytest.raises(Forbidden):
        await turns.withdraw(LineRef(message_id="door:1", user_id="bob"))
    assert await said(stage) == [f"Ann: {CLAM}"]
    await turns.withdraw(LineRef(message_id="door:1"))
    assert await said(stage) == [], "the owner of the house may"


async def test_a_line_that_is_not_there_is_named(stage: Stage, reach: Reach) -> None:
    turns = await reach(Turns, stage.log())
    with pytest.raises(UnknownTurn, match="'door:1'"):
        await turns.withdraw(LineRef(message_id="door:1"))
    await stage.router().hear(heard(message_id="door:1"))
    await turns.withdraw(LineRef(message_id="door:1"))
    with pytest.raises(Conflict, match="taken back"):
        await turns.edit(LineEdit(message_id="door:1", text="Well?"))


@pytest.mark.parametrize("which", [{}, {"turn_id": "a", "message_id": "b"}])
def test_a_line_is_named_in_one_way(which: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="by one of them only"):
        LineRef.model_validate(which)


async def test_a_reference_that_names_nothing_is_refused_with_what_is_missing(stage: Stage) -> None:
    app = application_of(Turns, stage.log())
    async with serving(app) as url, aiohttp.request("DELETE", f"{url}/lines") as response:
        assert response.status == 422
        assert "turn_id or by message_id" in await response.text()


async def test_all_variants_and_all_answers_to_one_message_follow_its_line(stage: Stage) -> None:
    router = stage.router()
    for answer in ("one", "two", "three"):
        stage.model.enqueue(answer)
    first = await router.orchestrate(asking(message_id="door:1"))
    await router.orchestrate(asking(replaces=first.metadata.turn_id))
    await router.orchestrate(asking(character_name="Brian", message_id="door:1"))
    await stage.log().edit(LineEdit(message_id="door:1", user_id="ann", text="Better?"))
    page = await stage.log().follow(FollowRequest())
    assert {(t.reply, t.input_text, t.outdated) for t in page.turns} == {
        ("one", "Better?", True),
        ("two", "Better?", True),
        ("three", "Better?", True),
    }
    await stage.log().withdraw(LineRef(message_id="door:1"))
    assert {t.state for t in (await stage.log().follow(FollowRequest())).turns} == {"withdrawn"}


async def test_who_fell_in_on_a_withdrawn_line_no_longer_holds_it(stage: Stage) -> None:
    router = stage.router()
    line = await router.hear(heard("My secret is marzipan."))
    organic = {"message_type": "organic", "user_id": "ann"}
    stage.model.enqueue("marzipan, really?")
    answer = await router.orchestrate(asking("My secret is marzipan.", follows=line.id, **organic))
    stage.model.enqueue("How odd.")
    late = asking("marzipan, really?", character_name="Brian", follows=answer.metadata.turn_id, **organic)
    await router.orchestrate(late)
    await stage.log().withdraw(LineRef(turn_id=line.id))
    assert await said(stage) == ["Brian: How odd."]
    turns = (await stage.log().follow(FollowRequest())).turns
    assert "marzipan" not in "".join(turn.model_dump_json() for turn in turns)
    (brian,) = (turn for turn in turns if turn.state == "answered")
    assert brian.outdated


async def test_a_dead_letter_asks_for_the_new_words_and_goes_with_the_line(stage: Stage) -> None:
    router = stage.router()
    for _ in range(10):
        stage.model.enqueue(NoUpstream())
    with pytest.raises(TurnFailed):
        await router.orchestrate(asking("Who likes bier?", message_id="door:1"))
    await stage.log().edit(LineEdit(message_id="door:1", text="Who likes beer?"))
    (letter,) = (await router.dead_letters(Page())).letters
    assert letter.request.input_text == "Who likes beer?"
    await stage.log().withdraw(LineRef(message_id="door:1"))
    assert (await router.dead_letters(Page())).total == 0


async def test_a_line_taken_back_while_it_is_answered_stays_gone(stage: Stage, reach: Reach) -> None:
    router = await reach(Router, stage.router())
    gate = asyncio.Event()
    stage.model.enqueue(gate, "marzipan?")
    answering = asyncio.create_task(router.orchestrate(asking("My secret is marzipan.", message_id="door:1")))
    await until(lambda: stage.model.open_streams > 0)
    await stage.log().withdraw(LineRef(message_id="door:1"))
    gate.set()
    with pytest.raises(Conflict, match="taken back"):
        await answering
    assert await said(stage) == []
    assert (await router.dead_letters(Page())).total == 0
    (turn,) = (await stage.log().follow(FollowRequest())).turns
    assert (turn.state, turn.reply) == ("withdrawn", None)


async def test_a_line_edited_while_it_is_answered_marks_the_answer(stage: Stage) -> None:
    gate = asyncio.Event()
    stage.model.enqueue(gate, "Bier?")
    answering = asyncio.create_task(stage.router().orchestrate(asking("Who likes bier?", message_id="door:1")))
    await until(lambda: stage.model.open_streams > 0)
    await stage.log().edit(LineEdit(message_id="door:1", text="Who likes beer?"))
    gate.set()
    reply = await answering
    receipt = await stage.log().explain(TurnRef(id=reply.metadata.turn_id))
    assert (receipt.turn.input_text, receipt.turn.outdated) == ("Who likes beer?", True)
    assert "bier" not in receipt.model_dump_json().replace("Bier?", "")


async def test_what_a_door_told_of_a_withdrawn_line_is_forgotten_and_other_receipts_stay(stage: Stage) -> None:
    router = stage.router()
    line = await router.hear(heard("My secret\nis marzipan."))
    told = (Message(author="Ann", content="My secret\nis marzipan."),)
    for history in (told, (Message(author="Ann", content="Hello."),)):
        stage.model.enqueue("Well.")
        await router.orchestrate(asking("And?", conversation_history=history))
    await stage.log().withdraw(LineRef(turn_id=line.id))
    turns = (await stage.log().follow(FollowRequest())).turns
    receipts = [await stage.log().explain(TurnRef(id=t.id)) for t in turns if t.state == "answered"]
    assert [receipt.redacted for receipt in receipts] == [True, False]
    assert "marzipan" not in receipts[0].model_dump_json()


def memory_of(turn_id: str) -> Passage:
    made_of = {"turn_ids": [turn_id]}
    return Passage(id="m1", content="Ann's secret is marzipan.", source="memory", relevance_score=1, metadata=made_of)


@pytest.mark.parametrize("taken_back", [True, False])
async def test_receipts_that_quote_a_memory_go_with_the_line_that_it_was_made_of(
    stage: Stage, taken_back: bool
) -> None:
    """Wherever they are: here, in another channel."""
    line = await stage.router().hear(heard("My secret is marzipan."))
    stage.lore.found = memory_of(line.id)
    stage.model.enqueue("Well.")
    reply = await stage.router().orchestrate(asking("And?", channel_id="elsewhere"))
    before = await stage.log().explain(TurnRef(id=reply.metadata.turn_id))
    assert "marzipan" in before.model_dump_json()
    if taken_back:
        await stage.log().withdraw(LineRef(turn_id=line.id))
    else:
        await stage.log().edit(LineEdit(turn_id=line.id, text="I have no secret."))
    after = await stage.log().explain(TurnRef(id=reply.metadata.turn_id))
    assert after.redacted
    assert "marzipan" not in after.model_dump_json()
    assert after.turn.reply == "Well."


async def test_a_memory_whose_line_is_taken_back_while_it_is_used_stays_in_no_receipt(stage: Stage) -> None:
    line = await stage.router().hear(heard("My secret is marzipan."))
    stage.lore.found = memory_of(line.id)
    gate = asyncio.Event()
    stage.model.enqueue(gate, "Well.")
    answering = asyncio.create_task(stage.router().orchestrate(asking("And?", channel_id="elsewhere")))
    await until(lambda: stage.model.open_streams > 0)
    await stage.log().withdraw(LineRef(turn_id=line.id))
    gate.set()
    receipt = await stage.log().explain(TurnRef(id=(await answering).metadata.turn_id))
    assert receipt.redacted
    assert "marzipan" not in receipt.model_dump_json()
