"""One call of the REST API as the routes get it, and what they have in common."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from greenroom.testing.fake_discord.community import Community
from greenroom.testing.fake_discord.permissions import Permission
from greenroom.testing.fake_discord.refusal import Refusal, missing_access, missing_permissions, unknown
from greenroom.testing.fake_discord.things import THREAD, Account, Channel, Message

LONGEST = 2_000
"""Characters of a message."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A call: who makes it (`caller` of open routes is not asked for), with what."""

    path: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    attachments: tuple[dict[str, Any], ...] = ()
    account: Account | None = None

    @property
    def caller(self) -> Account:
        """The bot that calls."""
        assert self.account is not None, "only open routes have no caller"
        return self.account

    @property
    def fields(self) -> dict[str, Any]:
        """The body, which has to be an object."""
        if not isinstance(self.body, dict):
            raise Refusal(400, 50109, "The request body contains invalid JSON.")
        return self.body

    def id(self, name: str) -> int:
        """An id in the path; 0, which nothing has, when it is not one."""
        return number(self.path[name])


Answer = Callable[[Ask], Any]


@dataclass(frozen=True, slots=True)
class Route:
    """A route: what answers it, with the body of the answer, or None for 204.

    `bucket` is what limits it, and `place` the part of the path that the limit is kept for. An open route needs no bot;
    a secret is in its path.
    """

    method: str
    path: str
    answer: Answer
    bucket: str = ""
    place: str = "channel"
    is_open: bool = False


def number(text: object) -> int:
    """An id from outside; 0 when it is not one."""
    return int(text) if isinstance(text, str | int) and str(text).isdecimal() and len(str(text)) <= 20 else 0


def channel_for(ask: Ask, community: Community, *needed: Permission) -> Channel:
    """The channel of the path, when the caller may do this there.

    Raises: Refusal.
    """
    channel = community.channels.get(ask.id("channel"))
    if channel is None:
        raise unknown("channel")
    held = community.held(ask.caller, channel)
    if Permission.VIEW_CHANNEL not in held:
        raise missing_access()
    if any(one not in held for one in needed):
        raise missing_permissions()
    return channel


def to_post_in(channel: Channel) -> Permission:
    """What somebody needs who posts there."""
    return Permission.SEND_MESSAGES_IN_THREADS if channel.type == THREAD else Permission.SEND_MESSAGES


def message_in(channel: Channel, ask: Ask) -> Message:
    """The message of the path.

    Raises: Refusal.
    """
    found = channel.messages.get(ask.id("message"))
    if found is None or found.seen_by is not None:
        raise unknown("message")
    return found
