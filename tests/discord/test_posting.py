from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from greenroom.config import DiscordSettings
from greenroom.discord.outbox import Outbox
from greenroom.discord.posting import Posting
from greenroom.discord.standing import Standing
from greenroom.discord.voices import Voices
from greenroom.errors import CircuitOpen, Forbidden, Unavailable
from greenroom.model import Receipt, Turn, TurnRequest
from greenroom.storage.database import Database
from greenroom.testing import FixedTurns, FrozenClock
from tests.discord.stage import CHANNEL, NOW, FakeVoice, turn_of

REQUEST = TurnRequest(character_name="peter", input_text="Hello, Peter.")


class Stage:
    """A door that posts, without Discord. `start` is another process that begins with what the last one has left."""

    def __init__(self, database: Database) -> None:
        self.turns = FixedTurns()
        self.voice = FakeVoice()
        self.clock = FrozenClock(NOW)
        self.outbox = Outbox(database, "")
        self.standing = Standing()
        self.is_quiet = False
        self.posting = self.start()

    def start(self, **settings: Any) -> Posting:
        voices = Voices()
        voices.add(self.voice)
        given = DiscordSettings(**settings)
        self.posting = Posting(
            voices, self.outbox, self.turns, given, self.clock, self.standing, self._is_channel_quiet
        )
        return self.posting

    async def _is_channel_quiet(self, channel_id: str) -> bool:
        assert channel_id == f"discord:{CHANNEL}"
        return self.is_quiet

    def log(self, turn: Turn) -> Turn:
        self.turns.add(Receipt(turn=turn, request=REQUEST))
        return turn

    async def post(self, *turns: Turn) -> None:
        for turn in turns:
            self.log(turn)
            await self.posting.post(turn)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with Database(f"sqlite:///{tmp_path / 'greenroom.db'}") as database:
        yield Stage(database)


async def test_a_turn_is_posted_once_however_often_it_is_taken(stage: Stage) -> None:
    turn = turn_of("a", message_id="discord:77")
    await stage.post(turn, turn)
    stage.start()
    await stage.post(turn)
    assert stage.voice.texts == ["Hello there."]
    assert next(iter(stage.voice.messages.values())).reply_to == 77


async def test_a_line_that_a_program_has_posted_by_itself_is_not_posted_again(stage: Stage) -> None:
    await stage.post(
        turn_of("a", message_type="organic", message_id="discord:77"), turn_of("b", message_type="organic")
    )
    assert stage.voice.texts == ["Hello there."]


async def test_nobody_is_answered_by_name_in_private(stage: Stage) -> None:
    await stage.post(turn_of("a", message_id="discord:77", place="private", present=("peter",)))
    assert next(iter(stage.voice.messages.values())).reply_to is None


async def test_a_long_reply_comes_in_parts_of_which_only_the_first_notifies(stage: Stage) -> None:
    await stage.post(turn_of("a", reply="word " * 900))
    lines = list(stage.voice.messages.values())
    assert [line.silent for line in lines] == [False, True, True]
    assert len({line.nonce for line in lines}) == 3


async def test_nothing_in_a_reply_pings(stage: Stage) -> None:
    await stage.post(turn_of("a", reply="Hey @everyone, ask <@&5>!"))
    assert stage.voice.texts == ["Hey @\u200beveryone, ask <@\u200b&5>!"]


async def test_turns_of_a_channel_are_posted_in_order(stage: Stage) -> None:
    turns = [stage.log(turn_of(f"{number:03}", reply=f"{number}")) for number in range(50)]
    await stage.posting.take(turns, 50)
    await stage.posting.post(turns[-1])
    assert stage.voice.texts == [str(number) for number in range(50)]


async def test_a_message_that_was_sent_before_the_crash_is_found_again(stage: Stage) -> None:
    turn = stage.log(turn_of("a"))
    await stage.outbox.take([turn], stage.clock.now())
    await stage.voice.say(stage.posting._utterance(turn, (await stage.outbox.of_turn("a"))[0], "Hello there."))
    stage.clock.advance(1)
    stage.start()
    await stage.posting.resume()
    await stage.posting.post(turn)
    assert stage.voice.texts == ["Hello there."]
    assert [post.state for post in await stage.outbox.of_turn("a")] == ["posted"]


