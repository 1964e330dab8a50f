"""A house for the page to stand in: a router that plays scripted turns, and opinions that are held in memory."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NoReturn, cast

from greenroom.clock import SystemClock
from greenroom.errors import Conflict, GreenroomError, NotFound, Unavailable, UnknownDeadLetter
from greenroom.journey import current_trace
from greenroom.model import (
    AnalyzeRequest,
    ApiKey,
    ApiKeys,
    Attempt,
    Bar,
    CacheBackup,
    CacheClear,
    CacheEntry,
    CacheEntryRef,
    CacheFile,
    CacheReport,
    CacheStats,
    ChannelId,
    ChannelRequest,
    CharacterId,
    ChatMessage,
    ComplexityRequest,
    Conversation,
    ConversationAnalysis,
    ConversationAnalysisRequest,
    Crawl,
    Crawls,
    DeadLetter,
    DeadLetterRef,
    DeadLetters,
    Decision,
    DraftText,
    Entities,
    EntitiesRequest,
    EventsRequest,
    Figures,
    Guidance,
    HeardLine,
    KeyOrder,
    KeyRef,
    Metrics,
    ModelCard,
    NewKey,
    Nothing,
    OptimizeRequest,
    OrganicNotice,
    Page,
    Panel,
    PanelRequest,
    Passage,
    Performance,
    PerformanceRequest,
    PerformanceStats,
    PersonId,
    QualityConfig,
    QueueStatus,
    Rating,
    Ratings,
    RatingsRequest,
    Reason,
    Receipt,
    Replied,
    ReplyMetadata,
    RoutingState,
    ScoreCard,
    SearchAnswer,
    SearchRequest,
    SearchState,
    ServicesHealth,
    Sessions,
    SessionsRequest,
    Sheet,
    SpeakerCorrection,
    SpeakerWeights,
    Spent,
    Stats,
    StatsRequest,
    Step,
    Stream,
    TaskCount,
    TaskPage,
    TaskQuery,
    TaskRecord,
    TaskRef,
    TierStats,
    Triggered,
    Turn,
    TurnEvent,
    TurnId,
    TurnReply,
    TurnRequest,
    TurnState,
    Verdict,
    WeightsReport,
    WorldEvents,
    WorldRef,
    Worlds,
    WorldSummary,
)
from greenroom.ports import Coordinator, Crawler, World
from greenroom.testing import FixedCast, FixedRouting, FixedTurns, ScriptedModel
from greenroom.web.backstage import Backstage

Piece = TurnEvent | str | GreenroomError | asyncio.Event
"""A part of a turn: an event, the reply's text, an error (the turn fails), or a gate to wait at."""

PETER = Sheet(name="Peter", full_name="Peter Griffin", tagline="Shipping clerk", emblem="🍺", colour="#2f8554")
BRIAN = Sheet(name="Brian", tagline="Novelist", emblem="🐕", colour="#3a76c4")

_clock = SystemClock()


class KeptTurns(FixedTurns):
    """A log that leaves out of a conversation what was replaced, and notes the replacing as a later change of it."""

    def replace(self, turn: Turn) -> None:
        """Put away the turn that this one replaces."""
        old = self.receipts.get(turn.replaces or "")
        if old is not None:
            self.add(old)

    async def recall(self, request: ChannelRequest, /) -> Conversation:
        """Return what stands, in the order in which it was begun."""
        said = await super().recall(request)
        answered = [turn for turn in said.turns if turn.state == "answered"]
        gone = {turn.replaces for turn in answered}
        standing = [t for t in said.turns if t.id not in gone and (t.replaces is None or t.state == "answered")]
        return said.model_copy(update={"turns": tuple(sorted(standing, key=lambda turn: turn.begun_at))})


