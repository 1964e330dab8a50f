"""The turn, and what is left of one that failed."""

from typing import Protocol

from greenroom.at import at
from greenroom.model import (
    DeadLetterRef,
    DeadLetters,
    HeardLine,
    Nothing,
    OrganicNotice,
    Page,
    ServicesHealth,
    Stream,
    Turn,
    TurnEvent,
    TurnReply,
    TurnRequest,
)


class Router(Protocol):
    """The turn: a character's answer to what somebody said."""

    @at("POST /orchestrate")
    async def orchestrate(self, request: TurnRequest, /) -> TurnReply:
        """Answer, and return when the reply stands.

        Raises: UnknownCharacter; TurnFailed, when no attempt gave a reply (a dead letter keeps the turn);
        StorageFull, before anything was said.
        """
        ...

    @at("POST /orchestrate/stream")
    def stream(self, request: TurnRequest, /) -> Stream[TurnEvent]:
        """Answer, and show the drafts as they come; the last event is the reply. Closing the stream ends the turn."""
        ...

    @at("POST /hear")
    async def hear(self, line: HeardLine, /) -> Turn:
        """Write down what a person said to nobody in particular; nobody answers yet. Raises: StorageFull."""
        ...

    @at("POST /organic-notification")
    async def note(self, notice: OrganicNotice, /) -> Turn:
        """Write down what a program has posted as a character by itself, so that others may fall in on it.

        Raises: UnknownCharacter; Overloaded; StorageFull.
        """
        ...

    @at("GET /dead-letters")
    async def dead_letters(self, page: Page, /) -> DeadLetters:
        """List the turns that failed, newest first."""
        ...

    @at("POST /dead-letters/{id}/replay", repeatable=False)
    async def replay(self, which: DeadLetterRef, /) -> TurnReply:
        """Try a failed turn again. On success its letter is gone; otherwise it stays and counts the replay."""
        ...

    @at("DELETE /dead-letters/{id}")
    async def drop(self, which: DeadLetterRef, /) -> Nothing:
        """Forget a dead letter; its turn stays in the log as failed."""
        ...

    @at("GET /services/health")
    async def services_health(self, nothing: Nothing, /) -> ServicesHealth:
        """Ask every service how it is."""
        ...