async def test_what_was_written_down_before_a_crash_is_posted_after_it(stage: Stage) -> None:
    turn = stage.log(turn_of("a"))
    await stage.outbox.take([turn], stage.clock.now())
    stage.clock.advance(1)
    stage.start()
    await stage.posting.resume()
    await stage.posting.post(turn)
    assert stage.voice.texts == ["Hello there."]


async def test_a_message_whose_sending_broke_off_is_looked_for_before_it_is_sent_again(stage: Stage) -> None:
    stage.voice.errors_after_sending.append(Unavailable("the connection broke"))
    await stage.post(turn_of("a"))
    assert stage.voice.texts == ["Hello there."]


async def test_while_discord_is_away_it_is_tried_again(stage: Stage) -> None:
    stage.voice.errors += [Unavailable(), CircuitOpen()]
    await stage.post(turn_of("a"), turn_of("b", reply="Second."))
    assert stage.voice.texts == ["Hello there.", "Second."]


async def test_where_it_may_not_speak_it_gives_up_and_says_so(stage: Stage) -> None:
    stage.voice.errors.append(Forbidden("the bot may not send messages here"))
    await stage.post(turn_of("a", reply="word " * 900))
    assert stage.voice.texts == []
    assert await stage.outbox.waiting() == []
    stage.standing.ready("peter", "Peter")
    assert stage.standing.tell() == f"peter in channel {CHANNEL}: the bot may not send messages here"


async def test_a_reply_whose_question_was_deleted_meanwhile_is_not_posted(stage: Stage) -> None:
    turn = turn_of("a", message_id="discord:77")
    stage.posting.gone.add("discord:77")
    await stage.post(turn)
    assert stage.voice.texts == []
    assert await stage.outbox.waiting() == []


async def test_a_reply_that_is_withdrawn_is_deleted(stage: Stage) -> None:
    await stage.post(turn_of("a"))
    await stage.post(turn_of("a", state="withdrawn", reply=None, input_text=""))
    assert stage.voice.texts == []


async def test_a_reply_that_is_replaced_changes_in_its_place(stage: Stage) -> None:
    await stage.post(turn_of("a", reply="word " * 500), turn_of("b", reply="Shorter."))
    await stage.post(turn_of("c", reply="Another.", replaces="a"))
    assert stage.voice.texts == ["Another.", "Shorter."]
    assert (await stage.outbox.of_message(100)) is not None
    assert [post.turn_id for post in await stage.outbox.of_turn("c") if post.state == "posted"] == ["c"]


async def test_a_replaced_message_that_somebody_has_deleted_is_said_anew(stage: Stage) -> None:
    await stage.post(turn_of("a"))
    await stage.voice.delete(CHANNEL, 100)
    await stage.post(turn_of("b", reply="Another.", replaces="a"))
    assert stage.voice.texts == ["Another."]


async def test_in_a_channel_that_was_told_to_be_quiet_no_unasked_line_comes_nor_stays_in_the_log(stage: Stage) -> None:
    stage.is_quiet = True
    stage.log(turn_of("unasked", reply="word " * 900, message_type="organic"))
    await stage.post(turn_of("asked"), stage.turns.receipts["unasked"].turn)
    assert stage.voice.texts == ["Hello there."]
    assert await stage.outbox.waiting() == []
    assert stage.turns.receipts["unasked"].turn.state == "withdrawn"
    stage.is_quiet = False
    await stage.post(turn_of("later", reply="Well!", message_type="organic"))
    assert stage.voice.texts == ["Hello there.", "Well!"]


async def test_what_is_too_late_is_not_posted(stage: Stage) -> None:
    await stage.post(turn_of("a", ended_at=NOW - timedelta(hours=1)))
    assert stage.voice.texts == []


async def test_typing_takes_as_long_as_the_words_less_what_was_spent_on_them(stage: Stage) -> None:
    stage.start(typing_words_per_s=2, typing_max_s=5)
    await stage.post(turn_of("a", reply="one two three four"))
    assert stage.clock.slept_s == [2.0]
    await stage.post(turn_of("b", reply="one two three four", begun_at=NOW))
    assert stage.clock.slept_s == [2.0]
    assert stage.voice.typed == 1