class ScriptedRouter:
    """A `Router` whose turns are queued as their pieces. Without one it echoes what was said."""

    def __init__(self, turns: KeptTurns) -> None:
        self.requests: list[TurnRequest] = []
        self.heard: list[HeardLine] = []
        self.letters: list[DeadLetter] = []
        self._turns = turns
        self._script: deque[tuple[Piece, ...]] = deque()

    def enqueue(self, *pieces: Piece) -> None:
        """Add a turn."""
        self._script.append(pieces)

    async def stream(self, request: TurnRequest, /) -> Stream[TurnEvent]:
        """Play the next turn, and keep the log of it."""
        self.requests.append(request)
        turn = self._begin(request)
        try:
            for piece in self._script.popleft() if self._script else (f"You said: {request.input_text}",):
                if isinstance(piece, asyncio.Event):
                    await piece.wait()
                elif isinstance(piece, GreenroomError):
                    raise piece
                elif isinstance(piece, str):
                    yield DraftText(attempt=1, text=piece)
                    yield Replied(reply=self._answer(turn, request, piece))
                else:
                    yield piece
        except GreenroomError as exc:
            self._fail(turn, request, exc)
            raise
        except (asyncio.CancelledError, GeneratorExit):
            self._write(turn, request, "left", None)
            raise

    async def orchestrate(self, request: TurnRequest, /) -> TurnReply:
        """Play the next turn to its end."""
        replies = [event.reply async for event in self.stream(request) if isinstance(event, Replied)]
        return replies[-1]

    async def note(self, notice: OrganicNotice, /) -> Turn:
        """Refuse: the page posts nothing by itself."""
        raise Conflict("the page posts nothing by itself")

    async def hear(self, line: HeardLine, /) -> Turn:
        """Write a line down that nobody answers."""
        self.heard.append(line)
        request = TurnRequest(
            character_name="nobody",
            input_text=line.text,
            channel_id=line.channel_id,
            user_id=line.user_id,
            user_name=line.user_name,
        )
        turn = self._begin(request).model_copy(update={"character": "", "character_name": ""})
        self._write(turn, request, "heard", None)
        return turn

    async def dead_letters(self, page: Page, /) -> DeadLetters:
        """The turns that failed."""
        return DeadLetters(letters=tuple(self.letters), total=len(self.letters))

    async def replay(self, which: DeadLetterRef, /) -> TurnReply:
        """Play the next turn in place of the failed one."""
        letter = await self._letter(which)
        reply = await self.orchestrate(letter.request.model_copy(update={"replaces": letter.turn_id}))
        self.letters.remove(letter)
        return reply

    async def drop(self, which: DeadLetterRef, /) -> Nothing:
        """Forget a letter."""
        self.letters.remove(await self._letter(which))
        return Nothing()

    async def services_health(self, nothing: Nothing, /) -> ServicesHealth:
        """There are no services here."""
        return ServicesHealth(status="healthy", services={}, timestamp=_clock.now())

    async def _letter(self, which: DeadLetterRef) -> DeadLetter:
        for letter in self.letters:
            if letter.id == which.id:
                return letter
        raise UnknownDeadLetter(f"unknown dead letter {which.id!r}")

    def _begin(self, request: TurnRequest) -> Turn:
        turn = Turn(
            id=TurnId(f"turn-{len(self._turns.receipts) + 1}"),
            position=0,
            channel_id=ChannelId(request.channel_id),
            character=CharacterId(request.character_name.casefold()),
            character_name=request.character_name,
            user_id=PersonId(request.user_id),
            user_name=request.user_name,
            message_type="direct",
            input_text=request.input_text,
            reply=None,
            state="begun",
            begun_at=_clock.now(),
            replaces=request.replaces,
            trace_id=current_trace().trace_id,
        )
        self._write(turn, request, "begun", None)
        return turn

    def _answer(self, turn: Turn, request: TurnRequest, text: str) -> TurnReply:
        self._write(turn, request, "answered", text)
        self._turns.replace(turn)
        return TurnReply(
            success=True,
            response=text,
            character=turn.character,
            character_name=turn.character_name,
            processing_time=0.1,
            quality_score=81.0,
            metadata=ReplyMetadata(turn_id=turn.id, attempts=1),
        )

    def _fail(self, turn: Turn, request: TurnRequest, exc: GreenroomError) -> None:
        self._write(turn.model_copy(update={"error": exc.detail}), request, "failed", None)
        letter = DeadLetter(
            id=f"letter-{turn.id}",
            turn_id=turn.id,
            request=request,
            error=type(exc).__name__,
            detail=exc.detail,
            attempts=1,
            failed_at=_clock.now(),
        )
        self.letters.append(letter)

    def _write(self, turn: Turn, request: TurnRequest, state: TurnState, reply: str | None) -> None:
        changes = {"state": state, "reply": reply, "quality_score": 81.0 if reply else None, "ended_at": _clock.now()}
        self._turns.add(_receipt(turn.model_copy(update=changes), request))


