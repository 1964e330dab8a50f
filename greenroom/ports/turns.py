"""The log of turns. The router serves it, since it alone writes there."""

from typing import Protocol

from greenroom.at import at
from greenroom.model import (
    ChannelRequest,
    Conversation,
    FollowRequest,
    Forgotten,
    LineEdit,
    LineRef,
    PersonRef,
    Receipt,
    SaidRequest,
    Turn,
    TurnPage,
    TurnRef,
    WitnessedRequest,
)


class Turns(Protocol):
    """The log of turns, for those who show it and those who follow it."""

    @at("GET /turns/{id}")
    async def explain(self, which: TurnRef, /) -> Receipt:
        """Return everything that made a line. Raises: UnknownTurn."""
        ...

    @at("GET /turns")
    async def follow(self, request: FollowRequest, /) -> TurnPage:
        """Return the turns that changed after the cursor. A turn comes again each time that it changes."""
        ...

    @at("GET /channels/{channel_id}/messages")
    async def recall(self, request: ChannelRequest, /) -> Conversation:
        """Return what was said last in a channel; an unknown channel is an empty conversation."""
        ...

    @at("PUT /lines")
    async def edit(self, change: LineEdit, /) -> Turn:
        """Put other words in the place of a line. Replies to the old ones stay and are marked as outdated.

        Raises: UnknownTurn; Forbidden, when somebody else said it; Conflict, when it was taken back.
        """
        ...

    @at("DELETE /lines")
    async def withdraw(self, which: LineRef, /) -> Turn:
        """Take a line back, and with it the answers to it, which may quote it. What is gone already stays gone.

        Raises: UnknownTurn; Forbidden, when somebody else said it.
        """
        ...

    @at("GET /characters/{character}/witnessed")
    async def witnessed(self, request: WitnessedRequest, /) -> TurnPage:
        """Return what a character witnessed and still stands. What was taken back since, `follow` tells."""
        ...

    @at("GET /people/{user_id}/lines")
    async def export(self, request: SaidRequest, /) -> TurnPage:
        """Return all that a person said, and what was answered."""
        ...

    @at("POST /people/{user_id}/forget", repeatable=True)
    async def forget(self, who: PersonRef, /) -> Forgotten:
        """Take back all that a person has said so far; the log tells everybody who follows it to do the same."""
        ...
