"""What happens, as the page shows it: a message is one object with all that is written beside it."""

from typing import Any

from greenroom.testing.fake_discord.community import Community
from greenroom.testing.fake_discord.things import LOADING, PRIVATE, THREAD, Account, Channel, Message, made_at_s

Shown = dict[str, Any]
_BUTTON = 2
_KINDS = {PRIVATE: "private", THREAD: "thread"}


def shown_account(one: Account, *, is_online: bool) -> Shown:
    """Somebody in the list of members."""
    return {"id": str(one.id), "name": one.shown_name, "bot": one.is_bot, "online": is_online or not one.is_bot}


def shown_channel(one: Channel, community: Community) -> Shown:
    """A channel in the list."""
    members = [str(who) for who in one.members]
    parent = str(one.parent.id) if one.parent else None
    kind = _KINDS.get(one.type, "text")
    private = " and ".join(community.accounts[who].shown_name for who in one.members)
    name = private if one.type == PRIVATE else one.name
    return {"id": str(one.id), "name": name, "topic": one.topic, "kind": kind, "parent": parent, "members": members}


def shown_message(one: Message, community: Community) -> Shown:
    """A message, with the line that it answers and who reacted."""
    answered = one.channel.messages.get(one.reply_to) if one.reply_to else None
    used = one.interaction
    return {
        "id": str(one.id),
        "channel": str(one.channel.id),
        "author": str(one.author.id),
        "name": one.shown_name,
        "bot": one.author.is_bot,
        "webhook": one.webhook is not None,
        "at": int(made_at_s(one.id) * 1000),
        "text": one.content,
        "edited": one.edited_at_s is not None and not used,
        "loading": bool(one.flags & LOADING),
        "files": [file["filename"] for file in one.attachments],
        "embeds": [str(embed.get("description") or embed.get("title") or "") for embed in one.embeds],
        "buttons": _buttons(one),
        "reply_to": _answered(answered) if one.reply_to else None,
        "used": {"by": used["user"]["id"], "name": used["name"]} if used else None,
        "seen_by": str(one.seen_by.id) if one.seen_by else None,
        "reactions": {emoji: [str(who.id) for who in those] for emoji, those in one.reactions.items() if those},
        "thread": str(one.thread.id) if one.thread else None,
    }


def _buttons(message: Message) -> list[Shown]:
    """What can be pressed below a message; lists and links are not shown."""
    parts = [part for row in message.components for part in row.get("components") or ()]
    return [
        {"id": part["custom_id"], "label": _label(part), "off": bool(part.get("disabled"))}
        for part in parts
        if part.get("type") == _BUTTON and "custom_id" in part
    ]


def _label(button: dict[str, Any]) -> str:
    emoji = (button.get("emoji") or {}).get("name") or ""
    return f"{emoji} {button.get('label') or ''}".strip()


def _answered(message: Message | None) -> Shown:
    if message is None:
        return {"name": "", "text": "The message was deleted"}
    return {"name": message.shown_name, "text": message.content[:200]}
