"""What a bot token can see, and what it lacks, without changing anything: for `greenroom discord check`."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import discord

from greenroom.config import DiscordSettings
from greenroom.discord.permissions import is_allowed
from greenroom.discord.tokens import Account
from greenroom.discord.translating import translated

_NEEDED = {
    "view_channel": "see the channel",
    "send_messages": "send messages",
    "send_messages_in_threads": "send messages in threads",
    "read_message_history": "read the message history",
}
_FOR_WEBHOOKS = {"manage_webhooks": "manage webhooks"}


@dataclass(frozen=True)
class Finding:
    """What was found for one bot. `problems` say what to do; `channels` are those in which it can take part."""

    bot: str
    account: str = ""
    invitation: str = ""
    channels: tuple[str, ...] = ()
    problems: tuple[str, ...] = field(default=())


def missing_permissions(has: discord.Permissions, *, webhooks: bool) -> list[str]:
    """What a bot may not do in a channel and should, in words."""
    needed = _NEEDED | (_FOR_WEBHOOKS if webhooks else {})
    return [words for name, words in needed.items() if not getattr(has, name)]


def permissions(*, webhooks: bool) -> discord.Permissions:
    """All that a bot needs, and nothing more."""
    return discord.Permissions(**dict.fromkeys(_NEEDED | (_FOR_WEBHOOKS if webhooks else {}), True))


async def look_at(account: Account, settings: DiscordSettings) -> Finding:
    """Look at one bot. Raises: Unavailable, when Discord cannot be reached."""
    async with discord.Client(intents=discord.Intents.none()) as client:
        with translated("log in"):
            try:
                await client.login(account.token.get_secret_value())
            except discord.LoginFailure:
                return Finding(
                    account.bot, problems=(f"Discord refuses the token; make a new one: {account.variable}",)
                )
        return await _look(client, account, settings)


async def _look(client: discord.Client, account: Account, settings: DiscordSettings) -> Finding:
    assert client.user is not None, "it has logged in"
    webhooks = account.character is None
    problems, channels = [], []
    with translated("look around"):
        application = await client.application_info()
        flags = application.flags
        if not (flags.gateway_message_content or flags.gateway_message_content_limited):
            problems.append("switch on 'Message Content Intent': Developer Portal, Bot, Privileged Gateway Intents")
        async for name, missing in _channels(client, settings, webhooks=webhooks):
            channels += [name] if not missing else []
            problems += [f"{name}: it may not {', '.join(missing)}"] if missing else []
    if not channels and not problems:
        problems.append("it is on no server yet; open the invitation")
    invitation = discord.utils.oauth_url(application.id, permissions=permissions(webhooks=webhooks))
    return Finding(account.bot, str(client.user), invitation, tuple(channels), tuple(problems))


async def _channels(
    client: discord.Client, settings: DiscordSettings, *, webhooks: bool
) -> AsyncIterator[tuple[str, Sequence[str]]]:
    """Each text channel that the cast is to take part in, with what the bot may not do there."""
    assert client.user is not None, "it has logged in"
    async for partial in client.fetch_guilds():
        guild = await client.fetch_guild(partial.id)
        member = await guild.fetch_member(client.user.id)
        for channel in await guild.fetch_channels():
            if isinstance(channel, discord.TextChannel) and is_allowed(channel.id, None, settings):
                missing = missing_permissions(channel.permissions_for(member), webhooks=webhooks)
                yield f"#{channel.name} on {guild.name}", missing
