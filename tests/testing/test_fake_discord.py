"""The make-believe Discord is good enough for discord.py as it is, with three bots at once."""

from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest

from greenroom.testing.fake_discord import FakeDiscord, Fault, Rate
from greenroom.testing.fake_discord.refusal import Refusal
from greenroom.testing.fake_discord.server import BOTS
from tests.testing.discord_bots import Bot, bots_of, channel_of

THUMB = "👍"


@pytest.fixture
async def server() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as server:
        yield server


async def test_three_bots_see_one_message_and_the_one_who_is_meant_answers_it_pinging_nobody(
    server: FakeDiscord,
) -> None:
    async with bots_of(server) as bots:
        said = await server.say("alice", "general", "Hi <@peter>")
        await server.until(lambda: len(server.messages("general")) == 2)
        await server.until(lambda: all(len(bot.told("message")) == 2 for bot in bots))
    (answer,) = server.by("peter")
    assert answer.content == f"You called, <@{server.who('alice').id}>?"
    assert (answer.reply_to, answer.mentions) == (said.id, [])
    assert all(body["allowed_mentions"]["parse"] == [] for body in server.sent)
    assert [call.path for call in server.calls if call.path.endswith("/typing")]


async def test_edits_deletes_and_reactions_reach_the_bots(server: FakeDiscord) -> None:
    async with bots_of(server, ("peter",)) as (peter,):
        first, second, third = [await server.say("alice", "general", text) for text in ("one", "two", "three")]
        await server.edit(first, "uno")
        await server.react("bob", first, THUMB)
        await server.react("bob", first, THUMB)
        await server.unreact("bob", first, THUMB)
        await server.delete(first)
        await server.delete(second, third)
        await server.until(lambda: len(peter.told("delete")) == 2)
    assert peter.told("edit") == ["uno"]
    assert (peter.told("reaction"), peter.told("no reaction")) == ([THUMB], [THUMB])
    assert peter.told("delete") == [first.id, {second.id, third.id}]
    assert server.messages("general") == []


async def test_a_bot_that_lost_its_connection_resumes_and_hears_what_it_missed_once(server: FakeDiscord) -> None:
    async with bots_of(server) as bots:
        await server.say("alice", "general", "before")
        server.drop_connections()
        await server.say("alice", "general", "meanwhile")
        await server.until(lambda: all(bot.told("resumed") for bot in bots))
    assert all(bot.told("message") == ["before", "meanwhile"] for bot in bots)
    assert (server.gateway.identifies, server.gateway.resumes) == (3, 3)


async def test_a_resume_can_be_made_to_repeat_what_was_heard(server: FakeDiscord) -> None:
    async with bots_of(server, ("peter",)) as (peter,):
        await server.say("alice", "general", "again and again")
        await server.until(lambda: bool(peter.told("message")))
        server.gateway.repeats = 1
        server.drop_connections("peter")
        await server.until(lambda: bool(peter.told("resumed")))
    assert peter.told("message") == ["again and again", "again and again"]


async def test_bots_reconnect_when_asked_and_begin_anew_when_their_session_is_gone(server: FakeDiscord) -> None:
    async with bots_of(server, ("peter", "brian")):
        server.ask_to_reconnect("peter")
        await server.until(lambda: server.gateway.resumes == 1)
        server.invalidate_sessions("brian")
        await server.until(lambda: server.gateway.identifies == 3)
        await server.until_ready("peter", "brian")


async def test_the_server_can_go_away_and_come_back_with_all_that_was_said(server: FakeDiscord) -> None:
    async with bots_of(server, ("peter",)) as (peter,):
        await server.stop()
        await server.start()
        await server.until_ready("peter")
        await server.say("alice", "general", "still here?")
        await server.until(lambda: peter.told("message") == ["still here?"])


async def test_a_wrong_token_and_intents_that_are_switched_off_are_refused(server: FakeDiscord) -> None:
    stranger = Bot(discord.Intents.default())
    before, discord.http.Route.BASE = discord.http.Route.BASE, server.api_base
    try:
        with pytest.raises(discord.LoginFailure):
            await stranger.start("made up")
    finally:
        discord.http.Route.BASE = before
        await stranger.close()
    server.grant_intents("peter", message_content=False)
    assert await _closed_with(server, {"token": BOTS["peter"], "intents": 1 << 15}) == 4014
    assert await _closed_with(server, {"token": "made up", "intents": 0}) == 4004


