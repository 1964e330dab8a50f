"""The one server that the fake has, with its people, bots and channels, and what happens in it.

All changes are made here, at once, and told to those who listen; who may make them is asked elsewhere.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator

from greenroom.testing.fake_discord import payloads
from greenroom.testing.fake_discord.mentions import Mentions
from greenroom.testing.fake_discord.permissions import EVERYTHING, OF_BOTS, OF_EVERYONE, Permission
from greenroom.testing.fake_discord.refusal import Refusal
from greenroom.testing.fake_discord.things import (
    HAS_THREAD,
    PRIVATE,
    TEXT,
    THREAD,
    Account,
    Channel,
    Event,
    Message,
    Role,
    Snowflakes,
    Webhook,
)

MOST_ACCOUNTS = 1_000
MOST_CHANNELS = 500
MOST_MESSAGES = 10_000
"""Of one channel; the oldest go."""
_MOST_NONCES = 10_000

Listener = Callable[[Event], None]


class Community:
    """The state. `accounts`, `roles`, `channels` and `webhooks` are kept by id."""

    def __init__(self, name: str) -> None:
        self.ids = Snowflakes()
        self.id = self.ids.new()
        self.name = name
        self.accounts: dict[int, Account] = {}
        self.roles: dict[int, Role] = {self.id: Role(self.id, "@everyone", OF_EVERYONE)}
        self.channels: dict[int, Channel] = {}
        self.webhooks: dict[int, Webhook] = {}
        self.listeners: list[Listener] = []
        self._nonces: OrderedDict[tuple[int, str], Message] = OrderedDict()
        self.owner = self.add_account("owner", "Owner")

    def add_account(
        self, name: str, display_name: str = "", token: str = "", roles: Iterable[str] = (), granted: int = 0
    ) -> Account:
        """Have one more person, or bot when there is a token.

        Raises: ValueError, when the name is taken, or there are too many.
        """
        if any(one.name.casefold() == name.casefold() for one in self.accounts.values()):
            raise ValueError(f"there is somebody named {name!r} already")
        if len(self.accounts) >= MOST_ACCOUNTS:
            raise ValueError(f"no more than {MOST_ACCOUNTS} accounts")
        held = [role.id for role in self.roles.values() if role.name in set(roles)]
        one = Account(self.ids.new(), name, display_name or name, token, held, granted=granted)
        if token:
            own = self.add_role(display_name or name, OF_BOTS, one.id)
            one.roles.append(own.id)
        self.accounts[one.id] = one
        self.tell(Event("GUILD_MEMBER_ADD", payloads.member(one) | {"guild_id": str(self.id)}))
        return one

    def add_role(self, name: str, permissions: Permission, bot_id: int | None = None) -> Role:
        """Have one more role."""
        role = Role(self.ids.new(), name, permissions, bot_id)
        self.roles[role.id] = role
        described = payloads.role(role, len(self.roles) - 1)
        self.tell(Event("GUILD_ROLE_CREATE", {"guild_id": str(self.id), "role": described}))
        return role

    def add_channel(self, name: str, topic: str = "") -> Channel:
        """Have one more text channel."""
        channel = self._keep(Channel(self.ids.new(), name, TEXT, topic, position=len(self.channels)))
        self.tell(Event("CHANNEL_CREATE", payloads.channel(channel, self), channel))
        return channel

    def add_thread(self, parent: Channel, name: str, owner: Account, origin: Message | None = None) -> Channel:
        """Have a thread in a channel; one that begins at a message has its id."""
        key = self.ids.new() if origin is None else origin.id
        thread = self._keep(Channel(key, name, THREAD, parent=parent, owner_id=owner.id, members=[owner.id]))
        if origin is not None:
            origin.thread, origin.flags = thread, origin.flags | HAS_THREAD
        made = payloads.channel(thread, self) | {"newly_created": True}
        self.tell(Event("THREAD_CREATE", made, thread))
        if origin is not None:
            self._tell_of_message("MESSAGE_UPDATE", origin)
        return thread

    def private(self, one: Account, other: Account) -> Channel:
        """The private channel of two, which is made when there is none."""
        for channel in self.channels.values():
            if channel.is_private and set(channel.members) == {one.id, other.id}:
                return channel
        channel = self._keep(Channel(self.ids.new(), "", PRIVATE, members=[one.id, other.id]))
        self.tell(
            Event("CHANNEL_CREATE", payloads.channel(channel, self), channel, only=self.owner)
        )  # bots are not told
        return channel

    def change_channel(self, channel: Channel) -> None:
        """Tell that a channel or a thread is not as it was."""
        name = "THREAD_UPDATE" if channel.type == THREAD else "CHANNEL_UPDATE"
        self.tell(Event(name, payloads.channel(channel, self), channel))

    def join(self, thread: Channel, who: Account) -> None:
        """Have somebody in a thread."""
        if who.id in thread.members:
            return
        thread.members.append(who.id)
        added = [payloads.thread_member(thread, who.id)]
        server = {"id": str(thread.id), "guild_id": str(self.id), "member_count": len(thread.members)}
        self.tell(Event("THREAD_MEMBERS_UPDATE", server | {"added_members": added}, thread))

    def rename(self, who: Account, nick: str | None) -> None:
        """Call somebody otherwise on the server."""
        who.nick = nick
        self.tell(Event("GUILD_MEMBER_UPDATE", payloads.member(who) | {"guild_id": str(self.id)}))

    def post(self, message: Message, mentions: Mentions) -> Message:
        """Put a message where it belongs."""
        self._ping(message, mentions)
        channel = message.channel
        channel.messages[message.id] = message
        if len(channel.messages) > MOST_MESSAGES:
            del channel.messages[next(iter(channel.messages))]
        if channel.type == THREAD:
            self.join(channel, message.author)
        self._tell_of_message("MESSAGE_CREATE", message)
        return message

    def posted_before(self, author: Account, nonce: str) -> Message | None:
        """The message that this author has posted with this nonce."""
        return self._nonces.get((author.id, nonce))

    def remember_nonce(self, message: Message) -> None:
        """Know a message by its nonce from now on; the oldest are forgotten."""
        assert message.nonce is not None
        self._nonces[(message.author.id, message.nonce)] = message
        if len(self._nonces) > _MOST_NONCES:
            self._nonces.popitem(last=False)

    def change(self, message: Message, now_s: float, mentions: Mentions) -> None:
        """Tell that a message was edited."""
        self._ping(message, mentions)
        message.edited_at_s = now_s
        self._tell_of_message("MESSAGE_UPDATE", message)

    def remove(self, message: Message) -> None:
        """Take a message away."""
        self._forget(message)
        place = self.place_of(message.channel)
        self.tell(Event("MESSAGE_DELETE", {"id": str(message.id), **place}, message.channel, message))

    def remove_all(self, channel: Channel, messages: list[Message]) -> None:
        """Take several away at once."""
        for message in messages:
            self._forget(message)
        gone = {"ids": [str(message.id) for message in messages], **self.place_of(channel)}
        self.tell(Event("MESSAGE_DELETE_BULK", gone, channel))

    def react(self, message: Message, who: Account, emoji: str, *, adding: bool = True) -> None:
        """Let somebody react, or take a reaction back; twice is once."""
        those = message.reactions.setdefault(emoji, [])
        if (who in those) == adding:
            return
        those.append(who) if adding else those.remove(who)
        data: payloads.Payload = {
            "user_id": str(who.id),
            "message_id": str(message.id),
            **self.place_of(message.channel),
        }
        data |= {"emoji": payloads.emoji_of(emoji), "burst": False, "type": 0}
        data["message_author_id"] = str(message.author.id)
        if adding and not message.channel.is_private:
            data["member"] = payloads.member(who)
        self.tell(Event(f"MESSAGE_REACTION_{'ADD' if adding else 'REMOVE'}", data, message.channel, message))

    def type_in(self, channel: Channel, who: Account, now_s: float) -> None:
        """Show that somebody writes."""
        data = {"user_id": str(who.id), "timestamp": int(now_s), **self.place_of(channel)}
        server = {} if channel.is_private else {"member": payloads.member(who)}
        self.tell(Event("TYPING_START", data | server, channel))

    def change_webhooks(self, channel: Channel) -> None:
        """Tell that the webhooks of a channel are not what they were."""
        self.tell(Event("WEBHOOKS_UPDATE", self.place_of(channel), channel))

    def held(self, who: Account, channel: Channel | None = None) -> Permission:
        """What somebody may do in a channel, or in the server as a whole."""
        if channel is not None and channel.is_private:
            return EVERYTHING if who.id in channel.members else Permission(0)
        base = Permission(0)
        for role in (self.id, *who.roles):
            base |= self.roles[role].permissions
        if who is self.owner or Permission.ADMINISTRATOR in base:
            return EVERYTHING
        ruled_by = channel.parent if channel is not None and channel.parent else channel
        if ruled_by is None:
            return base
        held = ruled_by.overwrites.applied(base, self.id, who.roles, who.id)
        return held if Permission.VIEW_CHANNEL in held else Permission(0)

    def sees(self, who: Account, channel: Channel) -> bool:
        """Whether a channel is there for somebody."""
        return Permission.VIEW_CHANNEL in self.held(who, channel)

    def seen_by(self, who: Account) -> Iterator[Channel]:
        """The channels that are there for somebody."""
        return (channel for channel in self.channels.values() if self.sees(who, channel))

    def place_of(self, channel: Channel) -> dict[str, str]:
        """Where something happened, as events tell it."""
        server = {} if channel.is_private else {"guild_id": str(self.id)}
        return {"channel_id": str(channel.id), **server}

    def account_named(self, name: str) -> Account:
        """Who has this name, or is shown by it; raises LookupError with the names that there are."""
        wanted = name.casefold()
        for one in self.accounts.values():
            if wanted in {one.name.casefold(), one.shown_name.casefold()}:
                return one
        raise LookupError(f"nobody is named {name!r}; there are {', '.join(o.name for o in self.accounts.values())}")

    def channel_named(self, name: str) -> Channel:
        """The channel or thread with this name; raises LookupError with the names that there are."""
        for one in self.channels.values():
            if one.name == name.removeprefix("#") and not one.is_private:
                return one
        there = ", ".join(one.name for one in self.channels.values() if one.name)
        raise LookupError(f"no channel is named {name!r}; there are {there}")

    def with_mentions(self, text: str) -> str:
        """The text with `<@name>` as Discord writes it, with the id."""

        def with_id(found: re.Match[str]) -> str:
            return f"<@{self.account_named(found[1]).id}>"

        return re.sub(r"<@([A-Za-z][^<>]{0,63})>", with_id, text)

    def tell(self, event: Event) -> None:
        """Tell all who listen."""
        for listener in tuple(self.listeners):
            listener(event)

    def _tell_of_message(self, name: str, message: Message) -> None:
        only = message.seen_by
        self.tell(Event(name, payloads.in_event(message, self), message.channel, message, only))

    def _forget(self, message: Message) -> None:
        message.channel.messages.pop(message.id, None)
        message.is_deleted = True

    def _ping(self, message: Message, mentions: Mentions) -> None:
        answered = message.channel.messages.get(message.reply_to) if message.reply_to else None
        found = mentions.of(message.content, answered.author.id if answered else None)
        message.mentions = [self.accounts[one] for one in found if one in self.accounts]
        message.mentions_everyone = mentions.everyone_in(message.content)

    def _keep(self, channel: Channel) -> Channel:
        if len(self.channels) >= MOST_CHANNELS:
            raise Refusal(400, 30013, f"Maximum number of guild channels reached ({MOST_CHANNELS})")
        self.channels[channel.id] = channel
        return channel
