"""The way into quality: a draft comes in, a verdict goes out."""

import asyncio
from collections.abc import Iterator
from itertools import chain
from types import TracebackType
from typing import Self

from greenroom.clock import Clock
from greenroom.config import QualitySettings
from greenroom.model import (
    AnalyzeRequest,
    CharacterRef,
    ConversationAnalysis,
    ConversationAnalysisRequest,
    LineCheck,
    LineToCheck,
    Metrics,
    Nothing,
    QualityConfig,
    Traits,
    Verdict,
    Violation,
)
from greenroom.ports import Characters
from greenroom.quality import authenticity, civility, engagement, flow, grounding, rules
from greenroom.quality.component import Component, Evidence, Features
from greenroom.quality.draft import READ_CHARACTERS, read
from greenroom.quality.profile import Profiles
from greenroom.quality.record import Record
from greenroom.quality.thresholds import state_of, threshold
from greenroom.quality.unfit import Unfit
from greenroom.storage.database import Database

COMPONENTS: tuple[Component, ...] = (
    authenticity.COMPONENT,
    flow.COMPONENT,
    engagement.COMPONENT,
    grounding.COMPONENT,
    civility.COMPONENT,
)
_RECOMMENDATIONS = 3


class QualityService:
    """Judges drafts from the text, the sheet, the history and the passages alone; no model is asked.

    First hard rules, the cheapest first; the first that is broken ends the check. Then five components, each measured
    by features with weights. While the service is entered (`async with`), it writes its verdicts down.
    """

    def __init__(self, settings: QualitySettings, characters: Characters, database: Database, clock: Clock) -> None:
        self._settings = settings
        self._characters = characters
        self._database = database
        self._profiles = Profiles()
        self._unfit = Unfit(settings.unfit_words)
        self._record = Record(database, clock)

    async def __aenter__(self) -> Self:
        self._tasks = await asyncio.TaskGroup().__aenter__()
        self._writing = self._tasks.create_task(self._record.write_for_ever())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writing.cancel()
        await self._tasks.__aexit__(None, None, None)
        await self._record.flush()

    async def analyze(self, request: AnalyzeRequest, /) -> Verdict:
        """Judge a reply. Raises: UnknownCharacter; Unavailable, when the characters cannot be asked."""
        traits, check = await self._sheet(request)
        verdict = self._judge(request, traits, check)
        if request.conversation_id:
            self._record.note(request.conversation_id, traits.character.id, verdict)
        return verdict

    async def config(self, nothing: Nothing, /) -> QualityConfig:
        """Return the weights and thresholds in force."""
        settings = self._settings
        return QualityConfig(
            weights=self._weights(),
            thresholds={"cold": settings.cold, "warm": settings.warm, "hot": settings.hot},
            organic_penalty=settings.organic_penalty,
            warm_after=settings.warm_after,
            hot_after=settings.hot_after,
        )

    async def conversation_analysis(self, request: ConversationAnalysisRequest, /) -> ConversationAnalysis:
        """Describe how a conversation has gone, from the verdicts on its replies, drafts that failed among them."""
        await self._record.flush()
        return await self._record.analysis(request)

    async def ping(self) -> None:
        """Ask the database for an answer. Raises: Unavailable, StorageFailed."""
        await self._database.ping()

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

    def _judge(self, request: AnalyzeRequest, traits: Traits, check: LineCheck) -> Verdict:
        evidence = Evidence(read(request, traits), self._profiles.of(traits.character), check)
        broken = list(rules.of_the_sheet(check))
        critical = rules.critical(evidence.draft, evidence.profile, self._unfit)
        critical = critical or next((v for v in broken if v.severity == "critical"), None)
        if critical:
            return self._verdict(request, {}, {}, (critical,), ())
        measured = {component: component.measure(evidence) for component in COMPONENTS}
        scores = {component.name: round(component.score(features), 2) for component, features in measured.items()}
        faults = chain.from_iterable(component.faults_in(features) for component, features in measured.items())
        signals = {name: round(value, 4) for features in measured.values() for name, value in features.items()}
        return self._verdict(request, scores, signals, (*broken, *faults), tuple(_recommendations(measured)))

    def _verdict(
        self,
        request: AnalyzeRequest,
        scores: dict[str, float],
        signals: dict[str, float],
        violations: tuple[Violation, ...],
        recommendations: tuple[str, ...],
    ) -> Verdict:
        stopped = any(violation.severity == "critical" for violation in violations)
        needed, overall = threshold(self._settings, request), self._overall(scores)
        return Verdict(
            overall_score=overall,
            quality_check_passed=overall >= needed and not stopped,
            adaptive_threshold=needed,
            conversation_state=state_of(self._settings, len(request.conversation_history)),
            metrics=Metrics(**scores),
            violations=violations,
            recommendations=recommendations or tuple(v.advice for v in violations if stopped),
            signals=signals,
            stopped_early=stopped,
        )

    def _overall(self, scores: dict[str, float]) -> float:
        weights = self._weights()
        total = sum(weights.values())
        return round(sum(weights[name] * score for name, score in scores.items()) / total, 2) if total else 0.0

    def _weights(self) -> dict[str, float]:
        settings = self._settings
        return {
            "authenticity": settings.authenticity,
            "conversation_flow": settings.conversation_flow,
            "engagement": settings.engagement,
            "anti_hallucination": settings.anti_hallucination,
            "anti_toxicity": settings.anti_toxicity,
        }


def _recommendations(measured: dict[Component, Features]) -> Iterator[str]:
    """What would raise the score most, at most three sentences."""
    burdens = [
        (pull, component.advice[name])
        for component, features in measured.items()
        for name, pull in component.burdens(features)
        if name in component.advice
    ]
    yield from dict.fromkeys(advice for _, advice in sorted(burdens, reverse=True)[:_RECOMMENDATIONS])
