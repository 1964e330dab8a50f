"""What a character's prompt holds: what it witnessed, and of private things what all who are present witnessed."""

import pytest

from greenroom.errors import Conflict, NoUpstream, TurnFailed
from greenroom.model import (
    ChannelRequest,
    ChatRequest,
    DeadLetterRef,
    HeardLine,
    LineEdit,
    LineRef,
    Message,
    Page,
    WitnessedRequest,
)
from greenroom.ports import Turns
from greenroom.storage.database import Database
from tests.conftest import Reach
from tests.router.company import Stage, asking


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


async def ask(stage: Stage, text: str, answer: str = "Well.", **more: object) -> str:
    """Have a line answered; returns what the model was shown."""
    stage.model.enqueue(answer)
    await stage.router().orchestrate(asking(text, **more))
    request = stage.model.requests[-1]
    assert isinstance(request, ChatRequest)
    return "\n".join(message.content for message in request.messages)


async def test_who_left_the_scene_does_not_know_what_was_said_meanwhile(stage: Stage) -> None:
    await ask(stage, "We are three.", place="scene", present=("peter", "brian"))
    await ask(stage, "He is gone: the code is 4711.", place="scene", present=("Peter",))
    back = await ask(stage, "Here you are!", character_name="brian", place="scene", present=("peter",))
    assert "We are three." in back
    assert "4711" not in back
    assert "4711" in await ask(stage, "What was it?", place="scene", present=("peter", "brian"))
    turns = (await stage.log().recall(ChannelRequest(channel_id="room"))).turns
    assert [turn.present for turn in turns] == [("brian", "peter"), ("peter",), ("brian", "peter"), ("brian", "peter")]


async def test_what_was_whispered_is_known_only_where_all_who_are_present_know_it(stage: Stage) -> None:
    await ask(stage, "Between us: 4711.", answer="4711, fine.", place="private")
    assert "4711" not in await ask(stage, "Peter, what did I say?"), "the others would hear it"
    assert "4711" not in await ask(stage, "And you?", character_name="brian")
    assert "4711" not in await ask(stage, "You?", character_name="brian", place="private")
    assert "4711" in await ask(stage, "What did I say?", place="private")
    requests = [request for request in stage.model.requests if isinstance(request, ChatRequest)]
    kept = [(request.use_cache, request.similar) for request in requests]
    assert kept == [(False, False), (None, None), (None, None), (False, False), (False, False)]


async def test_a_thread_goes_on_from_what_was_said_before_it_began(stage: Stage) -> None:
    thread = {"channel_id": "thread", "parent_id": "room", "place": "thread"}
    await ask(stage, "Before.")
    await ask(stage, "Hidden.", place="private", present=("brian",), character_name="brian")
    assert "Before." in await ask(stage, "In the thread.", **thread)
    assert "In the thread." not in await ask(stage, "Afterwards.")
    shown = await ask(stage, "And in the thread?", **thread)
    assert ("Before." in shown, "In the thread." in shown) == (True, True)
    assert ("Hidden." in shown, "Afterwards." in shown) == (False, False)


async def test_lore_is_asked_for_with_who_asks_and_who_will_hear(stage: Stage) -> None:
    await ask(stage, "Between us.", place="private", channel_id="dm")
    (asked,) = stage.lore.asked
    assert (asked.character, asked.channel_id, asked.place, asked.present) == ("peter", "dm", "private", ("peter",))


async def test_only_a_witness_falls_in_and_before_the_same_witnesses(stage: Stage) -> None:
    line = {"text": "Psst, who is there?", "channel_id": "room", "place": "private", "present": ("peter",)}
    turn = await stage.router().hear(HeardLine.model_validate(line))
    falling_in = {"message_type": "organic", "follows": turn.id}
    with pytest.raises(Conflict, match="Brian did not witness"):
        await stage.router().orchestrate(asking(turn.input_text, character_name="Brian", **falling_in))
    await ask(stage, turn.input_text, **falling_in)
    last = (await stage.log().recall(ChannelRequest(channel_id="room"))).turns[-1]
    assert (last.place, last.present, last.follows) == ("private", ("peter",), turn.id)
    assert "Psst" not in await ask(stage, "What is it?", character_name="brian")


