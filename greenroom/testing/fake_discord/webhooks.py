"""The routes of webhooks. Source: Discord's documentation, "Webhook Resource"."""

import secrets
import time
from typing import Any

from greenroom.testing.fake_discord import payloads
from greenroom.testing.fake_discord.asking import Ask, Route, channel_for, number
from greenroom.testing.fake_discord.community import Community
from greenroom.testing.fake_discord.draft import fill, refill
from greenroom.testing.fake_discord.mentions import Mentions
from greenroom.testing.fake_discord.payloads import Payload
from greenroom.testing.fake_discord.permissions import Permission
from greenroom.testing.fake_discord.refusal import Refusal, invalid, missing_permissions, unknown
from greenroom.testing.fake_discord.things import THREAD, Channel, Message, Webhook

_LONGEST_NAME = 80
_MOST_OF_A_CHANNEL = 15
_FORBIDDEN_IN_NAMES = ("discord", "clyde")
_OWN = "/webhooks/{webhook}/{token}"
_MESSAGE = _OWN + "/messages/{message}"


class Webhooks:
    """What bots do with webhooks, and what is done by them."""

    def __init__(self, community: Community) -> None:
        self._community = community

    def routes(self) -> list[Route]:
        """All but those that interactions share the path with."""
        return [
            Route("GET", "/channels/{channel}/webhooks", self._of_channel),
            Route("POST", "/channels/{channel}/webhooks", self._create),
            Route("GET", "/guilds/{guild}/webhooks", self._of_guild),
            Route("GET", "/webhooks/{webhook}", self._get),
            Route("PATCH", "/webhooks/{webhook}", self._change),
            Route("DELETE", "/webhooks/{webhook}", self._delete),
            Route("GET", _OWN, lambda ask: payloads.webhook(self.of(ask), self._community), is_open=True),
            Route("DELETE", _OWN, lambda ask: self._drop(self.of(ask)), is_open=True),
        ]

    def of(self, ask: Ask) -> Webhook:
        """The webhook whose id and token are in the path.

        Raises: Refusal.
        """
        found = self._community.webhooks.get(ask.id("webhook"))
        if found is None:
            raise unknown("webhook")
        if not secrets.compare_digest(found.token, ask.path["token"]):
            raise Refusal(401, 50027, "Invalid Webhook Token")
        return found

    def execute(self, ask: Ask) -> Payload | None:
        """Speak through the webhook of the path."""
        webhook, fields = self.of(ask), ask.fields
        name = str(fields.get("username") or webhook.name)
        _check_name("username", name)
        channel = self._place(webhook, ask)
        message = Message(self._community.ids.new(), channel, webhook.owner, "", name, webhook=webhook)
        message.avatar_url = fields.get("avatar_url")
        message.application_id = webhook.owner.id
        fill(message, fields, ask.attachments)
        self._community.post(message, _mentions(fields))
        return self._shown(message) if ask.query.get("wait", "").lower() in {"1", "true"} else None

    def message(self, ask: Ask) -> Payload:
        """Read a message of the webhook."""
        return self._shown(self._message(ask))

    def edit(self, ask: Ask) -> Payload:
        """Edit a message of the webhook."""
        message = refill(self._message(ask), ask.fields, ask.attachments)
        self._community.change(message, time.time(), _mentions(ask.fields))
        return self._shown(message)

    def delete(self, ask: Ask) -> None:
        """Delete a message of the webhook."""
        self._community.remove(self._message(ask))

    def _create(self, ask: Ask) -> Payload:
        channel = channel_for(ask, self._community, Permission.MANAGE_WEBHOOKS)
        if channel.type == THREAD or channel.is_private:
            raise Refusal(400, 50024, "Cannot execute action on this channel type")
        name = str(ask.fields.get("name") or "")
        _check_name("name", name)
        if len(self._in(channel)) >= _MOST_OF_A_CHANNEL:
            raise Refusal(400, 30007, f"Maximum number of webhooks reached ({_MOST_OF_A_CHANNEL})")
        webhook = Webhook(self._community.ids.new(), channel, name, secrets.token_urlsafe(51), ask.caller)
        self._community.webhooks[webhook.id] = webhook
        self._community.change_webhooks(channel)
        return payloads.webhook(webhook, self._community)

    def _of_channel(self, ask: Ask) -> list[Payload]:
        channel = channel_for(ask, self._community, Permission.MANAGE_WEBHOOKS)
        return [payloads.webhook(one, self._community) for one in self._in(channel)]

    def _of_guild(self, ask: Ask) -> list[Payload]:
        if Permission.MANAGE_WEBHOOKS not in self._community.held(ask.caller):
            raise missing_permissions()
        return [payloads.webhook(one, self._community) for one in self._community.webhooks.values()]

    def _get(self, ask: Ask) -> Payload:
        return payloads.webhook(self._managed(ask), self._community)

    def _change(self, ask: Ask) -> Payload:
        webhook = self._managed(ask)
        webhook.name = str(ask.fields.get("name") or webhook.name)
        _check_name("name", webhook.name)
        self._community.change_webhooks(webhook.channel)
        return payloads.webhook(webhook, self._community)

    def _delete(self, ask: Ask) -> None:
        self._drop(self._managed(ask))

    def _drop(self, webhook: Webhook) -> None:
        del self._community.webhooks[webhook.id]
        self._community.change_webhooks(webhook.channel)

    def _managed(self, ask: Ask) -> Webhook:
        webhook = self._community.webhooks.get(ask.id("webhook"))
        if webhook is None:
            raise unknown("webhook")
        if Permission.MANAGE_WEBHOOKS not in self._community.held(ask.caller, webhook.channel):
            raise missing_permissions()
        return webhook

    def _in(self, channel: Channel) -> list[Webhook]:
        return [one for one in self._community.webhooks.values() if one.channel is channel]

    def _place(self, webhook: Webhook, ask: Ask) -> Channel:
        if "thread_id" not in ask.query:
            return webhook.channel
        thread = self._community.channels.get(number(ask.query["thread_id"]))
        if thread is None or thread.parent is not webhook.channel:
            raise unknown("channel")
        return thread

    def _message(self, ask: Ask) -> Message:
        webhook = self.of(ask)
        found = self._place(webhook, ask).messages.get(ask.id("message"))
        if found is None or found.webhook is not webhook:
            raise unknown("message")
        return found

    def _shown(self, message: Message) -> Payload:
        return payloads.message(message, self._community)


def _check_name(field: str, name: str) -> None:
    if not 1 <= len(name) <= _LONGEST_NAME:
        invalid(field, "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {_LONGEST_NAME} in length.")
    for word in _FORBIDDEN_IN_NAMES:
        if word in name.casefold():
            invalid(field, "USERNAME_INVALID_CONTAINS", f'Username cannot contain "{word}"')


def _mentions(fields: dict[str, Any]) -> Mentions:
    return Mentions.read(fields.get("allowed_mentions"), may_everyone=True)
