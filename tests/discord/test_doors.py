"""A door for each character in a process of its own, all services on ports of their own."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from greenroom.app import House
from greenroom.config import load
from greenroom.model import Nothing
from greenroom.testing import FakeDiscord, free_ports, serving
from greenroom.testing.fake_discord.server import BOTS
from tests.deployments import PAGELESS, Addresses, separate_services
from tests.discord.stage import QUICK

_TOKENS = {f"DISCORD_BOT_TOKEN_{name.upper()}": token for name, token in BOTS.items()}


@asynccontextmanager
async def doors(folder: Path, discord: FakeDiscord, addresses: Addresses) -> AsyncIterator[None]:
    """`greenroom serve discord --character` for each bot; all find the tokens of all."""
    there = {"discord.api_base": discord.api_base, "discord.gateway_url": discord.gateway_url, "data_dir": folder}
    peers = {f"peers.{name}": addresses[name] for name in PAGELESS}
    async with AsyncExitStack() as stack:
        for name in BOTS:
            loaded = load({**QUICK, **there, **peers}, environment=_TOKENS, folder=folder)
            door = House(loaded, "discord", character=name)
            await stack.enter_async_context(door.open())
            await stack.enter_async_context(serving(door.application()))
        await discord.until_ready()
        yield


async def test_three_doors_answer_once_and_keep_what_was_said_once(tmp_path: Path) -> None:
    asked = ["Peter, are you there?", "Brian, are you there?", "Stewie, are you there?"]
    lines = ["Peter, what is your favorite beer?", "What a day!", *asked]
    async with (
        FakeDiscord() as discord,
        separate_services(tmp_path) as addresses,
        doors(tmp_path, discord, addresses),
        aiohttp.ClientSession() as http,
    ):
        for line in lines:
            await discord.say("alice", "general", line)
        # A door takes in one line after another: whose bot has answered its last one has done with all before.
        await discord.until(lambda: [len(discord.by(bot)) for bot in ("peter", "brian", "stewie")] == [2, 1, 1])
        channel = f"discord:{discord.where('general').id}"
        async with http.get(f"{addresses['router']}/channels/{channel}/messages") as response:
            turns = (await response.json())["turns"]
    assert Counter(turn["input_text"] for turn in turns) == Counter(lines)
    answered = {turn["input_text"]: turn["character"] for turn in turns if turn["state"] == "answered"}
    assert answered == {lines[0]: "peter", **dict(zip(asked, BOTS, strict=True))}
    assert len([message for message in discord.messages("general") if message.author.is_bot]) == 4


@pytest.mark.parametrize(("environment", "is_listed"), [({}, False), (_TOKENS, True)], ids=["no token", "tokens"])
async def test_a_router_alone_asks_a_door_only_where_one_is_set_up(
    tmp_path: Path, environment: dict[str, str], is_listed: bool
) -> None:
    apart = {f"ports.{name}": port for name, port in zip(PAGELESS, free_ports(len(PAGELESS)), strict=True)}
    router = House(load({**QUICK, **apart, "data_dir": tmp_path}, environment=environment, folder=tmp_path), "router")
    async with router.open():
        health = await router.router.services_health(Nothing())
    assert ("discord" in health.services) == is_listed
    assert "crawler" in health.services
