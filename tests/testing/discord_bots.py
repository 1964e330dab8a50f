"""Bots written with discord.py, as it is, which note what they meet."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord
import yarl
from discord import app_commands

from greenroom.testing.fake_discord import FakeDiscord
from greenroom.testing.fake_discord.server import BOTS


class Bot(discord.Client):
    """Answers who mentions it, with a nonce that is the id of the message; `met` has all that it was told."""

    def __init__(self, intents: discord.Intents) -> None:
        super().__init__(intents=intents, allowed_mentions=discord.AllowedMentions.none(), guild_ready_timeout=0.05)
        self.met: list[tuple[str, Any]] = []
        self.tree = app_commands.CommandTree(self)

    def told(self, kind: str) -> list[Any]:
        """What it was told of one kind."""
        return [what for told, what in self.met if told == kind]

    async def on_message(self, message: discord.Message) -> None:
        self.met.append(("message", message.content))
        if self.user in message.mentions:
            async with message.channel.typing():
                await message.reply(f"You called, {message.author.mention}?", nonce=str(message.id))

    async def on_raw_message_edit(self, edit: discord.RawMessageUpdateEvent) -> None:
        self.met.append(("edit", edit.message.content))

    async def on_raw_message_delete(self, delete: discord.RawMessageDeleteEvent) -> None:
        self.met.append(("delete", delete.message_id))

    async def on_raw_bulk_message_delete(self, delete: discord.RawBulkMessageDeleteEvent) -> None:
        self.met.append(("delete", delete.message_ids))

    async def on_raw_reaction_add(self, reaction: discord.RawReactionActionEvent) -> None:
        self.met.append(("reaction", str(reaction.emoji)))

    async def on_raw_reaction_remove(self, reaction: discord.RawReactionActionEvent) -> None:
        self.met.append(("no reaction", str(reaction.emoji)))

    async def on_thread_create(self, thread: discord.Thread) -> None:
        self.met.append(("thread", thread.name))

    async def on_resumed(self) -> None:
        self.met.append(("resumed", True))


@asynccontextmanager
async def bots_of(
    server: FakeDiscord, names: tuple[str, ...] = tuple(BOTS), intents: discord.Intents | None = None
) -> AsyncIterator[list[Bot]]:
    """Connect these bots to the fake; they are ready, and leave in good order."""
    before = discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY
    discord.http.Route.BASE = server.api_base
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(server.gateway_url)
    bots = [Bot(intents or everything()) for _ in names]
    running = [asyncio.create_task(bot.start(BOTS[name])) for bot, name in zip(bots, names, strict=True)]
    try:
        await server.until_ready(*names)
        for bot in bots:
            await bot.wait_until_ready()
        yield bots
    finally:
        for bot in bots:
            await bot.close()
        await asyncio.wait(running)
        discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = before


def everything() -> discord.Intents:
    """All that a chat bot may ask for."""
    intents = discord.Intents.default()
    intents.message_content = intents.members = True
    return intents


def channel_of(bot: Bot, server: FakeDiscord, name: str = "general") -> discord.TextChannel:
    """A channel as the bot knows it."""
    found = bot.get_channel(server.where(name).id)
    assert isinstance(found, discord.TextChannel)
    return found
