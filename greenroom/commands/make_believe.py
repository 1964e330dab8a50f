"""`greenroom up --fake-discord`: the cast on a make-believe Discord, which shows itself on a page of its own.

The only part of the product that knows a fake. Tokens are made up, so that nothing real is sent anywhere.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from pydantic import SecretStr
from rich.console import Console

from greenroom.app import House
from greenroom.commands.running import run
from greenroom.config import BOT_TOKEN, Loaded
from greenroom.errors import PortTaken
from greenroom.model import Character, Nothing
from greenroom.testing import FakeDiscord, free_ports

_MOST_BOTS = 10
_FIRST_ANSWER_S = 3.0
"""As on Discord: what is too slow there is too slow here."""
_PEOPLE = ("Sam", "Ann")
_CHANNELS = ("general", "lounge")


def run_on_fake_discord(loaded: Loaded, port: int, console: Console) -> None:
    """Serve everything, and a Discord for it, until a signal comes. `port` 0 takes a free one.

    Raises: PortTaken; whatever running and opening raise.
    """
    fake = FakeDiscord({}, _PEOPLE, _CHANNELS, port=port or free_ports(1)[0], interaction_limit_s=_FIRST_ANSWER_S)
    run(on_fake(fake, loaded, asyncio.run(_cast(loaded))), None, console, beside=opened(fake, console))


def on_fake(fake: FakeDiscord, loaded: Loaded, cast: Sequence[Character]) -> Loaded:
    """Have the cast's bots on the fake: one each, or one for all where that is the only real token.

    Returns: the settings with which they are there and nowhere else; no real token is in them.
    """
    tokens = _bots(fake, loaded, cast)
    kept = {name: value for name, value in loaded.environment.items() if not name.startswith(BOT_TOKEN)}
    there = {"api_base": fake.api_base, "gateway_url": fake.gateway_url, "channels": ()}  # real ones are not there
    token = SecretStr(tokens.get(BOT_TOKEN, ""))
    door = loaded.settings.discord.model_copy(update=there | {"bot_token": token})
    return replace(
        loaded, settings=loaded.settings.model_copy(update={"discord": door}), environment={**kept, **tokens}
    )


async def _cast(loaded: Loaded) -> Sequence[Character]:
    house = House(loaded)
    house.here = ("characters",)
    async with house.open():
        return (await house.characters.cast(Nothing())).characters


def _bots(fake: FakeDiscord, loaded: Loaded, cast: Sequence[Character]) -> Mapping[str, str]:
    """Have the bots, and give the variables of their tokens."""
    if loaded.settings.discord.bot_token.get_secret_value() and not loaded.secrets(f"{BOT_TOKEN}_"):
        fake.add_bot("greenroom", token := secrets.token_hex(16), "Greenroom")
        return {BOT_TOKEN: token}
    tokens = {}
    for character in cast[:_MOST_BOTS]:
        variable = f"{BOT_TOKEN}_{character.id.upper().replace('-', '_')}"
        tokens[variable] = secrets.token_hex(16)
        fake.add_bot(character.id, tokens[variable], character.name)
    return tokens


@asynccontextmanager
async def opened(fake: FakeDiscord, console: Console) -> AsyncIterator[None]:
    """Open the fake, and say where it is. Raises: PortTaken."""
    try:
        await fake.start()
    except OSError as exc:
        raise PortTaken(f"port {fake.port} is in use; choose another with --fake-discord-port") from exc
    console.print(f"A make-believe Discord is open: [bold]{fake.url}[/] (write there as a person)")
    try:
        yield
    finally:
        await fake.stop()
