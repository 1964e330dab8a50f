import pytest
from pydantic import SecretStr

from greenroom.config import DiscordSettings
from greenroom.discord.permissions import may_use, takes_part
from greenroom.discord.said import Said
from greenroom.discord.tokens import accounts
from greenroom.errors import WrongSetting
from greenroom.model import CharacterId, Sheet
from greenroom.testing import FixedCast

CAST = tuple(FixedCast(Sheet(name="Peter"), Sheet(name="Dr Hartman")).characters.values())
ANYBODY = frozenset({"@everyone", "1"})


def said(**changes: object) -> Said:
    values: dict[str, object] = {"message_id": 1, "channel_id": 5, "author_id": 9, "author_name": "Ann", "text": "Hi"}
    return Said(**(values | changes))  # type: ignore[arg-type]  # a test names the fields itself


def test_the_cast_takes_part_everywhere_unless_channels_are_named() -> None:
    assert takes_part(said(), DiscordSettings())
    assert not takes_part(said(), DiscordSettings(channels=("6",)))
    assert takes_part(said(), DiscordSettings(channels=("5",)))
    assert takes_part(said(channel_id=7, parent_id=5, place="thread"), DiscordSettings(channels=("5",)))


def test_who_has_opted_out_is_not_heard() -> None:
    settings = DiscordSettings(opt_out_role="no bots")
    assert not takes_part(said(roles=frozenset({"No Bots", "12"})), settings)
    assert not takes_part(said(roles=frozenset({"No Bots", "12"})), DiscordSettings(opt_out_role="12"))
    assert takes_part(said(roles=ANYBODY), settings)


def test_private_messages_need_a_bot_that_is_somebody() -> None:
    private = said(place="private", to=CharacterId("peter"))
    assert takes_part(private, DiscordSettings(channels=("6",)))
    assert not takes_part(private, DiscordSettings(direct_messages=False))
    assert not takes_part(said(place="private"), DiscordSettings())


def test_quiet_is_for_moderators_unless_the_settings_say_whose_it_is() -> None:
    assert may_use("why", ANYBODY, False, DiscordSettings())
    assert not may_use("quiet", ANYBODY, False, DiscordSettings())
    assert may_use("quiet", ANYBODY, True, DiscordSettings())
    settings = DiscordSettings(command_roles={"quiet": ("Keeper",), "why": ()})
    assert may_use("quiet", ANYBODY | {"keeper"}, False, settings)
    assert not may_use("quiet", ANYBODY, True, settings)
    assert not may_use("why", ANYBODY, True, settings)


def test_each_token_is_of_one_character_and_the_one_without_a_name_of_all_others() -> None:
    tokens = {"DR_HARTMAN": SecretStr("a"), "PETER": SecretStr("b")}
    found = accounts(SecretStr("c"), tokens, CAST, None)
    assert [(account.bot, account.variable) for account in found] == [
        ("dr-hartman", "DISCORD_BOT_TOKEN_DR_HARTMAN"),
        ("peter", "DISCORD_BOT_TOKEN_PETER"),
        ("webhooks", "DISCORD_BOT_TOKEN"),
    ]
    assert [account.bot for account in accounts(SecretStr("c"), tokens, CAST, "peter")] == ["peter"]


def test_a_token_of_nobody_is_a_wrong_setting() -> None:
    with pytest.raises(WrongSetting, match="DISCORD_BOT_TOKEN_PETRA is the token of nobody"):
        accounts(SecretStr(""), {"PETRA": SecretStr("a")}, CAST, None)


def test_a_door_for_one_character_that_has_no_token_says_who_has_one() -> None:
    with pytest.raises(WrongSetting, match="no bot token of the character 'petra'; those that have one: 'peter'"):
        accounts(SecretStr("c"), {"PETER": SecretStr("a")}, CAST, "petra")
