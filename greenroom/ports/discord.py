"""The door to Discord, for programs that have a character speak there."""

from typing import Protocol

from greenroom.at import at
from greenroom.model import OrganicRequest, Posted


class Discord(Protocol):
    """The door to Discord."""

    @at("POST /organic-message", repeatable=False)
    async def organic_message(self, request: OrganicRequest, /) -> Posted:
        """Have a character fall in now, in a channel of Discord; return when it is posted.

        Raises: Conflict, with what holds the channel back; Unavailable, when no bot is there.
        """
        ...
