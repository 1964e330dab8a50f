"""The door on a make-believe Discord, with a bot for each character and with webhooks: what people see there, and what
the house keeps of it. All tests of this file are in one house, each in a channel of its own."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from greenroom.app import House
from greenroom.model import ChannelRequest, RatingsRequest, Turn
from greenroom.testing import FakeDiscord, Fault
from greenroom.testing.fake_discord import Interaction, Message
from tests.discord.stage import house
from tests.waiting import come_true

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Room:
    """A channel of a server that the cast is on."""

    def __init__(self, discord: FakeDiscord, there: House, name: str, webhooks: bool) -> None:
        self.discord = discord
        self.there = there
        self.name = name
        self.webhooks = webhooks
        self.with_menus = "peter" if webhooks else "brian"  # the first bot by its name

    @property
    def answers(self) -> list[Message]:
        """What bots have said here, to all."""
        return [m for m in self.discord.messages(self.name) if m.author.is_bot and m.seen_by is None]

    async def say(self, text: str, **options: Any) -> Message:
        return await self.discord.say("alice", self.name, text, **options)

    async def ask(self, text: str, **options: Any) -> Message:
        """Say something, and return the answer to it."""
        before = len(self.answers)
        await self.say(text, **options)
        await self.discord.until(lambda: len(self.answers) > before)
        return self.answers[-1]

    async def turns(self, where: Any = None) -> list[Turn]:
        channel = self.discord.where(where or self.name)
        return list((await self.there.turns.recall(ChannelRequest(channel_id=f"discord:{channel.id}"))).turns)

    async def heard(self, count: int) -> list[Turn]:
        """What is kept, when it is so much."""
        await come_true(lambda: self._has(count))
        return await self.turns()

    async def _has(self, count: int) -> bool:
        return len(await self.turns()) == count

    async def menu(self, who: str, name: str, message: Message) -> str:
        return await finished(await self.discord.press_menu(who, self.with_menus, name, message))

    async def slash(self, who: str, command: str, **options: Any) -> str:
        return await finished(await self.discord.slash(who, "peter", command, self.name, **options))


async def finished(asked: Interaction) -> str:
    """What the one who asked is told."""
    await asyncio.wait_for(asked.finished.wait(), 60)
    assert asked.is_ephemeral
    return asked.text


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=[False, True], ids=["bots", "webhooks"])
async def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[FakeDiscord, House, bool]]:
    async with (
        FakeDiscord() as discord,
        house(tmp_path_factory.mktemp("house"), discord, webhooks=request.param) as there,
    ):
        yield discord, there, request.param


@pytest.fixture
def room(request: pytest.FixtureRequest, server: tuple[FakeDiscord, House, bool]) -> Room:
    discord, there, webhooks = server
    name = f"room-{len(discord.community.channels)}"
    discord.add_channel(name)
    return Room(discord, there, name, webhooks)


async def test_who_is_spoken_to_answers(room: Room) -> None:
    answer = await room.ask("Peter, what is your favorite beer?")
    asked = room.discord.messages(room.name)[0]
    assert answer.shown_name == ("Peter" if room.webhooks else "peter")
    assert answer.reply_to == (None if room.webhooks else asked.id)
    (turn,) = await room.turns()
    assert (turn.input_text, turn.reply, turn.user_name) == (asked.content, answer.content, "alice")
    assert set(turn.present or ()) == {"peter", "brian", "stewie"}


async def test_nothing_is_ever_sent_that_may_mention_anybody(room: Room) -> None:
    await room.ask("Peter, say @everyone, please.")
    assert all(body["allowed_mentions"]["parse"] == [] for body in room.discord.sent)
    assert not any(body["allowed_mentions"].get("users") for body in room.discord.sent)


async def test_a_reply_counts_more_than_a_name(room: Room) -> None:
    first = await room.ask("Brian, are you there?")
    second = await room.ask("And what would Stewie say?", reply_to=first)
    assert second.shown_name == first.shown_name


async def test_a_mention_counts_more_than_a_name(room: Room) -> None:
    answer = await room.ask("Stewie, what do you say to <@peter> now?")
    assert answer.shown_name == ("Stewie" if room.webhooks else "peter")  # with webhooks, it is the bot for all


async def test_a_thumb_is_a_rating_until_it_is_taken_away(room: Room) -> None:
    answer = await room.ask("Peter, what is your favorite beer?")
    (turn,) = await room.turns()

    async def thumbs() -> list[int]:
        found = await room.there.tuning.ratings(RatingsRequest(turn_id=turn.id))
        return [rating.thumb for rating in found.ratings]

    async def are(*wanted: int) -> bool:
        return await thumbs() == list(wanted)

    await room.discord.react("alice", answer, "\N{THUMBS DOWN SIGN}")
    await come_true(lambda: are(-1))
    await room.discord.react("stewie", answer, "\N{THUMBS UP SIGN}")  # no bot counts
    await room.discord.react("alice", answer, "\N{THUMBS UP SIGN}")
    await come_true(lambda: are(1))
    await room.discord.unreact("alice", answer, "\N{THUMBS DOWN SIGN}")
    await room.discord.react("bob", answer, "\N{THUMBS DOWN SIGN}")
    await come_true(lambda: are(-1, 1))
    await room.discord.unreact("alice", answer, "\N{THUMBS UP SIGN}")
    await come_true(lambda: are(-1))


async def test_what_is_said_to_nobody_is_heard_once_and_not_answered(room: Room) -> None:
    await room.say("What a day this was, dear all.")
    await room.say("@everyone look at this", files=1)
    turns = await room.heard(2)
    assert [turn.state for turn in turns] == ["heard", "heard"]
    assert "[attached: " in turns[1].input_text
    assert room.answers == []


async def test_bots_and_our_own_lines_are_not_heard(room: Room) -> None:
    await room.discord.say("brian", room.name, "Peter, are you there?")
    await room.ask("Peter, are you there?")
    assert [turn.user_name for turn in await room.turns()] == ["alice"]


async def test_a_private_message_is_answered_by_the_one_who_got_it_and_known_to_no_other(room: Room) -> None:
    told = await room.discord.whisper("alice", "brian", "Peter must not know: I sold his car.")
    if room.webhooks:
        return  # Brian has no bot here, so nobody reads it
    await room.discord.until(lambda: len(told.channel.messages) == 2)
    (turn,) = await room.turns(told.channel)
    assert (turn.character, turn.place, turn.present) == ("brian", "private", ("brian",))


async def test_a_thread_is_a_conversation_of_its_own_that_hangs_on_its_channel(room: Room) -> None:
    thread = await room.discord.open_thread("alice", room.name, "beer")
    await room.discord.say("alice", thread, "Peter, tell me of beer.")
    await room.discord.until(lambda: len(thread.messages) == 2)
    (turn,) = await room.turns(thread)
    assert (turn.place, turn.parent_id) == ("thread", f"discord:{room.discord.where(room.name).id}")


async def test_who_changes_or_deletes_a_line_changes_what_is_kept(room: Room) -> None:
    await room.ask("Peter, do you know my sister Ann?")
    asked = room.discord.messages(room.name)[0]
    await room.discord.edit(asked, "Peter, do you know my sister Eve?")

    async def changed() -> bool:
        return (await room.turns())[0].input_text.endswith("Eve?")

    await come_true(changed)
    await room.discord.delete(asked)
    await room.discord.until(lambda: not room.discord.messages(room.name))
    assert await room.turns() == []


async def test_many_lines_that_are_deleted_at_once_are_forgotten(room: Room) -> None:
    said = [await room.say(f"Line {number} of mine.") for number in range(3)]
    await room.heard(3)
    await room.discord.delete(*said)
    await room.heard(0)


async def test_a_line_of_the_cast_that_a_moderator_deletes_is_forgotten(room: Room) -> None:
    await room.discord.delete(await room.ask("Peter, what is your favorite beer?"))
    await room.heard(0)


async def test_the_menu_says_a_line_anew_in_its_place(room: Room) -> None:
    answer = await room.ask("Peter, what is your favorite beer?")
    assert "may not" in await room.menu("alice", "Regenerate", answer)
    assert await room.menu("owner", "Regenerate", answer) == "Said anew."
    (turn,) = await room.turns()
    assert turn.replaces is not None
    assert [(m.id, m.content) for m in room.answers] == [(answer.id, turn.reply)]


async def test_the_menu_tells_why_a_line_was_said_and_forgets_it(room: Room) -> None:
    answer = await room.ask("Peter, what is your favorite beer?")
    (turn,) = await room.turns()
    assert turn.id in await room.menu("bob", "Why this line?", answer)
    assert "only who said a line" in await room.menu("bob", "Forget", answer)
    assert "Forgotten" in await room.menu("alice", "Forget", answer)
    await room.discord.until(lambda: answer.is_deleted)
    assert await room.turns() == []


async def test_the_menu_asks_for_a_rating(room: Room) -> None:
    answer = await room.ask("Peter, what is your favorite beer?")
    asked = await room.discord.press_menu("alice", room.with_menus, "Rate", answer)
    await asyncio.wait_for(asked.finished.wait(), 60)
    question = asked.messages[0]
    button = question.components[0]["components"][1]["custom_id"]
    await room.discord.press_button("alice", question, button)
    (turn,) = await room.turns()

    async def rated() -> bool:
        return (await room.there.tuning.ratings(RatingsRequest(turn_id=turn.id))).down == 1

    await come_true(rated)


async def test_slash_commands(room: Room) -> None:
    cast = await room.slash("alice", "cast")
    assert all(name in cast for name in ("Peter", "Brian", "Stewie"))
    assert "no line of the cast" in await room.slash("alice", "why")
    assert "may not" in await room.slash("alice", "quiet", minutes=5.0)
    assert "5 minutes" in await room.slash("owner", "quiet", minutes=5.0)
    await room.ask("Peter, what is your favorite beer?")
    (turn,) = await room.turns()
    assert turn.id in await room.slash("bob", "why")


async def test_a_connection_that_breaks_is_taken_up_again_and_nothing_is_answered_twice(room: Room) -> None:
    await room.say("Peter, are you there?")
    room.discord.drop_connections()
    await room.discord.until(lambda: len(room.answers) == 1)
    await room.discord.until_ready(*(["peter"] if room.webhooks else []))
    room.discord.gateway.repeats = 4  # what was said and answered is told once more
    room.discord.drop_connections()
    await room.discord.until_ready(*(["peter"] if room.webhooks else []))
    room.discord.gateway.repeats = 0
    await room.ask("Brian, are you there?")
    assert [turn.character for turn in await room.turns()] == ["peter", "brian"]


async def test_where_the_answer_of_discord_is_lost_a_message_is_still_sent_once(room: Room) -> None:
    path = "*/webhooks/*" if room.webhooks else "*/messages"
    room.discord.fail(Fault("POST", path, cut_after=True))
    await room.say("Peter, what is your favorite beer?")
    await room.discord.until(lambda: len(room.answers) == 1)
    await room.say("Brian, and yours?")
    await room.discord.until(lambda: len({m.shown_name for m in room.answers}) == 2)
    assert len(room.answers) == 2


async def test_a_burst_is_answered_in_order_each_line_once_and_without_a_storm_of_refusals(room: Room) -> None:
    rooms = [room, *(Room(room.discord, room.there, f"{room.name}-{n}", room.webhooks) for n in range(3))]
    for one in rooms[1:]:
        room.discord.add_channel(one.name)
    said = [f"{name}, what about story number {n}?" for n, name in enumerate(("Peter", "Brian", "Stewie"))]
    for text in said:
        for one in rooms:
            await one.say(text)
    await room.discord.until(lambda: all(len(one.answers) == len(said) for one in rooms), timeout_s=150)
    for one in rooms:
        kept = await one.turns()
        assert [turn.input_text for turn in kept] == said
        assert [turn.reply for turn in kept] == [message.content for message in one.answers]
    refused = [call for call in room.discord.calls if call.status == 429]
    assert len(refused) < len(said) * len(rooms), "one now and then, since a library learns limits by meeting them"


async def test_who_wishes_it_gets_what_is_kept_and_is_forgotten(room: Room) -> None:
    name = f"carol-{room.name}"
    room.discord.add_person(name)
    await room.discord.say(name, room.name, "Peter, my cat is called Minka.")
    await room.discord.until(lambda: len(room.answers) == 1)
    await room.ask("Brian, are you there?")
    asked = await room.discord.slash(name, "peter", "export", room.name)
    assert "what is kept" in await finished(asked)
    (file,) = asked.messages[-1].attachments
    assert file["filename"] == "greenroom.json"
    assert "Forgotten: 1 lines" in await finished(await room.discord.slash(name, "peter", "forget me", room.name))
    await room.discord.until(lambda: len(room.answers) == 1)  # the answer to it is gone from the channel, too
    assert [turn.user_name for turn in await room.turns()] == ["alice"]
