"""The things a server is made of: its accounts, roles, channels, messages and webhooks."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from greenroom.testing.fake_discord.permissions import Overwrites, Permission

_EPOCH_MS = 1_420_070_400_000
"""The first millisecond of 2015, from which Discord counts."""

TEXT, PRIVATE, THREAD = 0, 1, 11
EPHEMERAL = 1 << 6
HAS_THREAD = 1 << 5
LOADING = 1 << 7
MESSAGE_CONTENT = 1 << 15


class Snowflakes:
    """Ids that grow, and that tell when they were made. Source: Discord's documentation, "Snowflakes"."""

    def __init__(self, now_s: Callable[[], float] = time.time) -> None:
        self._now_s = now_s
        self._last = 0

    def new(self) -> int:
        """The next id, above all before it."""
        self._last = max(self._last + 1, (int(self._now_s() * 1000) - _EPOCH_MS) << 22)
        return self._last


def made_at_s(snowflake: int) -> float:
    """When an id was made, in seconds since 1970."""
    return ((snowflake >> 22) + _EPOCH_MS) / 1000


@dataclass(slots=True, eq=False)
class Role:
    """A role; `bot_id` when it belongs to a bot alone."""

    id: int
    name: str
    permissions: Permission
    bot_id: int | None = None


@dataclass(slots=True, eq=False)
class Account:
    """A person, or a bot when it has a token.

    `granted` are the privileged intents that are switched on for a bot in the developer portal.
    """

    id: int
    name: str
    display_name: str
    token: str = field(default="", repr=False)
    roles: list[int] = field(default_factory=list)
    nick: str | None = None
    takes_private_messages: bool = True
    granted: int = 0
    commands: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def is_bot(self) -> bool:
        """Whether a program speaks."""
        return bool(self.token)

    @property
    def shown_name(self) -> str:
        """What is written above its messages."""
        return self.nick or self.display_name


@dataclass(slots=True, eq=False)
class Channel:
    """A channel of the server, a thread in one (`parent`), or a private one between two (`members`)."""

    id: int
    name: str
    type: int = TEXT
    topic: str = ""
    parent: "Channel | None" = None
    owner_id: int = 0
    members: list[int] = field(default_factory=list)
    is_archived: bool = False
    overwrites: Overwrites = field(default_factory=Overwrites)
    messages: "dict[int, Message]" = field(default_factory=dict)
    position: int = 0

    @property
    def is_private(self) -> bool:
        """Whether it is outside of the server."""
        return self.type == PRIVATE


@dataclass(slots=True, eq=False)
class Webhook:
    """A webhook of a channel, and the bot that made it."""

    id: int
    channel: Channel
    name: str
    token: str
    owner: Account


@dataclass(slots=True, eq=False)
class Message:
    """A message, as all see it; `seen_by` is set when only one does.

    `mentions` are those who are really pinged; `reactions` has who reacted, by emoji.
    """

    id: int
    channel: Channel
    author: Account
    content: str
    shown_name: str
    avatar_url: str | None = None
    webhook: Webhook | None = None
    application_id: int | None = None
    reply_to: int | None = None
    mentions: list[Account] = field(default_factory=list)
    mentions_everyone: bool = False
    reactions: dict[str, list[Account]] = field(default_factory=dict)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    flags: int = 0
    nonce: str | None = None
    edited_at_s: float | None = None
    seen_by: Account | None = None
    interaction: dict[str, Any] | None = None
    thread: Channel | None = None
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, for all who may know of it; for `only` one account when that is set."""

    name: str
    data: dict[str, Any]
    channel: Channel | None = None
    message: Message | None = None
    only: Account | None = None
