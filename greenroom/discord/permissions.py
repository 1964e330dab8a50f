"""Where the cast takes part, and who may use which command; as the settings say."""

from typing import Literal

from greenroom.config import DiscordSettings
from greenroom.discord.said import Said

Command = Literal["cast", "why", "quiet", "forget", "export", "rate", "regenerate"]

_FOR_MODERATORS = frozenset({"quiet", "regenerate"})


def takes_part(said: Said, settings: DiscordSettings) -> bool:
    """Whether the cast may hear this message: in this channel, of this person."""
    if is_one_of(settings.opt_out_role, said.roles):
        return False
    if said.place == "private":
        return settings.direct_messages and said.to is not None
    return is_allowed(said.channel_id, said.parent_id, settings)


def is_allowed(channel_id: int, parent_id: int | None, settings: DiscordSettings) -> bool:
    """Whether the cast takes part in a channel, or in the channel that a thread hangs on."""
    return not settings.channels or not {str(channel_id), str(parent_id)}.isdisjoint(settings.channels)


def may_use(command: Command, roles: frozenset[str], moderates: bool, settings: DiscordSettings) -> bool:
    """Whether somebody with these roles may use a command. `moderates`: who may manage messages there."""
    wanted = settings.command_roles.get(command)
    if wanted is not None:
        return any(is_one_of(role, roles) for role in wanted)
    return moderates or command not in _FOR_MODERATORS


def is_one_of(role: str, roles: frozenset[str]) -> bool:
    """Whether a role, by name or id, is among these."""
    return bool(role) and role.casefold() in {one.casefold() for one in roles}
