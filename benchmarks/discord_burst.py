"""A burst on Discord: many people write at once in many channels, to three bots.

`python -m benchmarks.discord_burst` needs no Discord and no model: it opens both, make-believe, and the whole house in
one process. It says how long it took, and whether all was answered, once, in order, and without a storm of refusals.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections import Counter
from itertools import cycle, product
from pathlib import Path
from typing import Any

from greenroom.app import House
from greenroom.config import SERVICES, load
from greenroom.testing import FakeDiscord, FakeOllama
from greenroom.testing.fake_discord.server import BOTS

_OPENERS = ("I was told", "Nobody believed", "It is written", "My cousin swears", "They say in Quahog", "I once dreamt")
_WHAT = ("a lobster", "the mayor", "a trombone", "our postman", "the giant chicken", "a lost umbrella", "a polite bear")
_DID = ("opened a bank", "ate the ferry", "married a lighthouse", "ran the marathon", "sang until noon")
_NAMES = ("Peter", "Brian", "Stewie")
_LONGEST_S = 1800.0
_SETTLING_S = 15.0
"""What is said before the door is ready counts as missed, and of that only the newest is answered."""


class Talk:
    """Another line each time, over some hundreds: characters that repeat themselves are not let through."""

    def __init__(self) -> None:
        self._lines = cycle(product(_DID, _WHAT, _OPENERS))

    def __call__(self, body: dict[str, Any]) -> str:
        """The next line."""
        did, what, opener = next(self._lines)
        return f"{opener} that {what} {did} before anybody had breakfast."


async def burst(messages: int, channels: int, folder: Path) -> None:
    """Write them all, and wait until there are as many answers."""
    places = [f"room-{number}" for number in range(channels)]
    async with FakeOllama(answer=Talk()) as ollama, FakeDiscord(channels=places) as discord:
        settings = {
            "data_dir": folder,
            "llm.ollama_url": ollama.url,
            "coordinator.organic": False,
            "discord.typing_words_per_s": 0,
            "discord.api_base": discord.api_base,
            "discord.gateway_url": discord.gateway_url,
        }
        tokens = {f"DISCORD_BOT_TOKEN_{name.upper()}": token for name, token in BOTS.items()}
        house = House(load(settings, environment=tokens, folder=folder))
        house.here = tuple(name for name in SERVICES if name != "web")
        async with house.open():
            await discord.until_ready()
            await asyncio.sleep(_SETTLING_S)
            began_s = time.monotonic()
            asked = [
                await discord.say("alice", place, f"{_NAMES[number % 3]}, what about story number {number}?")
                for number in range(messages // channels)
                for place in places
            ]
            said_s = time.monotonic() - began_s
            await _all_answered(discord, places, len(asked))
            _report(discord, places, said_s, time.monotonic() - began_s)


async def _all_answered(discord: FakeDiscord, places: list[str], count: int) -> None:
    """Wait for so many answers, and a little for those that are too many; or until nothing more seems to come."""
    until_s = time.monotonic() + _LONGEST_S
    before, quiet_since_s = -1, time.monotonic()
    while (there := len(_answers(discord, places))) < count and time.monotonic() < until_s:
        if there != before:
            before, quiet_since_s = there, time.monotonic()
        if time.monotonic() - quiet_since_s > 120:
            break
        await asyncio.sleep(0.2)
    await asyncio.sleep(5)


def _answers(discord: FakeDiscord, places: list[str]) -> list[int | None]:
    return [line.reply_to for place in places for line in discord.messages(place) if line.author.is_bot]


def _report(discord: FakeDiscord, places: list[str], said_s: float, took_s: float) -> None:
    answered = Counter(_answers(discord, places))
    asked = [line.id for place in places for line in discord.messages(place) if not line.author.is_bot]
    in_order = sum(_is_in_order(discord, place) for place in places)
    refused = sum(call.status == 429 for call in discord.calls)
    print(f"{len(asked)} messages in {len(places)} channels, written in {said_s:.1f} s, answered after {took_s:.1f} s")
    print(f"never answered: {sum(one not in answered for one in asked)}, more than once: {_more_than_once(answered)}")
    print(f"channels in order: {in_order} of {len(places)}; calls refused with 429: {refused} of {len(discord.calls)}")
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


def _is_in_order(discord: FakeDiscord, place: str) -> bool:
    """Whether the answers came in the order of what they answer."""
    answered = [line.reply_to or 0 for line in discord.messages(place) if line.author.is_bot]
    return answered == sorted(answered)


def _more_than_once(answered: Counter[int | None]) -> int:
    return sum(count > 1 for count in answered.values())


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.discord_burst", description=__doc__)
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--channels", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(burst(given.messages, given.channels, Path(folder)))


if __name__ == "__main__":
    main()