async def test_without_the_intent_a_bot_gets_no_words_but_those_that_are_meant_for_it(server: FakeDiscord) -> None:
    server.grant_intents("peter", message_content=False)
    async with bots_of(server, ("peter",), discord.Intents.default()) as (peter,):
        await server.say("alice", "general", "a secret")
        await server.say("alice", "general", "<@peter>, a word")
        await server.whisper("alice", "peter", "in private")
        await server.until(lambda: len(peter.told("message")) == 4)  # its own answer is the fourth
    assert peter.told("message")[:2] == ["", f"<@{server.who('peter').id}>, a word"]
    assert "in private" in peter.told("message")


async def test_slash_commands_and_menus_are_answered_for_one_pair_of_eyes(server: FakeDiscord) -> None:
    async with bots_of(server, ("peter",)) as (peter,):
        _commands(peter)
        await peter.tree.sync()
        said = await server.say("alice", "general", "Road House")
        asked = await server.slash("alice", "peter", "cast", of="TV")
        await asked.finished.wait()
        pressed = await server.press_menu("alice", "peter", "Why", said)
        await server.until(lambda: "because" in pressed.text)
        with pytest.raises(LookupError, match="shows alice no command 'purge'"):
            await server.slash("alice", "peter", "purge")
        assert [one["name"] for one in server.commands_for("owner", "peter")] == ["cast", "purge", "Why"]
    assert (asked.text, asked.is_ephemeral) == ("Three, of TV", True)
    assert (pressed.text, pressed.is_ephemeral) == ("Road House: because", True)
    assert peter.told("message") == ["Road House"], "what one person sees is told to no bot"


async def test_an_interaction_that_is_answered_twice_or_too_late_is_refused() -> None:
    async with FakeDiscord(interaction_limit_s=-1.0) as server, bots_of(server, ("peter",)) as (peter,):
        codes: list[int] = []

        async def reply(interaction: discord.Interaction) -> None:
            try:
                await interaction.response.send_message("late")
            except discord.NotFound as exc:
                codes.append(exc.code)

        peter.tree.command(name="cast", description="Who is there")(reply)
        await peter.tree.sync()
        await server.slash("alice", "peter", "cast")
        await server.until(lambda: codes == [10062])


async def test_webhooks_speak_under_any_name_but_discords_in_channels_and_threads(server: FakeDiscord) -> None:
    async with bots_of(server, ("peter",)) as (peter,):
        channel = channel_of(peter, server)
        webhook = await channel.create_webhook(name="Greenroom")
        thread = await channel.create_thread(name="Scene", type=discord.ChannelType.public_thread)
        sent = await webhook.send("Victory!", username="Stewie", wait=True)
        await webhook.send("Blast!", username="Stewie", thread=thread, wait=True)
        await sent.edit(content="Victory is mine!")
        for name in ("Clyde", "My Discord", "x" * 81):
            with pytest.raises(discord.HTTPException) as refused:
                await webhook.send("Hello", username=name)
            assert (refused.value.status, refused.value.code) == (400, 50035)
        assert [one.name for one in await channel.webhooks()] == ["Greenroom"]
        await server.until(lambda: "Blast!" in peter.told("message"))
    (message,) = server.by("Stewie")
    assert (message.content, message.webhook is not None) == ("Victory is mine!", True)
    assert [one.content for one in server.by("Stewie", "Scene")] == ["Blast!"]


async def test_what_a_bot_may_not_do_is_refused_as_discord_refuses_it(server: FakeDiscord) -> None:
    async with bots_of(server, ("peter",)) as (peter,):
        channel = channel_of(peter, server)
        assert await _refused(channel.send("x" * 2001)) == (400, 50035)
        assert await _refused(channel.send("Hi", nonce="n" * 26)) == (400, 50035)
        assert await _refused(channel.send(" ")) == (400, 50006)
        said = await server.say("alice", "general", "Mine")
        assert await _refused(channel.get_partial_message(said.id).edit(content="Yours")) == (403, 50005)
        assert await _refused(channel.get_partial_message(said.id).delete()) == (403, 50013)
        assert await _refused(channel.fetch_message(1)) == (404, 10008)
        server.forbid("peter", "general", "send_messages")
        assert await _refused(channel.send("Hi")) == (403, 50013)
        server.forbid("everyone", "general", "view_channel")
        assert await _refused(channel.send("Hi")) == (403, 50001)
        server.who("alice").takes_private_messages = False
        alice = await peter.fetch_user(server.who("alice").id)
        assert await _refused(alice.send("Hi")) == (403, 50007)
    with pytest.raises(Refusal, match="Missing Permissions"):
        await server.say("alice", "general", "nobody is let in any more")


