"""Characters without a bot: one bot speaks for them through webhooks, with their names and pictures."""

import base64
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import discord

from greenroom.discord.bot_voice import NOBODY, history, sees, typing_in
from greenroom.discord.translating import translated
from greenroom.discord.voices import Utterance
from greenroom.errors import NotFound, Unsupported
from greenroom.model import CharacterId, CharacterRef, ExportRequest
from greenroom.ports import Characters

_FULL = 30007
"""Discord's code for a channel that can have no more webhooks (15). Source: Discord's API, "JSON error codes"."""
_FORBIDDEN_IN_NAMES = re.compile("discord|clyde", re.IGNORECASE)
_LONGEST_NAME = 80


class Webhooks:
    """The webhooks of one bot: one for each character in each channel, made when it is needed."""

    def __init__(self, client: discord.Client, characters: Characters) -> None:
        self.client = client
        self._characters = characters
        self._of: dict[tuple[int, CharacterId], discord.Webhook] = {}

    def voice(self, character: CharacterId) -> "WebhookVoice":
        """The voice of a character."""
        return WebhookVoice(self, character)

    async def name(self, character: CharacterId) -> str:
        """What a character may be called by a webhook."""
        found = await self._characters.get(CharacterRef(character=character))
        return _FORBIDDEN_IN_NAMES.sub("…", found.name)[:_LONGEST_NAME]

    async def of(self, channel_id: int, character: CharacterId) -> discord.Webhook:
        """A character's webhook in a channel. Raises: Unsupported, where there are none; as `Voice` does."""
        channel = self.client.get_channel(channel_id)
        parent = channel.parent if isinstance(channel, discord.Thread) else channel
        if not isinstance(parent, discord.TextChannel | discord.ForumChannel | discord.VoiceChannel):
            raise Unsupported(f"channel {channel_id} has no webhooks")
        key = parent.id, character
        if key not in self._of:
            with translated("manage webhooks"):
                self._of[key] = await self._find_or_make(parent, character)
        return self._of[key]

    def thread(self, channel_id: int) -> discord.Object:
        """The thread that a channel id means, if it means one; else nothing that a webhook knows."""
        channel = self.client.get_channel(channel_id)
        return discord.Object(channel_id) if isinstance(channel, discord.Thread) else discord.utils.MISSING

    def forget(self, channel_id: int) -> None:
        """Look for the webhooks of a channel anew: somebody has deleted one."""
        channel = self.client.get_channel(channel_id)
        parent_id = channel.parent_id if isinstance(channel, discord.Thread) else channel_id
        self._of = {key: webhook for key, webhook in self._of.items() if key[0] != parent_id}

    async def _find_or_make(
        self, channel: discord.TextChannel | discord.ForumChannel | discord.VoiceChannel, character: CharacterId
    ) -> discord.Webhook:
        own = [webhook for webhook in await channel.webhooks() if webhook.user == self.client.user and webhook.token]
        name = await self.name(character)
        for webhook in own:
            if webhook.name == name:
                return webhook
        try:
            return await channel.create_webhook(name=name, avatar=await self._picture(character))
        except discord.HTTPException as exc:
            if exc.code != _FULL or not own:
                raise
            return own[0]  # its name is given with each message; only the picture is another's

    async def _picture(self, character: CharacterId) -> bytes:
        card = await self._characters.export(ExportRequest(character=character, format="png"))
        return base64.b64decode(card.content_base64)


class WebhookVoice:
    """Speaks through webhooks: no replies, no private messages, and the bot is seen to type."""

    def __init__(self, webhooks: Webhooks, character: CharacterId) -> None:
        self.character = character
        self._webhooks = webhooks

    def hears(self, channel_id: int) -> bool:
        """Whether the bot sees the channel, and it is not a private one."""
        client = self._webhooks.client
        channel = client.get_channel(channel_id)
        return not isinstance(channel, discord.abc.PrivateChannel) and sees(client, channel_id)

    @asynccontextmanager
    async def typing(self, channel_id: int) -> AsyncIterator[None]:
        """Show that the bot types."""
        async with typing_in(self._webhooks.client, channel_id):
            yield

    async def say(self, line: Utterance) -> int:
        """Send a message; through a new webhook, if somebody has deleted the old one."""
        try:
            return await self._say(line)
        except NotFound:
            self._webhooks.forget(line.channel_id)
            return await self._say(line)

    async def _say(self, line: Utterance) -> int:
        webhook = await self._webhooks.of(line.channel_id, self.character)
        name = await self._webhooks.name(self.character)
        with translated("speak through a webhook"):
            sent = await webhook.send(
                line.text,
                username=name,
                wait=True,
                allowed_mentions=NOBODY,
                silent=line.silent,
                suppress_embeds=True,
                thread=self._webhooks.thread(line.channel_id),
            )
        return sent.id

    async def edit(self, channel_id: int, message_id: int, text: str) -> None:
        """Put another text into a message."""
        webhook, thread = await self._webhooks.of(channel_id, self.character), self._webhooks.thread(channel_id)
        with translated("edit messages"):
            await webhook.edit_message(message_id, content=text, allowed_mentions=NOBODY, thread=thread)

    async def delete(self, channel_id: int, message_id: int) -> None:
        """Delete a message."""
        webhook, thread = await self._webhooks.of(channel_id, self.character), self._webhooks.thread(channel_id)
        with translated("delete messages"):
            try:
                await webhook.delete_message(message_id, thread=thread)
            except discord.NotFound:
                self._webhooks.forget(channel_id)

    async def find(self, line: Utterance, since: datetime) -> Sequence[int]:
        """The messages of this character's webhook with this text: a webhook has no nonce."""
        webhook = await self._webhooks.of(line.channel_id, self.character)
        channel = self._webhooks.client.get_partial_messageable(line.channel_id)
        return [
            message.id
            async for message in history(channel, since)
            if message.webhook_id == webhook.id and message.content == line.text
        ]
