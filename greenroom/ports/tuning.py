"""Opinions of lines, and what prompts learn from them."""

from typing import Protocol

from greenroom.at import at
from greenroom.model import (
    Guidance,
    Nothing,
    OptimizeRequest,
    Performance,
    PerformanceRequest,
    PerformanceStats,
    Rating,
    Ratings,
    RatingsRequest,
)


class Tuning(Protocol):
    """What people think of the lines, and what the prompts learn from it."""

    @at("POST /ratings", repeatable=True)
    async def rate(self, rating: Rating, /) -> Ratings:
        """Keep one person's opinion of a turn, in place of an earlier one; return all opinions of that turn."""
        ...

    @at("GET /ratings")
    async def ratings(self, request: RatingsRequest, /) -> Ratings:
        """List ratings, newest first."""
        ...

    @at("POST /record-performance", repeatable=True)
    async def record_performance(self, performance: Performance, /) -> Nothing:
        """Keep how a turn went; the same turn again replaces its record."""
        ...

    @at("GET /performance-stats")
    async def performance_stats(self, request: PerformanceRequest, /) -> PerformanceStats:
        """Sum up the recorded turns."""
        ...

    @at("POST /optimize-prompt", repeatable=True)
    async def optimize_prompt(self, request: OptimizeRequest, /) -> Guidance:
        """Return guidance learnt from this character's recorded failures and from those of this turn."""
        ...
