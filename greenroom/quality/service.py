"""The way into quality: a draft comes in, a verdict goes out."""

import asyncio
import random
from types import TracebackType
from typing import Self

from greenroom.clock import Clock
from greenroom.config import QualitySettings
from greenroom.lane import Lane
from greenroom.model import (
    AnalyzeRequest,
    CharacterRef,
    ConversationAnalysis,
    ConversationAnalysisRequest,
    LineCheck,
    LineToCheck,
    Nothing,
    QualityConfig,
    Traits,
    Verdict,
)
from greenroom.ports import Characters, Llm, Tuning, Turns
from greenroom.quality import rules
from greenroom.quality.acceptance import Acceptance, measure, shipped_weights
from greenroom.quality.card import card_of, emphasis_of, weights_of
from greenroom.quality.closeness import Closeness
from greenroom.quality.company import Company
from greenroom.quality.component import Evidence
from greenroom.quality.draft import READ_CHARACTERS, Draft, read
from greenroom.quality.judge import Judge
from greenroom.quality.learning import Learner, Learnt
from greenroom.quality.ledger import Ledger
from greenroom.quality.line import KnownLines
from greenroom.quality.people import People
from greenroom.quality.profile import Profiles
from greenroom.quality.record import Record
from greenroom.quality.scoring import Judgement, Scorer
from greenroom.quality.thresholds import Bars
from greenroom.quality.unfit import Unfit
from greenroom.storage.database import Database


class QualityService:
    """Judges drafts from the text, the sheet, the history and the passages; a model is asked only where settings say.

    First hard rules, the cheapest first; the first that is broken ends the check. Then features, whose weights give the
    chance that a person accepts the line. While the service is entered (`async with`), it writes its verdicts down and
    learns from the log of turns and from ratings, when nobody waits for an answer of this process.
    """

    def __init__(
        self,
        settings: QualitySettings,
        characters: Characters,
        llm: Llm,
        turns: Turns,
        tuning: Tuning,
        database: Database,
        clock: Clock,
        lane: Lane | None = None,
    ) -> None:
        self._settings = settings
        self._characters = characters
        self._database = database
        self._profiles, self._lines = Profiles(), KnownLines(clock)
        self._company = Company(characters, self._profiles, clock)
        self._unfit = Unfit(settings.unfit_words)
        self._record = Record(database, clock)
        self._acceptance = Acceptance(shipped_weights(), emphasis_of(settings))
        self._closeness = Closeness(llm, settings, clock)
        self._judge = Judge(llm, settings)
        self._learnt = Learnt(Bars(settings), People())
        self._scorer = Scorer(settings, self._acceptance, self._learnt)
        ledger = Ledger(database, settings)
        self._learner = Learner(turns, tuning, ledger, self._acceptance, self._learnt, clock, lane)

    async def __aenter__(self) -> Self:
        self._tasks = await asyncio.TaskGroup().__aenter__()
        always = (self._record.write_for_ever, self._closeness.read_sheets_for_ever, self._learner.follow)
        self._running = [self._tasks.create_task(work()) for work in always]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._running:
            task.cancel()
        await self._tasks.__aexit__(None, None, None)
        await self._record.flush()

    async def analyze(self, request: AnalyzeRequest, /) -> Verdict:
        """Judge a reply. Raises: UnknownCharacter; Unavailable, when the characters cannot be asked."""
        traits, check = await self._sheet(request)
        verdict = await self._verdict(request, traits, check)
        if request.conversation_id:
            self._record.note(request.conversation_id, traits.character.id, verdict)
        return verdict

    async def config(self, nothing: Nothing, /) -> QualityConfig:
        """Return the weights and thresholds in force, and what is known of the scorer."""
        settings, weights = self._settings, self._acceptance.weights
        return QualityConfig(
            weights=weights_of(settings),
            thresholds={"cold": settings.cold, "warm": settings.warm, "hot": settings.hot},
            organic_penalty=settings.organic_penalty,
            warm_after=settings.warm_after,
            hot_after=settings.hot_after,
            features=self._acceptance.published(),
            bars=self._learnt.bars.all(),
            card=card_of(weights, self._learnt.own, self._learnt.people.ratings),
        )

    async def conversation_analysis(self, request: ConversationAnalysisRequest, /) -> ConversationAnalysis:
        """Describe how a conversation has gone, from the verdicts on its replies, drafts that failed among them."""
        await self._record.flush()
        return await self._record.analysis(request)

    async def ping(self) -> None:
        """Ask the database for an answer. Raises: Unavailable, StorageFailed."""
        await self._database.ping()

    def figures(self) -> dict[str, float]:
        """How the bars stand. Some being clamped is an alarm: scores have drifted further than bars may follow."""
        bars = self._learnt.bars.all()
        return {
            "quality_bars": float(len(bars)),
            "quality_bars_clamped": float(sum(bar.clamped for bar in bars)),
            "quality_ratings_learnt": float(self._learnt.people.ratings),
        }

    async def _sheet(self, request: AnalyzeRequest) -> tuple[Traits, LineCheck]:
        """Ask for the sheet, and for what it forbids, side by side."""
        traits, check = await asyncio.gather(
            self._characters.traits(CharacterRef(character=request.character)),
            self._characters.validate_response(
                LineToCheck(character=request.character, response=request.response[:READ_CHARACTERS])
            ),
            return_exceptions=True,
        )
        if isinstance(traits, BaseException):
            raise traits
        if isinstance(check, BaseException):
            raise check
        return traits, check

    async def _verdict(self, request: AnalyzeRequest, traits: Traits, check: LineCheck) -> Verdict:
        draft, profile = read(request, traits, self._lines), self._profiles.of(traits.character)
        broken = list(rules.of_the_sheet(check))
        critical = rules.critical(draft, profile, self._unfit)
        critical = critical or next((v for v in broken if v.severity == "critical"), None)
        if critical:
            return self._scorer.failed(request, traits.character.id, critical)
        present = await self._company.present(draft, traits)
        near = await self._closeness.features(draft, profile)
        evidence = Evidence(draft, profile, check, present, near)
        judgement = Judgement(traits.character.id, measure(evidence), tuple(broken), self._is_let_through())
        return await self._reconsidered(request, judgement, draft)

    async def _reconsidered(self, request: AnalyzeRequest, judgement: Judgement, draft: Draft) -> Verdict:
        """The verdict; where that is in doubt and the settings allow, after hearing a model."""
        verdict = self._scorer.verdict(request, judgement)
        if not self._judge.is_wanted(verdict.overall_score, verdict.adaptive_threshold):
            return verdict
        opinion = await self._judge.opinion(draft)
        return verdict if opinion is None else self._scorer.verdict(request, judgement, opinion)

    def _is_let_through(self) -> bool:
        return random.random() < self._settings.unfiltered
