"""The things of the server as Discord writes them. Source: Discord's documentation, "Resources"."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from greenroom.testing.fake_discord.permissions import Overwrites
from greenroom.testing.fake_discord.things import (
    PRIVATE,
    THREAD,
    Account,
    Channel,
    Message,
    Role,
    Webhook,
    made_at_s,
)

if TYPE_CHECKING:
    from greenroom.testing.fake_discord.community import Community

Payload = dict[str, Any]
_SWITCHES = {1 << 8: 1 << 13, 1 << 1: 1 << 15, 1 << 15: 1 << 19}
"""The flag of an application that tells of each privileged intent, in its form for bots on few servers."""


def account(one: Account) -> Payload:
    """A user."""
    return {
        "id": str(one.id),
        "username": one.name,
        "discriminator": "0",
        "global_name": None if one.is_bot else one.display_name,
        "avatar": None,
        "bot": one.is_bot,
        "public_flags": 0,
    }


def application(bot: Account) -> Payload:
    """The application that a bot belongs to; it has the same id."""
    flags = sum(flag for intent, flag in _SWITCHES.items() if bot.granted & intent)
    return {
        "id": str(bot.id),
        "name": bot.display_name,
        "icon": None,
        "description": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "owner": account(bot),
        "verify_key": "0" * 64,
        "team": None,
        "flags": flags,
        "bot": account(bot),
    }


def member(one: Account, *, with_user: bool = True) -> Payload:
    """A member of the server."""
    payload = {
        "nick": one.nick or (one.display_name if one.is_bot else None),
        "avatar": None,
        "roles": [str(role) for role in one.roles],
        "joined_at": when(made_at_s(one.id)),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
        "communication_disabled_until": None,
    }
    return payload | ({"user": account(one)} if with_user else {})


def role(one: Role, position: int) -> Payload:
    """A role."""
    tags = {"tags": {"bot_id": str(one.bot_id)}} if one.bot_id else {}
    return {
        "id": str(one.id),
        "name": one.name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "position": position,
        "permissions": str(int(one.permissions)),
        "managed": one.bot_id is not None,
        "mentionable": False,
        "flags": 0,
        **tags,
    }


def channel(one: Channel, community: "Community", viewer: Account | None = None) -> Payload:
    """A channel, a thread or a private channel; the last as `viewer` sees it."""
    payload = {
        "id": str(one.id),
        "type": one.type,
        "last_message_id": str(next(reversed(one.messages))) if one.messages else None,
        "flags": 0,
    }
    if one.type == PRIVATE:
        others = [community.accounts[who] for who in one.members if viewer is None or who != viewer.id]
        return payload | {"recipients": [account(other) for other in others]}
    payload |= {"guild_id": str(community.id), "name": one.name, "rate_limit_per_user": 0}
    if one.type == THREAD:
        return payload | _thread(one)
    return payload | {
        "topic": one.topic or None,
        "position": one.position,
        "parent_id": None,
        "nsfw": False,
        "permission_overwrites": _overwrites(one.overwrites, community),
    }


def thread_member(thread: Channel, account_id: int) -> Payload:
    """One who is in a thread."""
    joined = when(made_at_s(thread.id))
    return {"id": str(thread.id), "user_id": str(account_id), "join_timestamp": joined, "flags": 0}


def guild(community: "Community", viewer: Account) -> Payload:
    """The server as GUILD_CREATE tells of it."""
    threads = [one for one in community.seen_by(viewer) if one.type == THREAD and not one.is_archived]
    return guild_alone(community) | {
        "joined_at": when(made_at_s(viewer.id)),
        "large": False,
        "unavailable": False,
        "member_count": len(community.accounts),
        "members": [member(one) for one in community.accounts.values()],
        "channels": [channel(one, community) for one in community.channels.values() if not _is_apart(one)],
        "threads": [channel(one, community) for one in threads],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def guild_alone(community: "Community") -> Payload:
    """The server as GET /guilds/{id} tells of it."""
    roles = [role(one, position) for position, one in enumerate(community.roles.values())]
    return {
        "id": str(community.id),
        "name": community.name,
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "description": None,
        "banner": None,
        "vanity_url_code": None,
        "owner_id": str(community.owner.id),
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "application_id": None,
        "region": "deprecated",
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "preferred_locale": "en-US",
        "features": [],
        "emojis": [],
        "stickers": [],
        "roles": roles,
        "approximate_member_count": len(community.accounts),
        "approximate_presence_count": len(community.accounts),
    }


def message(one: Message, community: "Community", viewer: Account | None = None) -> Payload:
    """A message as `viewer` gets it by REST; without the message that it answers when that is gone."""
    payload = {
        "id": str(one.id),
        "channel_id": str(one.channel.id),
        "type": 20 if one.interaction else 19 if one.reply_to else 0,
        "author": _author(one),
        "content": one.content,
        "timestamp": when(made_at_s(one.id)),
        "edited_timestamp": when(one.edited_at_s) if one.edited_at_s else None,
        "tts": False,
        "pinned": False,
        "mention_everyone": one.mentions_everyone,
        "mentions": [account(mentioned) for mentioned in one.mentions],
        "mention_roles": [],
        "attachments": one.attachments,
        "embeds": one.embeds,
        "components": one.components,
        "flags": one.flags,
        "reactions": [_reaction(emoji, who, viewer) for emoji, who in one.reactions.items() if who],
    }
    return payload | _relations(one, community, viewer)


def in_event(one: Message, community: "Community") -> Payload:
    """A message as MESSAGE_CREATE and MESSAGE_UPDATE have it."""
    payload = message(one, community)
    payload.pop("reactions")
    payload |= {"nonce": one.nonce} if one.nonce else {}
    if one.channel.is_private:
        return payload
    payload["guild_id"] = str(community.id)
    if one.webhook is None:
        payload["member"] = member(one.author, with_user=False)
    payload["mentions"] = [account(who) | {"member": member(who, with_user=False)} for who in one.mentions]
    return payload


def webhook(one: Webhook, community: "Community") -> Payload:
    """A webhook."""
    return {
        "id": str(one.id),
        "type": 1,
        "guild_id": str(community.id),
        "channel_id": str(one.channel.id),
        "name": one.name,
        "avatar": None,
        "token": one.token,
        "application_id": str(one.owner.id),
        "user": account(one.owner),
    }


def emoji_of(text: str) -> Payload:
    """An emoji from the text of a route: itself, or `name:id` for one of a server."""
    name, _, key = text.partition(":")
    return {"id": key or None, "name": name}


def when(seconds: float) -> str:
    """A time as Discord writes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _thread(one: Channel) -> Payload:
    assert one.parent is not None
    return {
        "parent_id": str(one.parent.id),
        "owner_id": str(one.owner_id),
        "message_count": len(one.messages),
        "total_message_sent": len(one.messages),
        "member_count": len(one.members),
        "thread_metadata": {
            "archived": one.is_archived,
            "auto_archive_duration": 1440,
            "archive_timestamp": when(made_at_s(one.id)),
            "locked": False,
            "create_timestamp": when(made_at_s(one.id)),
        },
    }


