"""Verdicts on drafts."""

from typing import Protocol

from greenroom.at import at
from greenroom.model import (
    AnalyzeRequest,
    ConversationAnalysis,
    ConversationAnalysisRequest,
    Nothing,
    QualityConfig,
    Verdict,
)


class Quality(Protocol):
    """Is this draft good enough?"""

    @at("POST /analyze", repeatable=True)
    async def analyze(self, request: AnalyzeRequest, /) -> Verdict:
        """Judge a reply. Raises: UnknownCharacter."""
        ...

    @at("GET /config")
    async def config(self, nothing: Nothing, /) -> QualityConfig:
        """Return the weights and thresholds in force, and the scorer's card: how well it does, and since when."""
        ...

    @at("GET /conversation-analysis")
    async def conversation_analysis(self, request: ConversationAnalysisRequest, /) -> ConversationAnalysis:
        """Describe how a conversation has gone, from the verdicts on its replies."""
        ...
