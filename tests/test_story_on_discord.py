"""The story that the product began with, on a make-believe Discord: Peter is asked about beer, Brian falls in, Stewie
dismisses both, and then it is quiet. With bots and with webhooks, in one process and with services on their own ports.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from greenroom.testing import FakeDiscord, FakeOllama, FastClock, NumberedIds
from greenroom.testing.fake_discord.server import BOTS
from greenroom.text import content_words
from tests.deployments import Addresses, Given, one_process, separate_services

pytestmark = pytest.mark.timeout(600)

QUESTION = "Peter, what is your favorite beer?"
LINES = {
    "Peter": "Pawtucket Patriot, and it ain't even close. I put it on my cereal once. Best breakfast of my life.",
    "Brian": "Well, actually, what you put on your cereal is a wet coupon. The formula that Stewie has is drier.",
    "Stewie": "Blast! One of you reeks of beer, the other of olives. Be silent, both of you; I have an empire to plan.",
}
_PATIENCE_S = 240.0
DICE = "sofa"
"""Ids of turns by which Brian takes five seconds, Stewie two, neither of them keeps silent, and then the talk dies."""


def spoken_line(asked: dict[str, Any]) -> str:
    """Who is asked to speak says its line; whatever else the house asks the model gets nothing to read."""
    prompt = str(asked.get("messages", ""))
    return next((line for name, line in LINES.items() if f"You are {name} Griffin" in prompt), "{}")


@dataclass
class Room:
    """The channel, and the house behind it."""

    discord: FakeDiscord
    addresses: Addresses
    clock: FastClock
    http: aiohttp.ClientSession

    @property
    def posted(self) -> list[tuple[str, str]]:
        """What stands there: who, as people see it, and what."""
        return [(message.shown_name.capitalize(), message.content) for message in self.discord.messages("general")]

    async def tell(self, path: str) -> Any:
        """What the house says of itself."""
        service, _, rest = path.partition("/")
        async with self.http.get(f"{self.addresses[service]}/{rest}") as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def turns(self) -> list[dict[str, Any]]:
        channel = f"discord:{self.discord.where('general').id}"
        return list((await self.tell(f"router/channels/{channel}/messages"))["turns"])

    async def grows_quiet(self) -> str:
        """Wait until nothing more will be said, and give the reason."""
        channel = f"discord:{self.discord.where('general').id}"
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                floor = await self.tell(f"coordinator/conversation-state?channel_id={channel}")
                answered = [turn for turn in await self.turns() if turn["state"] == "answered"]
                if floor["held_back_by"] and floor["next_at"] is None and len(self.posted) == 1 + len(answered):
                    await self.clock.sleep(13)  # longer than any pause: who were to speak would have
                    assert len(self.posted) == 1 + len(answered)
                    return str(floor["held_back_by"])
                await asyncio.sleep(0.05)


@asynccontextmanager
async def room(folder: Path, deployment: Any, *, webhooks: bool = False, **settings: Any) -> AsyncIterator[Room]:
    """The house on Discord with its own settings; its clock is fast, and its dice are known."""
    three = {f"DISCORD_BOT_TOKEN_{name.upper()}": token for name, token in BOTS.items()}
    environment = {"DISCORD_BOT_TOKEN": BOTS["peter"]} if webhooks else three
    clock = FastClock(4)
    async with FakeDiscord(people=("sam",)) as discord, aiohttp.ClientSession() as http:
        there = {"discord__api_base": discord.api_base, "discord__gateway_url": discord.gateway_url}
        # On a slow machine minutes may pass on this clock while a line is written: nothing is too late for that.
        patient = {"coordinator__stale_after_s": 36_000, "discord__catch_up_s": 36_000, "llm__check_every_s": 36_000}
        given = Given(environment, clock, NumberedIds(DICE))
        house = deployment(folder, given, **there, **patient, coordinator__organic=True, **settings)
        async with house as addresses:
            await discord.until_ready(*(["peter"] if webhooks else []))
            yield Room(discord, addresses, clock, http)


@pytest.mark.parametrize("webhooks", [False, True], ids=["bots", "webhooks"])
@pytest.mark.parametrize("deployment", [one_process, separate_services])
async def test_brian_falls_in_on_peter_and_stewie_on_both_and_then_it_is_quiet(
    tmp_path: Path, deployment: Any, webhooks: bool
) -> None:
    async with (
        FakeOllama(answer=spoken_line) as ollama,
        room(tmp_path, deployment, webhooks=webhooks, llm__ollama_url=ollama.url) as there,
    ):
        asked = await there.discord.say("sam", "general", QUESTION)
        await there.discord.until(lambda: len(there.posted) == 4, timeout_s=_PATIENCE_S)
        assert "dies down" in await there.grows_quiet()
        assert there.posted == [("Sam", QUESTION), *LINES.items()]
        answers = there.discord.messages("general")[1:]
        assert [one.reply_to for one in answers] == [None if webhooks else asked.id, None, None]
        receipts = [await there.tell(f"router/turns/{turn['id']}") for turn in await there.turns()]
    asked_for, brians, stewies = [receipt["request"]["cause"] for receipt in receipts]
    assert asked_for is None
    assert 2 <= brians["delay_s"] <= 8
    assert 1 <= stewies["delay_s"] <= 12


async def test_without_a_model_others_take_up_the_talk_and_nobody_tells_again_what_was_told(tmp_path: Path) -> None:
    async with room(tmp_path, one_process) as there:
        await there.discord.say("sam", "general", QUESTION)
        await there.discord.until(lambda: len(there.posted) > 2, timeout_s=_PATIENCE_S)
        await there.grows_quiet()
        told = there.posted[1:]
    assert told[0][0] == "Peter"
    assert {"beer", "brewing", "craft", "fermented", "despair"} & set(content_words(told[1][1])), told
    for number, (_, line) in enumerate(told):
        topics = set(content_words(line))
        assert all(2 * len(topics & set(content_words(before))) <= len(topics) for _, before in told[:number]), told