async def test_a_new_answer_and_a_replay_stay_where_the_line_was_said(stage: Stage) -> None:
    router = stage.router()
    for _ in range(10):
        stage.model.enqueue(NoUpstream())
    with pytest.raises(TurnFailed):
        await router.orchestrate(asking("Between us: 4711.", place="private"))
    (letter,) = (await router.dead_letters(Page())).letters
    stage.model.enqueue("Fine.")
    replayed = await router.replay(DeadLetterRef(id=letter.id))
    await ask(stage, "Between us: 4711.", replaces=replayed.metadata.turn_id)
    with pytest.raises(Conflict, match="did not witness"):
        await router.orchestrate(asking("And?", character_name="brian", replaces=replayed.metadata.turn_id))
    turns = (await stage.log().recall(ChannelRequest(channel_id="room"))).turns
    assert [(turn.place, turn.present) for turn in turns] == [("private", ("peter",))]
    assert "4711" not in await ask(stage, "Well?", character_name="brian")


async def test_what_a_door_tells_is_its_own_word(stage: Stage) -> None:
    await ask(stage, "Between us: 4711.", place="private")
    told = (Message(author="Ann", content="I told him 4711."),)
    assert "4711" in await ask(stage, "Well?", character_name="brian", conversation_history=told)


async def test_the_conversation_is_recalled_as_a_character_witnessed_it(stage: Stage, reach: Reach) -> None:
    await ask(stage, "Hello.")
    await ask(stage, "Between us.", place="private")
    turns = await reach(Turns, stage.log())
    said = [
        [turn.input_text for turn in (await turns.recall(ChannelRequest(channel_id="room", witness=who))).turns]
        for who in (None, "Peter", "brian")
    ]
    assert said == [["Hello.", "Between us."], ["Hello.", "Between us."], ["Hello."]]


async def test_what_a_character_witnessed_is_found_over_all_channels_and_by_words(stage: Stage, reach: Reach) -> None:
    await ask(stage, "I like ale.", answer="100 % mine.")
    await ask(stage, "I hate ALE.", place="private", channel_id="dm")
    await ask(stage, "Gone.")
    turns = await reach(Turns, stage.log())

    async def found(who: str, **more: object) -> list[str]:
        page = await turns.witnessed(WitnessedRequest.model_validate({"character": who, **more}))
        return [turn.input_text for turn in page.turns]

    assert await found("peter") == ["I like ale.", "I hate ALE.", "Gone."]
    assert await found("brian") == ["I like ale.", "Gone."]
    assert await found("Peter", words="ale i") == ["I like ale.", "I hate ALE."]
    assert await found("peter", words="ale", channel_id="dm") == ["I hate ALE."]
    assert (await found("peter", words="100 %"), await found("peter", words="%like")) == (["I like ale."], [])
    first = await turns.witnessed(WitnessedRequest(character="peter", limit=1))
    assert await found("peter", after=first.cursor) == ["I hate ALE.", "Gone."]
    (gone,) = (await turns.witnessed(WitnessedRequest(character="peter", words="gone"))).turns
    await turns.withdraw(LineRef(turn_id=gone.id))
    assert await found("peter", words="gone") == []


async def test_a_secret_that_is_edited_stays_with_those_who_knew_it(stage: Stage) -> None:
    await ask(stage, "Between us: 4711.", place="private", message_id="door:1")
    await stage.log().edit(LineEdit(message_id="door:1", text="Between us: 4712."))
    assert "471" not in await ask(stage, "Well?", character_name="brian")
    shown = await ask(stage, "Well?", place="private")
    assert ("4711" in shown, "4712" in shown) == (False, True)


async def test_nobody_is_taken_for_one_whose_id_is_alike(stage: Stage) -> None:
    for who in ("a_b", "a%b", 'a"b'):
        line = HeardLine(channel_id="room", text=f"{who} is here.", user_id="sam", place="scene", present=(who,))
        await stage.log().hear(line)
    for who, texts in (("a_b", ["a_b is here."]), ('a"b', ['a"b is here.']), ("acb", []), ("%", [])):
        seen = await stage.log().recall(ChannelRequest(channel_id="room", witness=who))
        assert [turn.input_text for turn in seen.turns] == texts
