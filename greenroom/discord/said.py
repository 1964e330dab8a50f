"""What people write and think on Discord, as the rest of the door knows it: without Discord's own objects."""

from dataclasses import dataclass
from datetime import datetime

from greenroom.discord.outbox import PREFIX
from greenroom.model import CharacterId, Place


@dataclass(frozen=True)
class Said:
    """What a person wrote. Ids are Discord's; `text` has names in the place of ids.

    `to` is the character whose bot got it in private. `mentioned` are the accounts that were mentioned, and `reply_to`
    is the message that it answers. `for_other_bots` is true when it answers or mentions a bot that is none of ours.
    `roles` holds names and ids of the author's roles; `is_public` tells whether everybody on the server sees it.
    `said_at` is in UTC, by Discord's clock.
    """

    message_id: int
    channel_id: int
    author_id: int
    author_name: str
    text: str
    place: Place = "channel"
    parent_id: int | None = None
    to: CharacterId | None = None
    mentioned: tuple[int, ...] = ()
    reply_to: int | None = None
    for_other_bots: bool = False
    roles: frozenset[str] = frozenset()
    is_public: bool = True
    said_at: datetime | None = None

    @property
    def key(self) -> str:
        """The message's id in the log of turns."""
        return f"{PREFIX}{self.message_id}"


@dataclass(frozen=True)
class Reaction:
    """A thumb, 1 for up and -1 for down, that somebody put under a message or took away."""

    message_id: int
    channel_id: int
    user_id: int
    thumb: int
    is_added: bool
