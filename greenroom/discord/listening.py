"""A bot's ear: what Discord tells it, in our own words. This is the border that no object of discord.py crosses."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import discord
import structlog

from greenroom.discord.bot_voice import NOBODY
from greenroom.discord.said import Reaction, Said
from greenroom.discord.wording import readable, with_files
from greenroom.model import CharacterId, Place

_LONGEST_WAIT_S = 60.0
_THUMBS = {"\N{THUMBS UP SIGN}": 1, "\N{THUMBS DOWN SIGN}": -1}

log = structlog.get_logger(__name__)


class Listener(Protocol):
    """Who is told what a bot hears."""

    def is_ours(self, account: int) -> bool:
        """Whether an account is one of our bots."""
        ...

    def name_of(self, account: int) -> str | None:
        """The name of the character whose bot an account is."""
        ...

    async def ready(self, ear: "Ear") -> None:
        """The bot is there, for the first time or after it was away too long to be told what it missed."""
        ...

    async def may_differ(self, ear: "Ear") -> None:
        """What the bot may do, and where, may be different from before."""
        ...

    async def said(self, said: Said) -> None:
        """A person said something."""
        ...

    async def edited(self, said: Said) -> None:
        """A person changed what they said."""
        ...

    async def deleted(self, message_id: int, channel_id: int) -> None:
        """A message was deleted."""
        ...

    async def reacted(self, ear: "Ear", reaction: Reaction) -> None:
        """Somebody put a thumb under a message, or took it away."""
        ...


class Ear(discord.Client):
    """One bot account. `character` is who it is; None for the bot that speaks for all through webhooks."""

    def __init__(self, listener: Listener, character: CharacterId | None) -> None:
        intents = discord.Intents(
            guilds=True,
            guild_messages=True,
            dm_messages=True,
            guild_reactions=True,
            dm_reactions=True,
            message_content=True,
        )
        super().__init__(
            intents=intents,
            allowed_mentions=NOBODY,
            max_messages=None,
            max_ratelimit_timeout=_LONGEST_WAIT_S,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
        )
        self._listener = listener
        self.character = character
        self.set_up: Callable[[], Awaitable[None]] | None = None

    @property
    def bot(self) -> str:
        """What this bot is known by in logs and in /health."""
        return self.character or "webhooks"

    async def setup_hook(self) -> None:
        """Make ready what needs the account to be known."""
        if self.set_up is not None:
            await self.set_up()

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Pass an event on, unless the bot has left: discord.py tells that it is ready up to two seconds late."""
        if not self.is_closed():
            super().dispatch(event, *args, **kwargs)

    async def on_ready(self) -> None:
        """Say that the bot is there."""
        await self._listener.ready(self)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Say that the bot is on one more server."""
        await self._listener.may_differ(self)

    async def on_guild_channel_update(self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> None:
        """Say that a channel has perhaps other rules."""
        await self._listener.may_differ(self)

    async def on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        """Say that a role may perhaps do other things."""
        await self._listener.may_differ(self)

    async def on_member_update(self, before: discord.Member, after: discord.Member) -> None:
        """Say that the bot has perhaps other roles: of other members nothing is told to it."""
        await self._listener.may_differ(self)

    async def on_message(self, message: discord.Message) -> None:
        """Pass on what a person said."""
        if is_a_persons(message):
            await self._listener.said(self.said_of(message))

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Pass on what a person changed. That Discord adds a link's preview changes nothing."""
        if payload.message.edited_at is not None and is_a_persons(payload.message):
            await self._listener.edited(self.said_of(payload.message))

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Pass on that a message is gone."""
        await self._listener.deleted(payload.message_id, payload.channel_id)

    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Pass on that many messages are gone."""
        for message_id in sorted(payload.message_ids):
            await self._listener.deleted(message_id, payload.channel_id)

    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """Pass on a person's thumb."""
        if payload.member is None or not payload.member.bot:
            await self._reacted(payload, is_added=True)

    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        """Pass on that a thumb was taken away."""
        await self._reacted(payload, is_added=False)

    async def on_error(self, event_method: str, /, *args: object, **kwargs: object) -> None:
        """Log what broke in one of the above; the next event is heard."""
        log.exception("discord.event_broke", bot=self.bot, happened=event_method)

    async def _reacted(self, payload: discord.RawReactionActionEvent, *, is_added: bool) -> None:
        thumb = _THUMBS.get((payload.emoji.name or "")[:1])  # a skin tone may follow
        if thumb is not None and not self._listener.is_ours(payload.user_id):
            reaction = Reaction(payload.message_id, payload.channel_id, payload.user_id, thumb, is_added)
            await self._listener.reacted(self, reaction)

    def said_of(self, message: discord.Message) -> Said:
        """A message in our own words."""
        author, channel = message.author, message.channel
        is_private = message.guild is None
        roles = author.roles if isinstance(author, discord.Member) else []
        return Said(
            message_id=message.id,
            channel_id=channel.id,
            author_id=author.id,
            author_name=author.display_name,
            text=self._text(message),
            place=_place(message),
            parent_id=channel.parent_id if isinstance(channel, discord.Thread) else None,
            to=self.character if is_private else None,
            mentioned=tuple(user.id for user in message.mentions),
            reply_to=message.reference.message_id if message.reference else None,
            for_other_bots=self._is_for_other_bots(message),
            roles=frozenset(name for role in roles for name in (role.name, str(role.id))),
            is_public=_is_public(message),
            said_at=message.created_at,
        )

    def _text(self, message: discord.Message) -> str:
        users = {user.id: self._listener.name_of(user.id) or user.display_name for user in message.mentions}
        roles = {role.id: role.name for role in message.role_mentions}
        channels = {channel.id: channel.name for channel in message.channel_mentions}
        files = [(file.filename, (file.content_type or "").partition(";")[0]) for file in message.attachments]
        files += [(sticker.name, "sticker") for sticker in message.stickers]
        return with_files(readable(message.content, users, roles, channels), files)

    def _is_for_other_bots(self, message: discord.Message) -> bool:
        replied = message.reference.resolved if message.reference else None
        asked = [replied.author] if isinstance(replied, discord.Message) and replied.webhook_id is None else []
        return any(user.bot and not self._listener.is_ours(user.id) for user in (*message.mentions, *asked))


def is_a_persons(message: discord.Message) -> bool:
    """Whether a person wrote it: no bot, not we ourselves, no webhook, and not Discord, which tells who joined."""
    kinds = (discord.MessageType.default, discord.MessageType.reply)
    return not message.author.bot and message.webhook_id is None and message.type in kinds


def _place(message: discord.Message) -> Place:
    if message.guild is None:
        return "private"
    return "thread" if isinstance(message.channel, discord.Thread) else "channel"


def _is_public(message: discord.Message) -> bool:
    channel = message.channel
    if message.guild is None or isinstance(channel, discord.abc.PrivateChannel | discord.PartialMessageable):
        return False
    if isinstance(channel, discord.Thread) and (channel.is_private() or channel.parent is None):
        return False
    return channel.permissions_for(message.guild.default_role).view_channel
