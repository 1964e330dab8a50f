"""What the gateway remembers of one client: what it may know, and what it was told, so that it can be told again."""

from collections import deque
from typing import Any

import msgspec

from greenroom.testing.fake_discord.connection import Connection
from greenroom.testing.fake_discord.payloads import Payload
from greenroom.testing.fake_discord.things import MESSAGE_CONTENT, Account, Event, Message

_MOST_EVENTS = 2_000
"""Kept for a RESUME; who missed more has to begin anew."""

_SERVER = 1 << 0
_INTENTS = {
    "GUILD_MEMBER_ADD": 1 << 1,
    "GUILD_MEMBER_UPDATE": 1 << 1,
    "WEBHOOKS_UPDATE": 1 << 5,
    "PRESENCE_UPDATE": 1 << 8,
    "MESSAGE_CREATE": 1 << 9,
    "MESSAGE_UPDATE": 1 << 9,
    "MESSAGE_DELETE": 1 << 9,
    "MESSAGE_DELETE_BULK": 1 << 9,
    "MESSAGE_REACTION_ADD": 1 << 10,
    "MESSAGE_REACTION_REMOVE": 1 << 10,
    "TYPING_START": 1 << 11,
}
_PRIVATE = {1 << 9: 1 << 12, 1 << 10: 1 << 13, 1 << 11: 1 << 14}
"""The intent for the same in private channels. Source: Discord's documentation, "List of Intents"."""


class Session:
    """One client, over all its connections. `connection` is the one it has now, `number` that of the last event."""

    def __init__(self, key: str, bot: Account, intents: int) -> None:
        self.id = key
        self.bot = bot
        self.intents = intents
        self.number = 0
        self.connection: Connection | None = None
        self._kept: deque[tuple[int, bytes]] = deque(maxlen=_MOST_EVENTS)

    def wants(self, event: Event) -> bool:
        """Whether the client asked for events of this kind."""
        if event.name == "INTERACTION_CREATE":
            return True
        intent = _INTENTS.get(event.name, _SERVER)
        is_private = event.channel is not None and event.channel.is_private
        return bool(self.intents & (_PRIVATE.get(intent, intent) if is_private else intent))

    def tell(self, event: Event) -> None:
        """Send an event, or keep it until the client comes back."""
        data = event.data
        if event.message is not None and not may_read(event.message, self.bot, self.intents):
            data = without_content(data)
        self.send(event.name, data)

    def send(self, name: str, data: Payload) -> None:
        """Send what only this client is told."""
        self.number += 1
        encoded = msgspec.json.encode({"op": 0, "t": name, "s": self.number, "d": data})
        self._kept.append((self.number, encoded))
        if self.connection is not None:
            self.connection.put(encoded)

    def missed_since(self, number: int) -> list[bytes] | None:
        """The events after `number`; None when not all of them are kept."""
        if number < 0 or number > self.number:
            return None
        missed = [encoded for at, encoded in self._kept if at > number]
        return missed if len(missed) == self.number - number else None


def may_read(message: Message, viewer: Account, intents: int) -> bool:
    """Whether a bot gets the words of a message. Source: Discord's documentation, "Message Content Intent"."""
    if intents & MESSAGE_CONTENT or message.channel.is_private:
        return True
    return message.author is viewer or viewer in message.mentions


def without_content(payload: Payload) -> Payload:
    """A message for those who may not read it, with the one it answers."""
    emptied: dict[str, Any] = {"content": "", "embeds": [], "attachments": [], "components": []}
    known = {key: value for key, value in emptied.items() if key in payload}
    if payload.get("referenced_message"):
        known["referenced_message"] = without_content(payload["referenced_message"])
    return payload | known
