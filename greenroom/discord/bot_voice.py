"""A character that has a bot account of its own."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import discord
import structlog

from greenroom.discord.translating import translated
from greenroom.discord.voices import Utterance
from greenroom.errors import GreenroomError
from greenroom.model import CharacterId

NOBODY = discord.AllowedMentions.none()
_CLOCKS_DIFFER = timedelta(seconds=60)
_LOOK_THROUGH = 100

log = structlog.get_logger(__name__)


class BotVoice:
    """Speaks as the bot that `client` is logged in as: with presence, replies and private messages."""

    def __init__(self, client: discord.Client, character: CharacterId) -> None:
        self.character = character
        self._client = client

    def hears(self, channel_id: int) -> bool:
        """Whether the bot sees the channel."""
        return sees(self._client, channel_id)

    @asynccontextmanager
    async def typing(self, channel_id: int) -> AsyncIterator[None]:
        """Show that the bot types."""
        async with typing_in(self._client, channel_id):
            yield

    async def say(self, line: Utterance) -> int:
        """Send a message. Within some minutes Discord itself knows its nonce again, and makes it one."""
        with translated("send messages"):
            sent: discord.Message = await self._channel(line.channel_id).send(
                line.text,
                nonce=line.nonce,
                reference=_reply(line),
                mention_author=False,
                allowed_mentions=NOBODY,
                silent=line.silent,
                suppress_embeds=True,
            )
        return sent.id

    async def edit(self, channel_id: int, message_id: int, text: str) -> None:
        """Put another text into a message."""
        with translated("edit messages"):
            message = self._channel(channel_id).get_partial_message(message_id)
            await message.edit(content=text, allowed_mentions=NOBODY)

    async def delete(self, channel_id: int, message_id: int) -> None:
        """Delete a message."""
        with translated("delete messages"):
            try:
                await self._channel(channel_id).get_partial_message(message_id).delete()
            except discord.NotFound:
                log.debug("discord.gone_already", message=message_id)

    async def find(self, line: Utterance, since: datetime) -> Sequence[int]:
        """The messages of this bot with this nonce or text."""
        assert self._client.user is not None, "a voice is made when its bot is logged in"
        own = self._client.user.id
        return [
            message.id
            async for message in history(self._channel(line.channel_id), since)
            if message.author.id == own and (message.nonce == line.nonce or message.content == line.text)
        ]

    def _channel(self, channel_id: int) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(channel_id)


def _reply(line: Utterance) -> Any:
    """What the message answers. Any, because the declared types of `send` know no None, which it takes."""
    if line.reply_to is None:
        return None
    return discord.MessageReference(message_id=line.reply_to, channel_id=line.channel_id, fail_if_not_exists=False)


def sees(client: discord.Client, channel_id: int) -> bool:
    """Whether a bot sees a channel; what it has not heard of, it does not."""
    channel = client.get_channel(channel_id)
    if channel is None or isinstance(channel, discord.abc.PrivateChannel):
        return channel is not None
    return channel.permissions_for(channel.guild.me).view_channel


@asynccontextmanager
async def typing_in(client: discord.Client, channel_id: int) -> AsyncIterator[None]:
    """Show that a bot types. Nobody waits for that to be shown: Discord limits how often it may be."""
    showing = asyncio.create_task(_type(client, channel_id))
    try:
        yield
    finally:
        showing.cancel()
        await asyncio.wait([showing])


async def _type(client: discord.Client, channel_id: int) -> None:
    try:
        with translated("show that it types"):
            async with client.get_partial_messageable(channel_id).typing():
                await asyncio.Event().wait()
    except GreenroomError as exc:
        log.debug("discord.not_typing", channel=channel_id, detail=exc.detail)


async def history(channel: discord.PartialMessageable, since: datetime) -> AsyncIterator[discord.Message]:
    """The messages of a channel since a moment of ours, which may be another on Discord's clock; the newest first."""
    with translated("read the message history"):
        after = since - _CLOCKS_DIFFER
        async for message in channel.history(after=after, limit=_LOOK_THROUGH, oldest_first=False):
            yield message