def _overwrites(overwrites: Overwrites, community: "Community") -> list[Payload]:
    targets = dict.fromkeys([*overwrites.allowed, *overwrites.forbidden])
    return [
        {
            "id": str(target),
            "type": 0 if target in community.roles else 1,
            "allow": str(int(overwrites.allowed.get(target, 0))),
            "deny": str(int(overwrites.forbidden.get(target, 0))),
        }
        for target in targets
    ]


def _author(one: Message) -> Payload:
    if one.webhook is None:
        return account(one.author)
    return {
        "id": str(one.webhook.id),
        "username": one.shown_name,
        "discriminator": "0000",
        "global_name": None,
        "avatar": None,
        "bot": True,
    }


def _reaction(emoji: str, who: list[Account], viewer: Account | None) -> Payload:
    return {
        "emoji": emoji_of(emoji),
        "count": len(who),
        "count_details": {"burst": 0, "normal": len(who)},
        "burst_colors": [],
        "me": viewer in who,
        "me_burst": False,
    }


def _relations(one: Message, community: "Community", viewer: Account | None) -> Payload:
    payload: Payload = {}
    if one.webhook is not None:
        payload["webhook_id"] = str(one.webhook.id)
    if one.application_id is not None:
        payload["application_id"] = str(one.application_id)
    if one.interaction is not None:
        payload |= {"interaction_metadata": one.interaction, "webhook_id": str(one.author.id)}
    if one.thread is not None:
        payload["thread"] = channel(one.thread, community)
    if one.reply_to is not None:
        place = {"channel_id": str(one.channel.id), "message_id": str(one.reply_to), "type": 0}
        server = {} if one.channel.is_private else {"guild_id": str(community.id)}
        answered = one.channel.messages.get(one.reply_to)
        payload["message_reference"] = place | server
        payload["referenced_message"] = _alone(answered, community, viewer) if answered else None
    return payload


def _alone(one: Message, community: "Community", viewer: Account | None) -> Payload:
    payload = message(one, community, viewer)
    payload.pop("referenced_message", None)  # Discord goes one step back, not further
    return payload


def _is_apart(one: Channel) -> bool:
    return one.type in {PRIVATE, THREAD}
