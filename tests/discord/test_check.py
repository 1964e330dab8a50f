import pytest
from pydantic import SecretStr

from greenroom.config import DiscordSettings
from greenroom.discord.check import look_at
from greenroom.discord.tokens import Account
from greenroom.discord.translating import speak_to
from greenroom.errors import Unavailable
from greenroom.model import CharacterId
from greenroom.testing import FakeDiscord, free_ports


def account(token: str = "token-of-peter", character: str | None = "peter") -> Account:  # noqa: S107 - of a fake
    return Account(SecretStr(token), "DISCORD_BOT_TOKEN_PETER", CharacterId(character) if character else None)


def settings(discord: FakeDiscord, **more: object) -> DiscordSettings:
    found = DiscordSettings.model_validate({"api_base": discord.api_base, **more})
    speak_to(found)
    return found


async def test_a_bot_that_has_all_it_needs_has_no_problems() -> None:
    async with FakeDiscord(channels=("general", "kitchen")) as discord:
        kitchen = str(discord.where("kitchen").id)
        found = await look_at(account(), settings(discord, channels=(kitchen,)))
        assert (found.bot, found.problems) == ("peter", ())
        assert [channel.partition(" ")[0] for channel in found.channels] == ["#kitchen"]
        assert "scope=bot" in found.invitation
        assert {call.method for call in discord.calls} == {"GET"}


async def test_what_a_bot_lacks_is_named_with_what_to_do() -> None:
    async with FakeDiscord() as discord:
        discord.grant_intents("peter", message_content=False)
        discord.forbid("peter", "general", "manage_webhooks", "send_messages")
        found = await look_at(account(character=None), settings(discord))
        assert "Message Content Intent" in found.problems[0]
        assert found.problems[1].endswith("it may not send messages, manage webhooks")
        assert found.channels == ()


async def test_a_channel_that_is_hidden_from_a_bot_is_no_problem_unless_it_is_meant_for_it() -> None:
    async with FakeDiscord(channels=("general", "mods")) as discord:
        discord.forbid("peter", "mods", "view_channel")
        found = await look_at(account(), settings(discord))
        assert (len(found.channels), found.problems) == (1, ())
        mods = str(discord.where("mods").id)
        wanted = await look_at(account(), settings(discord, channels=(mods,)))
        assert wanted.problems == (
            f"it does not see '{mods}' of discord.channels; let it: channel settings, Permissions",
        )
        discord.forbid("peter", "general", "view_channel")
        assert "it sees no channel on" in (await look_at(account(), settings(discord))).problems[0]


async def test_a_refused_token_is_named_by_its_variable_and_not_shown() -> None:
    async with FakeDiscord() as discord:
        found = await look_at(account("canary"), settings(discord))
    assert found.problems == ("Discord refuses the token; make a new one: DISCORD_BOT_TOKEN_PETER",)
    assert "canary" not in repr(found) + repr(account("canary"))


async def test_a_discord_that_is_away_is_no_finding() -> None:
    speak_to(DiscordSettings(api_base=f"http://127.0.0.1:{free_ports(1)[0]}"))
    with pytest.raises(Unavailable, match="Discord cannot be reached"):
        await look_at(account(), DiscordSettings())
