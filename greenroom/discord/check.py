"""What a bot token can see, and what it lacks, without changing anything: for `greenroom discord check`."""

from collections.abc import AsyncIterator, Collection, Sequence
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
        servers = [await client.fetch_guild(partial.id) async for partial in client.fetch_guilds()]
        seen = [channel for server in servers async for channel in _channels(client, server)]
        for channel, has in seen:
            if isinstance(channel, discord.TextChannel) and is_allowed(channel.id, None, settings):
                name, missing = f"#{channel.name} on {channel.guild.name}", missing_permissions(has, webhooks=webhooks)
                channels += [name] if not missing else []
                problems += [f"{name}: it may not {', '.join(missing)}"] if missing else []
    problems += _unseen(servers, {str(channel.id) for channel, _ in seen}, settings)
    invitation = discord.utils.oauth_url(application.id, permissions=permissions(webhooks=webhooks))
    return Finding(account.bot, str(client.user), invitation, tuple(channels), tuple(problems))


async def _channels(
    client: discord.Client, server: discord.Guild
) -> AsyncIterator[tuple[discord.abc.GuildChannel, discord.Permissions]]:
    """Each channel that the bot sees, with what it may do there. Discord does not tell of the others."""
    assert client.user is not None, "it has logged in"
    member = await server.fetch_member(client.user.id)
    for channel in await server.fetch_channels():
        yield channel, channel.permissions_for(member)


def _unseen(servers: Sequence[discord.Guild], seen: Collection[str], settings: DiscordSettings) -> list[str]:
    """What to do where a bot sees nothing, or not what the settings mean it to see."""
    if not servers:
        return ["it is on no server yet; open the invitation"]
    if not seen:
        return [f"it sees no channel on {servers[0].name}; let it see one: channel settings, Permissions"]
    return [
        f"it does not see {channel!r} of discord.channels; let it: channel settings, Permissions"
        for channel in settings.channels
        if channel not in seen
    ]
