"""A router with everything around it scripted."""

from dataclasses import dataclass, field
from typing import Any

from greenroom.config import Backoff, TurnSettings
from greenroom.errors import GreenroomError
from greenroom.ids import RANDOM_IDS, Ids
from greenroom.model import (
    AnalyzeRequest,
    Collections,
    ConversationAnalysis,
    ConversationAnalysisRequest,
    Guidance,
    Interest,
    Knowledge,
    KnowledgeRequest,
    Metrics,
    Nothing,
    OptimizeRequest,
    Passage,
    Passages,
    Performance,
    PerformanceRequest,
    PerformanceStats,
    QualityConfig,
    Rating,
    Ratings,
    RatingsRequest,
    RetrieveRequest,
    SemanticSearch,
    Sheet,
    TurnRequest,
    Verdict,
    Violation,
)
from greenroom.router.log import TurnLog
from greenroom.router.service import RouterService
from greenroom.router.turn import AskPanel, Company
from greenroom.storage.database import Database
from greenroom.testing import FixedCast, FrozenClock, ScriptedModel

PETER = Sheet(name="Peter", full_name="Peter Griffin", prompt="You love beer.", interests=(Interest(topic="beer"),))
BACKOFF = Backoff(attempts=10, base_s=1, factor=2, max_s=30, jitter=False)
BRIAN = Sheet(name="Brian", prompt="You write.")


class ScriptedQuality:
    """Judges drafts by what the test says of them: a score, and the rules that they break."""

    def __init__(self) -> None:
        self.requests: list[AnalyzeRequest] = []
        self.scores: dict[str, float] = {}
        self.broken: dict[str, tuple[str, ...]] = {}
        self.minor: dict[str, tuple[str, ...]] = {}
        self.away: GreenroomError | None = None

    async def analyze(self, request: AnalyzeRequest, /) -> Verdict:
        self.requests.append(request)
        if self.away:
            raise self.away
        rules = [("critical", r) for r in self.broken.get(request.response, ())]
        rules += [("minor", r) for r in self.minor.get(request.response, ())]
        score = self.scores.get(request.response, 90.0)
        violations = [{"rule": r, "severity": s, "advice": f"Avoid {r}."} for s, r in rules]
        critical = any(s == "critical" for s, _ in rules)
        return Verdict(
            overall_score=score,
            quality_check_passed=score >= 60 and not critical,
            adaptive_threshold=60,
            conversation_state="warm",
            metrics=Metrics(),
            violations=tuple(Violation.model_validate(v) for v in violations),
        )

    async def config(self, nothing: Nothing, /) -> QualityConfig:
        return QualityConfig(weights={}, thresholds={}, organic_penalty=0, warm_after=7, hot_after=21)

    async def conversation_analysis(self, request: ConversationAnalysisRequest, /) -> ConversationAnalysis:
        return ConversationAnalysis(conversation_id=request.conversation_id)


class ScriptedTuning:
    """Gives the guidance that the test wants."""

    def __init__(self) -> None:
        self.asked: list[OptimizeRequest] = []
        self.lines: tuple[str, ...] = ("Keep it short.",)
        self.away: GreenroomError | None = None

    async def optimize_prompt(self, request: OptimizeRequest, /) -> Guidance:
        self.asked.append(request)
        if self.away:
            raise self.away
        return Guidance(lines=self.lines, reasons=("often too long",))

    async def rate(self, rating: Rating, /) -> Ratings:
        return Ratings(ratings=(rating,))

    async def ratings(self, request: RatingsRequest, /) -> Ratings:
        return Ratings(ratings=())

    async def record_performance(self, performance: Performance, /) -> Nothing:
        return Nothing()

    async def performance_stats(self, request: PerformanceRequest, /) -> PerformanceStats:
        return PerformanceStats()


class ScriptedLore:
    """Finds one passage, unless it is away."""

    def __init__(self) -> None:
        self.asked: list[RetrieveRequest] = []
        self.away: GreenroomError | None = None
        self.found = Passage(id="p1", content="The Clam is a bar.", source="lore/clam.md", relevance_score=0.8)

    async def retrieve(self, request: RetrieveRequest, /) -> Passages:
        self.asked.append(request)
        if self.away:
            raise self.away
        return Passages(results=(self.found,))

    async def semantic_search(self, search: SemanticSearch, /) -> Passages:
        return Passages(results=(self.found,))

    async def character_knowledge(self, request: KnowledgeRequest, /) -> Knowledge:
        return Knowledge(character=request.character, results=(self.found,))

    async def collections(self, nothing: Nothing, /) -> Collections:
        return Collections()


@dataclass
class Stage:
    """A router and everybody around it."""

    database: Database
    settings: TurnSettings = field(default_factory=lambda: TurnSettings(backoff=BACKOFF))
    model: ScriptedModel = field(default_factory=ScriptedModel)
    cast: FixedCast = field(default_factory=lambda: FixedCast(PETER, BRIAN))
    quality: ScriptedQuality = field(default_factory=ScriptedQuality)
    tuning: ScriptedTuning = field(default_factory=ScriptedTuning)
    lore: ScriptedLore = field(default_factory=ScriptedLore)
    clock: FrozenClock = field(default_factory=FrozenClock)
    panel: AskPanel | None = None
    ids: Ids = RANDOM_IDS

    def log(self, owner: str = "test") -> TurnLog:
        return TurnLog(self.database, self.clock, owner, self.settings.deadline_s, self.ids)

    def router(self, owner: str = "test") -> RouterService:
        company = Company(self.cast, self.lore, self.model, self.quality, self.tuning, self.panel)
        return RouterService(company, self.settings, self.log(owner), self.database, self.clock, {})


def asking(text: str = "What is your favorite beer?", **more: Any) -> TurnRequest:
    fields: dict[str, Any] = {"character_name": "peter", "channel_id": "room", "user_id": "ann", "user_name": "Ann"}
    return TurnRequest.model_validate({**fields, "input_text": text, **more})
