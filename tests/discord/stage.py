"""What the tests of the door have in common: turns, a voice that only notes what it says, a house on Discord."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from greenroom.app import House
from greenroom.config import load
from greenroom.discord.voices import Utterance
from greenroom.errors import GreenroomError, NotFound
from greenroom.model import CharacterId, Turn
from greenroom.testing import FakeDiscord
from greenroom.testing.fake_discord.server import BOTS
from tests.deployments import PAGELESS

QUICK: dict[str, Any] = {
    "llm.ollama_url": "",
    "llm.understudy_words_per_s": 0,
    "coordinator.organic": False,
    "discord.typing_words_per_s": 0,
    "background.look_every_s": 3600,
}
"""No model server, nobody who falls in, no pauses for typing, and no world that comes about."""
CHANNEL = 5
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def turn_of(turn_id: str, reply: str | None = "Hello there.", **changes: Any) -> Turn:
    """A turn of Peter's in channel 5, which was answered."""
    values: dict[str, Any] = {
        "id": turn_id,
        "position": 1,
        "channel_id": f"discord:{CHANNEL}",
        "character": "peter",
        "character_name": "Peter",
        "user_id": "discord:1",
        "user_name": "Ann",
        "message_type": "direct",
        "input_text": "Hello, Peter.",
        "reply": reply,
        "state": "answered",
        "begun_at": NOW,
        "ended_at": NOW,
    }
    return Turn.model_validate(values | changes)


class FakeVoice:
    """A voice in a channel that the test can read. `enqueue` an error, and the next message meets it."""

    def __init__(self, character: str = "peter", channels: Sequence[int] = (CHANNEL,)) -> None:
        self.character = CharacterId(character)
        self.channels = channels
        self.messages: dict[int, Utterance] = {}
        self.typed = 0
        self.errors: list[GreenroomError] = []
        self.errors_after_sending: list[GreenroomError] = []

    @property
    def texts(self) -> list[str]:
        """What stands in the channel."""
        return [line.text for line in self.messages.values()]

    def hears(self, channel_id: int) -> bool:
        return channel_id in self.channels

    @asynccontextmanager
    async def typing(self, channel_id: int) -> AsyncIterator[None]:
        self.typed += 1
        yield

    async def say(self, line: Utterance) -> int:
        if self.errors:
            raise self.errors.pop(0)
        message_id = 100 + len(self.messages)
        self.messages[message_id] = line
        if self.errors_after_sending:
            raise self.errors_after_sending.pop(0)
        return message_id

    async def edit(self, channel_id: int, message_id: int, text: str) -> None:
        if message_id not in self.messages:
            raise NotFound("it is gone")
        old = self.messages[message_id]
        self.messages[message_id] = Utterance(old.channel_id, text, old.nonce, old.reply_to, old.silent)

    async def delete(self, channel_id: int, message_id: int) -> None:
        self.messages.pop(message_id, None)

    async def find(self, line: Utterance, since: datetime) -> Sequence[int]:
        return [key for key, sent in reversed(self.messages.items()) if line.nonce == sent.nonce]


@asynccontextmanager
async def house(
    folder: Path,
    discord: FakeDiscord,
    settings: Mapping[str, Any] | None = None,
    *,
    webhooks: bool = False,
    ready: Sequence[str] = (),
) -> AsyncIterator[House]:
    """`greenroom up` without the page, with three bots on a make-believe Discord, or with one for all of them.

    It is open when those bots are `ready`, without names all.
    """
    addresses = {"discord.api_base": discord.api_base, "discord.gateway_url": discord.gateway_url}
    one = {"DISCORD_BOT_TOKEN": BOTS["peter"]}
    three = {f"DISCORD_BOT_TOKEN_{name.upper()}": token for name, token in BOTS.items()}
    overrides = {**QUICK, **addresses, "data_dir": folder, **(settings or {})}
    opened = House(load(overrides, environment=one if webhooks else three, folder=folder))
    opened.here = PAGELESS
    async with opened.open():
        await discord.until_ready(*(["peter"] if webhooks else ready))
        yield opened