class RefusingRouter(ScriptedRouter):
    """A router that says no before it writes anything down, as on a full disk."""

    def __init__(self, turns: KeptTurns, refusal: GreenroomError) -> None:
        super().__init__(turns)
        self._refusal = refusal

    async def stream(self, request: TurnRequest, /) -> Stream[TurnEvent]:
        """Refuse."""
        self.requests.append(request)
        raise self._refusal
        yield  # a stream is a generator


class HeldOpinions:
    """A `Tuning` that keeps ratings in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Rating] = {}

    async def rate(self, rating: Rating, /) -> Ratings:
        """Keep an opinion."""
        self.kept[(rating.turn_id, rating.user_id)] = rating
        return await self.ratings(RatingsRequest(turn_id=rating.turn_id))

    async def ratings(self, request: RatingsRequest, /) -> Ratings:
        """All opinions, newest first, as many as were asked for."""
        return Ratings(ratings=tuple(reversed(self.kept.values()))[request.skip :][: request.limit])

    async def record_performance(self, performance: Performance, /) -> Nothing:
        """Forget it."""
        return Nothing()

    async def performance_stats(self, request: PerformanceRequest, /) -> PerformanceStats:
        """There are no figures."""
        return PerformanceStats()

    async def optimize_prompt(self, request: OptimizeRequest, /) -> Guidance:
        """There is no guidance."""
        return Guidance()


class HeldAnswers:
    """A `ResponseCache` with figures that the test gives. `away` is raised instead, `cleared` counts."""

    def __init__(self) -> None:
        tiers = (TierStats(tier="memory", entries=3, size_bytes=4_200, hits=9, misses=1), TierStats(tier="sqlite"))
        self.held = CacheStats(tiers=tiers, hits=9, misses=1, coalesced=2, stored=3, hit_rate=11 / 12)
        self.away: GreenroomError | None = None
        self.cleared = 0

    async def clear(self, whose: CacheClear, /) -> CacheStats:
        """Forget all figures."""
        self.cleared += 1
        self.held = CacheStats(tiers=(), hits=0, misses=0, coalesced=0, stored=0)
        return self.held

    async def stats(self, nothing: Nothing, /) -> CacheStats:
        """The figures."""
        if self.away is not None:
            raise self.away
        return self.held

    async def entry(self, which: CacheEntryRef, /) -> CacheEntry:
        """There is none."""
        raise NotFound

    async def purge(self, which: CacheEntryRef, /) -> Nothing:
        """There is none."""
        raise NotFound

    async def report(self, which: CacheEntryRef, /) -> CacheReport:
        """There is none."""
        raise NotFound

    async def backup(self, file: CacheFile, /) -> CacheBackup:
        """There is no disk."""
        raise Unavailable

    async def restore(self, file: CacheFile, /) -> CacheStats:
        """There is no disk."""
        raise Unavailable


class FixedWay:
    """A `Complexity` to which everything is hard."""

    async def analyze(self, request: ComplexityRequest, /) -> Decision:
        """Always the same."""
        return Decision(
            complexity="high",
            score=0.81,
            reasons=("it asks for a proof",),
            route="local",
            model="scripted/m",
            degraded=("no cloud model is set",),
        )


class FixedSearch:
    """A `WebSearch` that finds nothing and is in the state that the test gives."""

    def __init__(self) -> None:
        self.held = SearchState(provider="none", ready=False)

    async def search(self, request: SearchRequest, /) -> SearchAnswer:
        """Find nothing."""
        return SearchAnswer(query=request.query, provider="searxng", results=(), took_ms=0, cached=False)

    async def state(self, nothing: Nothing, /) -> SearchState:
        """The state."""
        return self.held


class FixedLearning(FixedRouting):
    """A `Routing` that learnt from a few outcomes."""

    async def state(self, nothing: Nothing, /) -> RoutingState:
        """Always the same."""
        return RoutingState(
            version=1,
            medium_from=0.4,
            high_from=0.66,
            from_traffic=True,
            requests=500,
            outcomes=80,
            learnt_from=80,
            held_out=0.79,
            held_out_before=0.7,
        )


class FixedCosts:
    """A `Costs` with a little money spent on one day."""

    async def stats(self, request: StatsRequest, /) -> Stats:
        """Always the same."""
        spent = Spent(
            requests=3, calls=2, hits={"memory": 1}, hit_rate=1 / 3, prompt_tokens=1200, cost_usd=0.25, unpriced=1
        )
        today = date(2026, 11, 21)
        of = {"cloud/large": spent}
        return Stats(
            since=today - timedelta(days=29),
            until=today,
            total=spent,
            by_model=of,
            by_caller={"id-1": spent, "anyone": Spent(requests=1, calls=1, cost_usd=None, unpriced=1)},
            by_day={today: spent},
            names={"id-1": "Lois"},
        )


class HeldKeys:
    """A `Keys` in memory."""

    def __init__(self) -> None:
        self.held: dict[str, ApiKey] = {}

    async def make(self, order: KeyOrder, /) -> NewKey:
        """Make a key."""
        if order.name in self.held:
            raise Conflict(f"there is a key {order.name!r} already")
        key = ApiKey(**order.model_dump(), id=order.name, made_at=_clock.now(), spent_usd=0.5)
        self.held[key.id] = key
        return NewKey(key=key, secret=f"gr-secret-of-{order.name}")

    async def keys(self, nothing: Nothing, /) -> ApiKeys:
        """All of them."""
        return ApiKeys(keys=tuple(self.held.values()))

    async def revoke(self, which: KeyRef, /) -> ApiKey:
        """Revoke a key."""
        self.held[which.id] = self.held[which.id].model_copy(update={"revoked_at": _clock.now()})
        return self.held[which.id]


class HeldCorrections:
    """Of a `Coordinator`, what keeps corrections."""

    def __init__(self) -> None:
        self.kept: list[SpeakerCorrection] = []

    async def correct(self, correction: SpeakerCorrection, /) -> WeightsReport:
        self.kept.append(correction)
        shipped = SpeakerWeights(version="shipped", made_at=datetime.now(UTC), company={}, crowd={}, silence={})
        return WeightsReport(in_force=shipped, shipped=shipped, meanings={}, corrections=len(self.kept), needed=20)


class FixedCrawls:
    """As much of a `Crawler` as the page asks for: one that is under way, and one that has failed."""

    async def crawls(self, nothing: Nothing, /) -> Crawls:
        """Always the same."""
        wiki = Crawl(
            id="1",
            url="https://wiki.test/",
            collection="town",
            state="running",
            round=1,
            max_pages=500,
            pages={"indexed": 12, "waiting": 30, "duplicate": 2},
            ordered_at=_clock.now(),
        )
        away = {"id": "2", "state": "failed", "detail": "wiki.test does not answer", "pages": {}}
        return Crawls(crawls=(wiki, wiki.model_copy(update=away)))


class StillWorld:
    """As much of a `World` as the page asks for: one in which nothing happens, with a panel that the test holds."""

    def __init__(self) -> None:
        self.held = Panel()
        self.away: GreenroomError | None = None
        self.simulated: list[str] = []
        self.enabled = True

    async def panel(self, request: PanelRequest, /) -> Panel:
        """What is held."""
        if self.away:
            raise self.away
        return self.held

    async def worlds(self, nothing: Nothing, /) -> Worlds:
        """One."""
        return Worlds(worlds=(await self.world(WorldRef(world_id="main")),), enabled=self.enabled)

    async def world(self, which: WorldRef, /) -> WorldSummary:
        """Always the same."""
        if self.away:
            raise self.away
        return WorldSummary(id="main", name="Main", made_at=_clock.now())

    async def sessions(self, request: SessionsRequest, /) -> Sessions:
        """None."""
        return Sessions()

    async def entities(self, request: EntitiesRequest, /) -> Entities:
        """None."""
        return Entities()

    async def events(self, request: EventsRequest, /) -> WorldEvents:
        """None."""
        return WorldEvents()

    async def trigger_simulation(self, which: WorldRef, /) -> Triggered:
        """Note it."""
        self.simulated.append(which.world_id)
        return Triggered(tasks=1)


class HeldTasks:
    """A `Maintenance` with two dead letters."""

    def __init__(self) -> None:
        self.retried: list[int] = []
        self.letters = [_dead_letter(1, "UPDATE_NOTE"), _dead_letter(2, "SIMULATE_WORLD")]

    async def queue_status(self, nothing: Nothing, /) -> QueueStatus:
        """A queue that has grown."""
        counts = (
            TaskCount(kind="UPDATE_NOTE", status="pending", tasks=1200),
            TaskCount(kind="UPDATE_NOTE", status="failed", tasks=len(self.letters)),
        )
        return QueueStatus(counts=counts, pending=1200, oldest_pending_s=95, alert="1,200 tasks wait; 1,000 may")

    async def tasks(self, query: TaskQuery, /) -> TaskPage:
        """The dead letters."""
        return TaskPage(tasks=tuple(self.letters), total=len(self.letters))

    async def retry(self, which: TaskRef, /) -> Nothing:
        """Note it, and let it be one no more."""
        self.retried.append(which.id)
        return await self.drop(which)

    async def drop(self, which: TaskRef, /) -> Nothing:
        """Forget it."""
        kept = [task for task in self.letters if task.id != which.id]
        if len(kept) == len(self.letters):
            raise NotFound(f"there is no task {which.id}")
        self.letters = kept
        return Nothing()


def _dead_letter(id_: int, kind: str) -> TaskRecord:
    return TaskRecord(
        id=id_,
        kind=kind,
        key=f"{kind}:{id_}",
        status="failed",
        attempt=5,
        cause=f"event {id_}",
        error="<b>the model</b> does not answer",
        created_at=_clock.now(),
    )


@dataclass
class Stage:
    """What the pages stand on in a test. With an `admin_token`, it takes that to see the gateway."""

    turns: KeptTurns = field(default_factory=KeptTurns)
    cast: FixedCast = field(default_factory=lambda: FixedCast(PETER, BRIAN))
    tuning: HeldOpinions = field(default_factory=HeldOpinions)
    model: ScriptedModel = field(default_factory=lambda: ScriptedModel(card=ModelCard(name="m", provider="scripted")))
    clock: SystemClock = field(default_factory=SystemClock)
    answers: HeldAnswers = field(default_factory=HeldAnswers)
    web_search: FixedSearch = field(default_factory=FixedSearch)
    keys: HeldKeys = field(default_factory=HeldKeys)
    corrections: HeldCorrections = field(default_factory=HeldCorrections)
    world: StillWorld = field(default_factory=StillWorld)
    tasks: HeldTasks = field(default_factory=HeldTasks)
    admin_token: str = ""
    router: ScriptedRouter = field(init=False)

    def __post_init__(self) -> None:
        self.router = ScriptedRouter(self.turns)

    @property
    def backstage(self) -> Backstage:
        """All of it as ports."""
        return Backstage(
            self.router,
            self.turns,
            self.cast,
            self.tuning,
            FixedScorer(),
            cast("Coordinator", self.corrections),
            self.model,
            self.answers,
            FixedWay(),
            FixedLearning(),
            self.web_search,
            FixedCosts(),
            self.keys,
            cast("Crawler", FixedCrawls()),
            cast("World", self.world),
            self.tasks,
            self.clock,
        )


class FixedScorer:
    """A `Quality` with a card, which judges nothing."""

    async def analyze(self, request: AnalyzeRequest, /) -> NoReturn:
        raise AssertionError("the page asks for no verdicts")

    async def config(self, nothing: Nothing, /) -> QualityConfig:
        return QualityConfig(
            weights={},
            thresholds={"cold": 30, "warm": 60, "hot": 75},
            organic_penalty=2,
            warm_after=7,
            hot_after=21,
            bars=(Bar(character="peter", state="hot", threshold=68.5, starting=75, drafts=40, clamped=True),),
            card=ScoreCard(
                fitted="2026-11-21",
                lines=842,
                development=(Figures(name="own line or another's", lines=444, auc=0.75, dated="2026-11-21"),),
                own=Figures(name="own ratings", lines=3),
            ),
        )

    async def conversation_analysis(self, request: ConversationAnalysisRequest, /) -> ConversationAnalysis:
        return ConversationAnalysis(conversation_id=request.conversation_id)


def _receipt(turn: Turn, request: TurnRequest) -> Receipt:
    metrics = Metrics(authenticity=90, conversation_flow=70, engagement=60, anti_hallucination=95, anti_toxicity=100)
    verdict = Verdict(
        overall_score=81,
        quality_check_passed=True,
        adaptive_threshold=30,
        conversation_state="cold",
        metrics=metrics,
        reasons=(Reason(signal="my_words", component="authenticity", effect=0.84),),
    )
    attempt = Attempt(
        number=1,
        stage="standard",
        prompt=(ChatMessage(role="system", content="You are Peter."), ChatMessage(role="user", content="<b>hi</b>")),
        model="scripted/m",
        draft=turn.reply or "",
        verdict=verdict,
    )
    return Receipt(
        turn=turn,
        request=request,
        passages=(Passage(id="p", content="It stands on a hill.", source="peter.toml", relevance_score=0.7),),
        chosen_attempt=1,
        attempts=(attempt,),
        steps=(Step(service="llm", verb="chat", seconds=0.2),),
        model="scripted/m",
    )
