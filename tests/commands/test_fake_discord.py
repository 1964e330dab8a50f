"""`greenroom up --fake-discord`: the cast can be tried on Discord without an account."""

import json
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from greenroom.commands.make_believe import on_fake, opened
from greenroom.config import load
from greenroom.errors import PortTaken
from greenroom.model import Nothing
from greenroom.testing import FakeDiscord, FixedCast
from tests.commands.running import running


def test_one_command_opens_a_discord_on_which_the_cast_answers(tmp_path: Path) -> None:
    words = ["up", "--port", "0", "--fake-discord", "--fake-discord-port", "0"]
    with running(words, tmp_path) as discord:
        _waited_for(lambda: [one for one in discord.get("/page/state")["accounts"] if one["bot"] and one["online"]], 3)
        _say(discord.url, who="Sam", where="general", text="Peter, which beer should I bring?")
        lines = _waited_for(lambda: list(discord.get("/page/messages?channel=general")), 2)
    assert [line["name"] for line in lines[:2]] == ["Sam", "Peter"]


async def test_no_real_token_reaches_the_fake_and_one_for_all_means_one_bot(tmp_path: Path) -> None:
    cast = (await FixedCast().cast(Nothing())).characters
    for real, bots in (
        ({"DISCORD_BOT_TOKEN": "real"}, ["greenroom"]),
        ({"DISCORD_BOT_TOKEN": "real", "DISCORD_BOT_TOKEN_MEG": "real"}, [one.id for one in cast]),
        ({}, [one.id for one in cast]),
    ):
        fake = FakeDiscord({})
        loaded = on_fake(fake, load({"discord.channels": ["1"]}, environment=real, folder=tmp_path), cast)
        assert [one.name for one in fake.community.accounts.values() if one.is_bot] == bots
        tokens = {one.token for one in fake.community.accounts.values() if one.is_bot}
        assert set(loaded.environment.values()) == tokens
        assert loaded.settings.discord.bot_token.get_secret_value() in {"", *tokens}
        assert (loaded.settings.discord.api_base, loaded.settings.discord.channels) == (fake.api_base, ())


async def test_a_taken_port_of_the_page_says_how_to_choose_another() -> None:
    async with FakeDiscord() as first:
        with pytest.raises(PortTaken, match=f"port {first.port} is in use; choose another with --fake-discord-port"):
            async with opened(FakeDiscord(port=first.port), Console()):
                pass


def _say(url: str, **fields: str) -> None:
    headers = {"Content-Type": "application/json"}
    asked = urllib.request.Request(f"{url}/control/say", json.dumps(fields).encode(), headers)  # noqa: S310 - our own
    with urllib.request.urlopen(asked, timeout=30) as response:  # noqa: S310
        assert response.status == 200


def _waited_for(found: Callable[[], list[dict[str, Any]]], count: int) -> list[dict[str, Any]]:
    """What is found, once there is so much of it."""
    until_s = time.monotonic() + 60
    while len(there := found()) < count:
        assert time.monotonic() < until_s, there
        time.sleep(0.2)
    return there
