"""What a body says of a message that is to be: checked as Discord does, before it is one."""

from collections.abc import Sequence
from typing import Any

from greenroom.testing.fake_discord.asking import LONGEST
from greenroom.testing.fake_discord.refusal import Refusal, invalid
from greenroom.testing.fake_discord.things import Message

_MOST_EMBEDS = 10
_LONGEST_NONCE = 25
_LONGEST_DESCRIPTION = 4_096


def check_content(fields: dict[str, Any]) -> str:
    """The words of a body.

    Raises: Refusal, when they are too many.
    """
    content = fields.get("content") or ""
    if not isinstance(content, str):
        invalid("content", "BASE_TYPE_BAD_TYPE", "Only string values may be used.")
    if len(content) > LONGEST:
        invalid("content", "BASE_TYPE_MAX_LENGTH", f"Must be {LONGEST} or fewer in length.")
    return content.strip()


def check_embeds(fields: dict[str, Any]) -> list[dict[str, Any]]:
    """The embeds of a body; raises Refusal."""
    embeds: list[dict[str, Any]] = fields.get("embeds") or []
    if len(embeds) > _MOST_EMBEDS:
        invalid("embeds", "BASE_TYPE_MAX_LENGTH", f"Must be {_MOST_EMBEDS} or fewer in length.")
    if any(len(embed.get("description") or "") > _LONGEST_DESCRIPTION for embed in embeds):
        invalid("embeds", "BASE_TYPE_MAX_LENGTH", f"Must be {_LONGEST_DESCRIPTION} or fewer in length.")
    return embeds


def check_nonce(fields: dict[str, Any]) -> str | None:
    """The nonce of a body; raises Refusal."""
    nonce = fields.get("nonce")
    if nonce is not None and len(str(nonce)) > _LONGEST_NONCE:
        invalid("nonce", "BASE_TYPE_MAX_LENGTH", f"Must be {_LONGEST_NONCE} or fewer in length.")
    return None if nonce is None else str(nonce)


def fill(message: Message, fields: dict[str, Any], attachments: Sequence[dict[str, Any]] = ()) -> Message:
    """Give a new message what its body says.

    Raises: Refusal, also for one that would be empty.
    """
    message.content = check_content(fields)
    message.embeds = check_embeds(fields)
    message.components = list(fields.get("components") or [])
    message.attachments = list(attachments)
    message.flags |= int(fields.get("flags") or 0)
    return not_empty(message)


def refill(message: Message, fields: dict[str, Any], attachments: Sequence[dict[str, Any]] = ()) -> Message:
    """Change what the body names; raises Refusal."""
    if "content" in fields:
        message.content = check_content(fields)
    if "embeds" in fields:
        message.embeds = check_embeds(fields)
    if "components" in fields:
        message.components = list(fields["components"] or [])
    if "attachments" in fields or attachments:
        kept = {str(one.get("id")) for one in fields.get("attachments") or []}
        message.attachments = [one for one in message.attachments if one["id"] in kept] + list(attachments)
    return not_empty(message)


def not_empty(message: Message) -> Message:
    """The message, which has to have something in it; raises Refusal."""
    if not (message.content or message.embeds or message.attachments or message.components):
        raise Refusal(400, 50006, "Cannot send an empty message")
    return message
