"""What the door goes through: characters who fall in, restarts, faults, and bots that lack something."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete

from greenroom.app import House
from greenroom.discord.channels import Channels
from greenroom.discord.outbox import Outbox
from greenroom.discord.tables import discord_cursors, discord_posts
from greenroom.errors import Conflict
from greenroom.model import ChannelRequest, Nothing, OrganicRequest, Turn, TurnRequest
from greenroom.testing import FakeDiscord, FakeOllama, Reply
from greenroom.testing.fake_discord import Message
from tests.discord.stage import house, turn_of
from tests.waiting import come_true

ORGANIC = {
    "coordinator.organic": True,
    "coordinator.decay": 1.0,
    "coordinator.chain_limit": 2,
    "coordinator.character_cooldown_s": 0.0,
    "coordinator.pair_cooldown_s": 0.0,
}


async def turns(there: House, discord: FakeDiscord) -> list[Turn]:
    channel_id = f"discord:{discord.where('general').id}"
    return list((await there.turns.recall(ChannelRequest(channel_id=channel_id))).turns)


def answers(discord: FakeDiscord) -> list[Message]:
    return [message for message in discord.messages("general") if message.author.is_bot]


async def another(there: House, channel_id: str, is_enough: Callable[[], bool]) -> bool:
    """Have somebody fall in, without the door; return whether it is enough."""
    try:
        await there.coordinator.fall_in(OrganicRequest(channel_id=f"discord:{channel_id}"))
    except Conflict:
        return is_enough()  # nobody may now, or somebody has just done so
    return is_enough()


@pytest.mark.parametrize("webhooks", [False, True], ids=["bots", "webhooks"])
async def test_others_fall_in_on_an_answer_and_then_it_is_quiet(tmp_path: Path, webhooks: bool) -> None:
    async with FakeDiscord() as discord, house(tmp_path, discord, ORGANIC, webhooks=webhooks) as there:
        await discord.say("alice", "general", "Peter, what is your favorite beer?")
        channel_id = str(discord.where("general").id)
        await discord.until(lambda: len(answers(discord)) == 1)
        posted = await there.discord.organic_message(OrganicRequest(channel_id=channel_id))
        told = next(message for message in answers(discord) if str(message.id) == posted.message_ids[0])
        assert told.content == posted.text
        assert told.reply_to is None
        await come_true(lambda: another(there, channel_id, lambda: len(answers(discord)) == 3))
        kept = await turns(there, discord)
        assert [turn.message_type for turn in kept] == ["direct", "organic", "organic"]
        assert [turn.reply for turn in kept] == [message.content for message in answers(discord)]


async def test_a_reply_whose_question_is_deleted_while_it_is_written_does_not_come(tmp_path: Path) -> None:
    async with FakeOllama() as ollama, FakeDiscord() as discord:
        ollama.enqueue(Reply("Holy crap, that is a long story about the Drunken Clam.", tokens_per_s=5))
        async with house(tmp_path, discord, {"llm.ollama_url": ollama.url}) as there:
            asked = await discord.say("alice", "general", "Peter, tell me a story.")

            async def begun() -> bool:
                return len(await turns(there, discord)) == 1

            await come_true(begun)
            await discord.delete(asked)
            await discord.say("alice", "general", "Brian, are you there?")
            await discord.until(lambda: bool(answers(discord)))
            assert [message.author.name for message in answers(discord)] == ["brian"]


async def test_after_a_restart_only_the_newest_message_to_somebody_is_answered(tmp_path: Path) -> None:
    async with FakeDiscord() as discord:
        async with house(tmp_path, discord):
            await discord.say("alice", "general", "Peter, are you there?")
            await discord.until(lambda: len(answers(discord)) == 1)
        await say_what_is_missed(discord)
        async with house(tmp_path, discord) as there:
            await only_the_newest_to_somebody_is_answered(there, discord)


async def test_after_a_break_that_cannot_be_taken_up_only_the_newest_message_to_somebody_is_answered(
    tmp_path: Path,
) -> None:
    async with FakeDiscord() as discord, house(tmp_path, discord) as there:
        await discord.say("alice", "general", "Peter, are you there?")
        await discord.until(lambda: len(answers(discord)) == 1)
        begun = discord.gateway.identifies
        discord.invalidate_sessions()
        await say_what_is_missed(discord)
        await discord.until(lambda: discord.gateway.identifies == 2 * begun)
        await discord.until_ready()
        await only_the_newest_to_somebody_is_answered(there, discord)


async def say_what_is_missed(discord: FakeDiscord) -> None:
    for text in ("Peter, hello?", "Brian, where did Peter go?", "Well, well."):
        await discord.say("alice", "general", text)


async def only_the_newest_to_somebody_is_answered(there: House, discord: FakeDiscord) -> None:
    await discord.until(lambda: len(answers(discord)) == 2)
    kept = [(turn.input_text, turn.state) for turn in await turns(there, discord)][1:]
    passed_over = [("Peter, hello?", "heard"), ("Well, well.", "heard")]
    assert kept == [*passed_over, ("Brian, where did Peter go?", "answered")]
    assert answers(discord)[-1].author.name == "brian"


async def test_what_was_said_in_a_channel_for_the_first_time_while_the_door_was_closed_is_answered(
    tmp_path: Path,
) -> None:
    async with FakeDiscord() as discord:
        async with house(tmp_path, discord) as there:

            async def is_read() -> bool:
                return bool(await Channels(there.database, "").last_seen())

            await come_true(is_read)
        await discord.say("alice", "general", "Peter, are you there?")
        async with house(tmp_path, discord):
            await discord.until(lambda: len(answers(discord)) == 1)


async def test_a_line_that_was_said_before_a_door_was_ever_open_is_posted_once_it_is(tmp_path: Path) -> None:
    """It has a bot of its own, and the others have talked while that was set up."""
    async with FakeDiscord() as discord:
        channel = f"discord:{discord.where('general').id}"
        async with house(tmp_path, discord, {"discord.channels": ["1"]}) as there:
            reply = await there.router.orchestrate(
                TurnRequest(character_name="brian", input_text="And you, Brian?", channel_id=channel)
            )
        async with there.database, there.database.write() as connection:
            await connection.execute(delete(discord_cursors))
            await connection.execute(delete(discord_posts))
        for message in answers(discord):
            await discord.delete(message)
        for _ in range(2):
            async with house(tmp_path, discord):
                await discord.until(lambda: [one.content for one in answers(discord)] == [reply.response])


async def test_a_newer_message_calls_the_older_answer_off_where_the_owner_wants_it(tmp_path: Path) -> None:
    async with FakeOllama() as ollama, FakeDiscord() as discord:
        ollama.enqueue(Reply("Holy crap, that is a long story about the Drunken Clam.", tokens_per_s=1))
        ollama.enqueue("Holy crap, make it two beers, will ya?")
        async with house(tmp_path, discord, {"llm.ollama_url": ollama.url, "discord.newest_only": True}) as there:
            await discord.say("alice", "general", "Peter, tell me a story.")
            await ollama.until_busy()
            await discord.say("alice", "general", "Peter, or rather: what shall I bring you?")
            await discord.until(lambda: bool(answers(discord)))
            (answer,) = answers(discord)
            assert answer.content == "Holy crap, make it two beers, will ya?"
            assert [turn.state for turn in await turns(there, discord)] == ["left", "answered"]


async def test_after_a_restart_posts_that_are_too_old_are_forgotten(tmp_path: Path) -> None:
    async with FakeDiscord() as discord:
        async with house(tmp_path, discord) as there:
            outbox = Outbox(there.database, "")
            long_ago = datetime(2020, 1, 1, tzinfo=UTC)
            await outbox.take([turn_of("old", ended_at=long_ago)], long_ago)
            await outbox.posted((await outbox.of_turn("old"))[0], 42)
        async with house(tmp_path, discord) as there:
            outbox = Outbox(there.database, "")

            async def forgotten() -> bool:
                return await outbox.of_message(42) is None

            await come_true(forgotten)


async def test_when_there_is_no_answer_the_thread_is_lost_in_character_and_only_once(tmp_path: Path) -> None:
    async with FakeOllama() as ollama, FakeDiscord() as discord:
        for _ in range(20):
            ollama.enqueue(Reply(status=500))
        async with house(tmp_path, discord, {"llm.ollama_url": ollama.url, "turn.max_attempts": 1}) as there:
            for _ in range(2):
                await discord.say("alice", "general", "Peter, are you there?")

            async def failed() -> bool:
                return [turn.state for turn in await turns(there, discord)] == ["failed", "failed"]

            await come_true(failed)
            await discord.until(lambda: bool(answers(discord)))
            cast = (await there.characters.cast(Nothing())).characters
            lost = next(character.sheet.lost_thread for character in cast if character.id == "peter")
            assert [message.content in lost for message in answers(discord)] == [True]


async def test_what_bots_lack_is_said_by_health_and_never_in_the_channel(tmp_path: Path) -> None:
    async with FakeDiscord() as discord:
        discord.grant_intents("brian", message_content=False)
        discord.forbid("stewie", "general", "send_messages")
        async with house(tmp_path, discord, ready=("peter", "stewie")) as there:
            await come_true(lambda: says(there, "brian: switch on the 'Message Content Intent'"))
            await discord.say("alice", "general", "Stewie, are you there?")

            async def answered() -> bool:
                return [turn.state for turn in await turns(there, discord)] == ["answered"]

            await come_true(answered)
            await discord.say("alice", "general", "Peter, are you there?")
            await discord.until(lambda: bool(answers(discord)))
            assert [message.author.name for message in answers(discord)] == ["peter"]


async def test_a_channel_in_which_a_bot_may_not_speak_is_named_until_it_may(tmp_path: Path) -> None:
    async with FakeDiscord() as discord:
        discord.forbid("stewie", "general", "send_messages")
        async with house(tmp_path, discord) as there:
            await come_true(lambda: says(there, "stewie in channel"))
            discord.allow("stewie", "general", "send_messages")

            async def is_well() -> bool:
                return bool(await there.service("discord").ping() == "")

            await come_true(is_well)


async def test_a_refused_token_is_said_with_what_to_do(tmp_path: Path) -> None:
    two = {"peter": "token-of-peter", "brian": "another"}
    async with FakeDiscord(two) as discord, house(tmp_path, discord, ready=("peter",)) as there:
        await come_true(lambda: says(there, "Discord refuses the token; make a new one and set DISCORD_BOT_TOKEN_B"))


async def says(there: House, what: str) -> bool:
    health = await there.healths.checks["discord"].check()
    return what in health.dependencies["discord"].detail