async def test_the_same_nonce_posts_once_even_when_the_answer_is_lost(server: FakeDiscord) -> None:
    async with bots_of(server, ("peter",)) as (peter,):
        channel = channel_of(peter, server)
        server.fail(Fault("POST", "*/messages", cut_after=True))
        with pytest.raises((aiohttp.ClientError, OSError)):
            await channel.send("Once", nonce="turn-1")
        again = await channel.send("Once", nonce="turn-1")
    (message,) = server.messages("general")
    assert (message.id, message.content) == (again.id, "Once")


async def test_history_is_read_from_either_end(server: FakeDiscord) -> None:
    said = [await server.say("alice", "general", str(number)) for number in range(5)]
    async with bots_of(server, ("peter",)) as (peter,):
        channel = channel_of(peter, server)
        newest = [message.content async for message in channel.history(limit=2)]
        later = [message.content async for message in channel.history(after=discord.Object(said[2].id))]
        earlier = [message.content async for message in channel.history(before=discord.Object(said[2].id))]
    assert (newest, later, earlier) == (["4", "3"], ["3", "4"], ["1", "0"])


async def test_a_client_that_keeps_to_the_limits_is_never_told_to_wait(server: FakeDiscord) -> None:
    server.limit_rates(Rate(2, 0.2))
    async with bots_of(server, ("peter",)) as (peter,):
        channel = channel_of(peter, server)
        for number in range(5):
            await channel.send(str(number))
    assert [message.content for message in server.messages("general")] == ["0", "1", "2", "3", "4"]
    assert server.rates.refused == 0


async def test_who_is_told_to_wait_comes_back_and_each_message_is_posted_once(server: FakeDiscord) -> None:
    server.limit_rates(None)
    slow = {"message": "You are being rate limited.", "retry_after": 0.05, "global": True}
    server.fail(Fault("POST", "*/messages", 429, slow, {"Via": "1.1 fake"}), Fault("POST", "*/messages", 502))
    async with bots_of(server, ("peter",)) as (peter,):
        await channel_of(peter, server).send("At last")
    assert [call.status for call in server.calls if call.path.endswith("/messages")] == [429, 502, 200]
    assert [message.content for message in server.messages("general")] == ["At last"]


async def test_threads_that_people_open_are_told_and_bots_can_speak_in_them(server: FakeDiscord) -> None:
    async with bots_of(server, ("peter",)) as (peter,):
        said = await server.say("alice", "general", "Let us go aside")
        thread = await server.open_thread("alice", "general", "Aside", said)
        await server.say("alice", thread, "<@peter>, are you here?")
        await server.until(lambda: len(server.messages(thread)) == 2)
        assert peter.told("thread") == ["Aside"]
    assert thread.id == said.id


async def test_only_who_may_do_so_pings_everyone(server: FakeDiscord) -> None:
    loud = await server.say("owner", "general", "@everyone, listen")
    quiet = await server.say("alice", "general", "@everyone, listen")
    assert (loud.mentions_everyone, quiet.mentions_everyone) == (True, False)


async def test_names_that_nobody_has_are_answered_with_those_that_there_are(server: FakeDiscord) -> None:
    with pytest.raises(LookupError, match="nobody is named 'meg'; there are owner, peter, brian, stewie, alice, bob"):
        await server.say("meg", "general", "Hi")
    with pytest.raises(LookupError, match="no channel is named 'attic'; there are general"):
        await server.say("alice", "attic", "Hi")


def _commands(bot: Bot) -> None:
    @bot.tree.command(description="Who is there")
    async def cast(interaction: discord.Interaction, of: str) -> None:
        await interaction.response.send_message(f"Three, of {of}", ephemeral=True)

    @bot.tree.command(description="Remove all")
    @discord.app_commands.default_permissions(manage_guild=True)
    async def purge(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("Gone")

    @bot.tree.context_menu(name="Why")
    async def why(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.followup.send(f"{message.content}: because")


async def _refused(asking: object) -> tuple[int, int]:
    """The status and the code with which it is refused."""
    with pytest.raises(discord.HTTPException) as refused:
        await asking  # type: ignore[misc]
    return refused.value.status, refused.value.code


async def _closed_with(server: FakeDiscord, identify: dict[str, object]) -> int | None:
    """The code with which the gateway closes on this IDENTIFY."""
    async with aiohttp.ClientSession() as session, session.ws_connect(server.gateway_url) as connection:
        assert (await connection.receive_json())["op"] == 10
        await connection.send_json({"op": 2, "d": identify})
        await connection.receive()
        return connection.close_code
