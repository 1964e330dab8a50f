"""Quality with everything around it scripted."""

from dataclasses import dataclass, field

from greenroom.config import QualitySettings
from greenroom.lane import Lane
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
from greenroom.ports import Characters, Llm, Tuning, Turns
from greenroom.quality.service import QualityService
from greenroom.storage.database import Database
from greenroom.testing import FixedTurns, FrozenClock, ScriptedModel


@dataclass
class RatedLines:
    """A `Tuning` that knows the opinions that the test gives it."""

    known: list[Rating] = field(default_factory=list)

    async def rate(self, rating: Rating, /) -> Ratings:
        self.known.append(rating)
        return Ratings(ratings=(rating,))

    async def ratings(self, request: RatingsRequest, /) -> Ratings:
        return Ratings(ratings=tuple(self.known[-request.limit :]))

    async def record_performance(self, performance: Performance, /) -> Nothing:
        return Nothing()

    async def performance_stats(self, request: PerformanceRequest, /) -> PerformanceStats:
        return PerformanceStats()

    async def optimize_prompt(self, request: OptimizeRequest, /) -> Guidance:
        return Guidance()


def quality(
    database: Database,
    cast: Characters,
    of: QualitySettings | None = None,
    *,
    llm: Llm | None = None,
    turns: Turns | None = None,
    tuning: Tuning | None = None,
    clock: FrozenClock | None = None,
    lane: Lane | None = None,
) -> QualityService:
    """The service, with fakes for what a test does not care about. No model embeds, unless one is given."""
    settings = of or QualitySettings()
    settings = settings if llm else settings.model_copy(update={"embeddings": False})
    return QualityService(
        settings,
        cast,
        llm or ScriptedModel(),
        turns or FixedTurns(),
        tuning or RatedLines(),
        database,
        clock or FrozenClock(),
        lane,
    )
