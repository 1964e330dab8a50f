"""The routes of messages, reactions and typing. Source: Discord's documentation, "Message Resource"."""

import time
from typing import Any

from greenroom.testing.fake_discord import payloads
from greenroom.testing.fake_discord.asking import Ask, Route, channel_for, message_in, number, to_post_in
from greenroom.testing.fake_discord.community import Community
from greenroom.testing.fake_discord.draft import check_nonce, fill, refill
from greenroom.testing.fake_discord.mentions import Mentions
from greenroom.testing.fake_discord.payloads import Payload
from greenroom.testing.fake_discord.permissions import Permission
from greenroom.testing.fake_discord.refusal import Refusal, invalid, missing_access, missing_permissions
from greenroom.testing.fake_discord.session import may_read, without_content
from greenroom.testing.fake_discord.things import Account, Channel, Message

_MOST_AT_ONCE = 100
_IN = "/channels/{channel}/messages"
_ONE = _IN + "/{message}"
_REACTION = _ONE + "/reactions/{emoji}"


class Messages:
    """What bots do with messages."""

    def __init__(self, community: Community) -> None:
        self._community = community

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("GET", _IN, self._history),
            Route("POST", _IN, self._post, "messages"),
            Route("POST", _IN + "/bulk-delete", self._delete_all, "deletes"),
            Route("GET", _ONE, self._get),
            Route("PATCH", _ONE, self._edit, "edits"),
            Route("DELETE", _ONE, self._delete, "deletes"),
            Route("PUT", _REACTION + "/@me", self._react, "reactions"),
            Route("DELETE", _REACTION + "/{whose}", self._unreact, "reactions"),
            Route("GET", _REACTION, self._who_reacted),
            Route("POST", "/channels/{channel}/typing", self._type, "typing"),
        ]

    def _post(self, ask: Ask) -> Payload:
        channel = channel_for(ask, self._community)
        author, fields = ask.caller, ask.fields
        self._may_post(author, channel)
        nonce = check_nonce(fields)
        if nonce is not None and fields.get("enforce_nonce"):
            before = self._community.posted_before(author, nonce)
            if before is not None:
                return self._shown(before, author)
        message = Message(self._community.ids.new(), channel, author, "", author.shown_name, nonce=nonce)
        message.reply_to = _answered(channel, fields)
        fill(message, fields, ask.attachments)
        self._community.post(message, self._mentions(fields, author, channel))
        if nonce is not None:
            self._community.remember_nonce(message)
        return self._shown(message, author) | ({"nonce": nonce} if nonce else {})

    def _history(self, ask: Ask) -> list[Payload]:
        channel = channel_for(ask, self._community)
        if Permission.READ_MESSAGE_HISTORY not in self._community.held(ask.caller, channel):
            return []
        limit = number(ask.query.get("limit", "50"))
        if not 1 <= limit <= _MOST_AT_ONCE:
            invalid("limit", "NUMBER_TYPE_MAX", f"int value should be from 1 to {_MOST_AT_ONCE}.")
        there = [message for message in channel.messages.values() if message.seen_by is None]
        if "after" in ask.query:
            found = [message for message in there if message.id > number(ask.query["after"])][:limit]
        elif "around" in ask.query:
            middle = sum(message.id < number(ask.query["around"]) for message in there)
            found = there[max(0, middle - limit // 2) : middle + limit // 2 + 1]
        else:
            before = number(ask.query.get("before")) or 1 << 64
            found = [message for message in there if message.id < before][-limit:]
        return [self._shown(message, ask.caller) for message in reversed(found)]

    def _get(self, ask: Ask) -> Payload:
        channel = channel_for(ask, self._community, Permission.READ_MESSAGE_HISTORY)
        return self._shown(message_in(channel, ask), ask.caller)

    def _edit(self, ask: Ask) -> Payload:
        channel = channel_for(ask, self._community)
        message = message_in(channel, ask)
        if message.author is not ask.caller or message.webhook is not None:
            raise Refusal(403, 50005, "Cannot edit a message authored by another user")
        refill(message, ask.fields, ask.attachments)
        self._community.change(message, time.time(), self._mentions(ask.fields, ask.caller, channel))
        return self._shown(message, ask.caller)

    def _delete(self, ask: Ask) -> None:
        channel = channel_for(ask, self._community)
        message = message_in(channel, ask)
        if message.author is not ask.caller and Permission.MANAGE_MESSAGES not in self._community.held(
            ask.caller, channel
        ):
            raise missing_permissions()
        self._community.remove(message)

    def _delete_all(self, ask: Ask) -> None:
        channel = channel_for(ask, self._community, Permission.MANAGE_MESSAGES)
        ids = [number(one) for one in ask.fields.get("messages") or ()]
        if not 2 <= len(ids) <= _MOST_AT_ONCE:
            invalid("messages", "BASE_TYPE_BAD_LENGTH", f"Must be between 2 and {_MOST_AT_ONCE} in length.")
        self._community.remove_all(channel, [channel.messages[one] for one in ids if one in channel.messages])

    def _react(self, ask: Ask) -> None:
        channel = channel_for(ask, self._community, Permission.READ_MESSAGE_HISTORY)
        message, emoji = message_in(channel, ask), ask.path["emoji"]
        is_new = not message.reactions.get(emoji)
        if is_new and Permission.ADD_REACTIONS not in self._community.held(ask.caller, channel):
            raise missing_permissions()
        self._community.react(message, ask.caller, emoji)

    def _unreact(self, ask: Ask) -> None:
        channel = channel_for(ask, self._community)
        message, whose = message_in(channel, ask), ask.caller
        if ask.path["whose"] != "@me":
            channel_for(ask, self._community, Permission.MANAGE_MESSAGES)
            whose = self._community.accounts.get(ask.id("whose"), whose)
        self._community.react(message, whose, ask.path["emoji"], adding=False)

    def _who_reacted(self, ask: Ask) -> list[Payload]:
        channel = channel_for(ask, self._community, Permission.READ_MESSAGE_HISTORY)
        those = message_in(channel, ask).reactions.get(ask.path["emoji"], [])
        return [payloads.account(one) for one in those[:_MOST_AT_ONCE]]

    def _type(self, ask: Ask) -> None:
        channel = channel_for(ask, self._community)
        self._may_post(ask.caller, channel)
        self._community.type_in(channel, ask.caller, time.time())

    def _may_post(self, author: Account, channel: Channel) -> None:
        held = self._community.held(author, channel)
        if Permission.VIEW_CHANNEL not in held:
            raise missing_access()
        if to_post_in(channel) not in held:
            raise missing_permissions()
        others = [self._community.accounts[one] for one in channel.members] if channel.is_private else []
        if not all(one.takes_private_messages or one is author for one in others):
            raise Refusal(403, 50007, "Cannot send messages to this user")

    def _mentions(self, fields: dict[str, Any], author: Account, channel: Channel) -> Mentions:
        may_everyone = Permission.MENTION_EVERYONE in self._community.held(author, channel)
        return Mentions.read(fields.get("allowed_mentions"), may_everyone=may_everyone)

    def _shown(self, message: Message, viewer: Account) -> Payload:
        payload = payloads.message(message, self._community, viewer)
        return payload if may_read(message, viewer, viewer.granted) else without_content(payload)


def _answered(channel: Channel, fields: dict[str, Any]) -> int | None:
    reference = fields.get("message_reference")
    if not reference:
        return None
    wanted = number(reference.get("message_id"))
    if wanted not in channel.messages and reference.get("fail_if_not_exists", True):
        invalid("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
    return wanted if wanted in channel.messages else None
