"""Who speaks next, and when."""

from typing import Protocol

from greenroom.at import at
from greenroom.model import (
    Floor,
    FloorRequest,
    Nothing,
    Opportunity,
    OpportunityRequest,
    OrganicRequest,
    QuietRequest,
    SpeakerChoice,
    SpeakerCorrection,
    SpeakerRequest,
    TurnReply,
    WeightsReport,
)


class Coordinator(Protocol):
    """Who speaks next, and when; whether anybody should."""

    @at("POST /select-speaker", repeatable=True)
    async def select_speaker(self, request: SpeakerRequest, /) -> SpeakerChoice:
        """Say who speaks next: the likeliest of the candidates and silence, with chances and reasons."""
        ...

    @at("POST /analyze-organic-opportunity", repeatable=True)
    async def analyze_opportunity(self, request: OpportunityRequest, /) -> Opportunity:
        """Say whether a character should fall in now, and who; nothing is said."""
        ...

    @at("POST /generate-organic-response", repeatable=False)
    async def fall_in(self, request: OrganicRequest, /) -> TurnReply:
        """Have a character fall in on what was said last. Raises: UnknownCharacter; Conflict, when it may not."""
        ...

    @at("GET /conversation-state")
    async def conversation_state(self, request: FloorRequest, /) -> Floor:
        """Say how a channel's conversation stands, and what is left of its budget."""
        ...

    @at("POST /corrections", repeatable=True)
    async def correct(self, correction: SpeakerCorrection, /) -> WeightsReport:
        """Keep who should have spoken; with enough of such corrections the weights follow them.

        Raises: UnknownTurn; UnknownCharacter, for one who could not have spoken; InvalidInput.
        """
        ...

    @at("GET /weights")
    async def weights(self, nothing: Nothing, /) -> WeightsReport:
        """Return the weights by which speakers are chosen, beside those that Greenroom comes with."""
        ...

    @at("POST /quiet", repeatable=True)
    async def keep_quiet(self, request: QuietRequest, /) -> Floor:
        """Have characters say nothing unasked in a channel for a while; what was planned there is dropped at once."""
        ...
