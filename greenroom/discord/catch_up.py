"""What was said while a bot was away: all of it is written down, and the newest message to one of the cast answered."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

import structlog

from greenroom.clock import Clock
from greenroom.config import DiscordSettings
from greenroom.discord.channels import Channels
from greenroom.discord.conversation import Conversation
from greenroom.discord.permissions import takes_part
from greenroom.discord.said import Said
from greenroom.errors import GreenroomError

_EPOCH_MS = 1_420_070_400_000
"""Where Discord's ids begin to count, 2015 in Unix milliseconds. Source: Discord's API, "Snowflakes"."""

log = structlog.get_logger(__name__)


class Past(Protocol):
    """Who can look up what was said in a channel."""

    async def since(self, channel_id: int, message_id: int) -> Sequence[Said]:
        """What people said after a message, the oldest first; nothing, where the channel cannot be seen."""
        ...


async def catch_up(
    past: Past, channels: Channels, conversation: Conversation, settings: DiscordSettings, clock: Clock
) -> None:
    """Go through the channels that were read before: take in what was missed, and answer one message in each."""
    oldest = snowflake(clock, settings.catch_up_s)
    for channel_id, last in (await channels.last_seen()).items():
        try:
            missed = [s for s in await past.since(channel_id, max(last, oldest)) if takes_part(s, settings)]
            addressed = [s for s in missed if await conversation.who_is_addressed(s) is not None]
        except GreenroomError as exc:
            log.warning("discord.not_caught_up", channel=channel_id, detail=exc.detail)
            continue
        if missed:
            log.info("discord.caught_up", channel=channel_id, missed=len(missed), answers=len(addressed[-1:]))
        # The one to be answered comes last: who answers it now has read what was said since.
        in_order = [*(said for said in missed if said not in addressed[-1:]), *addressed[-1:]]
        for said in in_order:
            await conversation.hear(said, "late" if said is in_order[-1] else "passed over")


def snowflake(clock: Clock, ago_s: float) -> int:
    """The least id that a message of so long ago can have."""
    moment = clock.now() - timedelta(seconds=ago_s)
    return max(0, int(moment.timestamp() * 1000) - _EPOCH_MS) << 22
