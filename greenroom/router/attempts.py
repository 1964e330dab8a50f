"""The attempts of a turn: how much help each gets, when to go on, and which draft is sent in the end."""

import hashlib
import math
import statistics
from dataclasses import dataclass, field

from greenroom.config import TurnSettings
from greenroom.errors import GreenroomError
from greenroom.model import Attempt, ChatMessage, Decision, Options, Stage, Usage, Verdict

_ADVICE_LINES = 8
_SPREAD = 15.0
"""How far scores of drafts for one line lie apart, before any was seen. Standard deviation, in points."""
_ABOVE_THE_BAR = 12.0
"""How far above its threshold an ordinary draft lies, in points; the threshold is kept where few fail."""


def stage_of(number: int) -> Stage:
    """The help that an attempt gets: 1 to 3 plain, 4 to 6 with tuning's guidance, 7 to 10 with the character's own."""
    return "standard" if number <= 3 else "optimised" if number <= 6 else "particular"


@dataclass
class Draft:
    """One attempt while it is being made; `attempt()` is what stays of it."""

    number: int
    prompt: tuple[ChatMessage, ...] = ()
    options: Options = field(default_factory=Options)
    model: str = ""
    text: str = ""
    done_reason: str | None = None
    cache_tier: str = "none"
    cache_key: str | None = None
    decision: Decision | None = None
    usage: Usage | None = None
    verdict: Verdict | None = None
    error: str | None = None
    problem: str = ""
    hopeless: bool = False
    first_token_s: float | None = None
    generation_s: float = 0.0
    quality_s: float = 0.0

    @property
    def stage(self) -> Stage:
        """How much help this attempt gets."""
        return stage_of(self.number)

    @property
    def passed(self) -> bool:
        """Whether quality control let it through."""
        return self.verdict is not None and self.verdict.quality_check_passed

    @property
    def score(self) -> float:
        """Its worth for choosing the best, 0 to 100; below 0 it must not be sent: not judged, or a hard rule broken."""
        if self.verdict is None or any(v.severity == "critical" for v in self.verdict.violations):
            return -1.0
        return self.verdict.overall_score

    @property
    def digest(self) -> bytes:
        """The same for drafts that differ in nothing but letter case and white space."""
        return hashlib.sha256(" ".join(self.text.casefold().split()).encode()).digest()

    def broken_rules(self) -> tuple[str, ...]:
        """The rules that it breaks, by name."""
        return tuple(v.rule for v in self.verdict.violations) if self.verdict else ()

    def fail(self, exc: GreenroomError) -> None:
        """Note that a service failed; if that is final, no further attempt is worth making."""
        self.error, self.hopeless = type(exc).__name__, not exc.retryable
        self.problem = exc.detail.replace("\0", "").rstrip(".")

    def attempt(self) -> Attempt:
        """The attempt as the receipt keeps it."""
        return Attempt(
            number=self.number,
            stage=self.stage,
            prompt=self.prompt,
            options=self.options,
            model=self.model,
            draft=self.text,
            done_reason=self.done_reason,
            verdict=self.verdict,
            error=f"{self.error}: {self.problem}" if self.error else None,
            cache_tier=self.cache_tier,
            cache_key=self.cache_key,
            decision=self.decision,
            usage=self.usage,
            first_token_s=self.first_token_s,
            generation_s=self.generation_s,
            quality_s=self.quality_s,
        )


class Attempts:
    """All attempts of one turn so far. Ten at the most; none is begun after `retry_within_s`, or without prospects."""

    def __init__(self, settings: TurnSettings) -> None:
        self._settings = settings
        self.made: list[Draft] = []

    def new(self) -> Draft:
        """Begin the next attempt."""
        self.made.append(Draft(len(self.made) + 1))
        return self.made[-1]

    def interrupt(self, exc: GreenroomError) -> None:
        """Note that the turn's time ran out during the last attempt."""
        if self.made and self.made[-1].verdict is None:
            self.made[-1].fail(exc)

    def may_go_on(self, elapsed_s: float) -> bool:
        """Whether another attempt is worth making."""
        last = self.made[-1]
        if last.passed or last.hopeless or self._repeats():
            return False
        if last.verdict and self.expected_gain() < self._settings.retry_gain:
            return False
        if self.failures_in_a_row() >= self._settings.backoff.attempts:
            return False
        return len(self.made) < self._settings.max_attempts and elapsed_s <= self._settings.retry_within_s

    def expected_gain(self) -> float:
        """By how many points another draft is expected to raise the score of what can be sent, 0 to 100.

        The next score is taken as normal around the mean of the drafts so far and of one that was not seen, an
        ordinary one; the chance that it breaks no hard rule, by the rule of succession.
        Source: expected improvement, Jones, Schonlau and Welch 1998, "Efficient Global Optimization", equation 15.
        """
        judged = [draft for draft in self.made if draft.verdict]
        scores = [draft.score for draft in judged if draft.score >= 0]
        bar = judged[-1].verdict.adaptive_threshold if judged and judged[-1].verdict else 0.0
        seen = [min(100.0, bar + _ABOVE_THE_BAR), *scores]
        mean = statistics.fmean(seen)
        spread = math.sqrt((_SPREAD**2 + _squares(scores)) / len(seen))
        ahead = mean - max((score for score in scores if score >= self._settings.floor), default=0.0)
        normal = statistics.NormalDist()
        gain = spread * normal.pdf(ahead / spread) + ahead * normal.cdf(ahead / spread)
        return gain * (len(scores) + 1) / (len(judged) + 1)

    def failures_in_a_row(self) -> int:
        """How many of the last attempts ended in a failing service."""
        judged = [i for i, draft in enumerate(self.made) if draft.error is None]
        return len(self.made) - (judged[-1] + 1 if judged else 0)

    def best(self) -> Draft | None:
        """The draft to send: the one that passed, or else the best above the floor that breaks no hard rule."""
        sendable = [d for d in self.made if d.passed or d.score >= self._settings.floor]
        return max(sendable, key=lambda d: (d.passed, d.score), default=None)

    def cost_usd(self) -> float | None:
        """What all drafts cost together; None where that is not known of each."""
        costs = [draft.usage.cost_usd for draft in self.made if draft.usage]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if known and len(known) == len(costs) else None

    def broken_rules(self) -> tuple[str, ...]:
        """The rules that the drafts break, each once."""
        return tuple(dict.fromkeys(rule for draft in self.made for rule in draft.broken_rules()))

    def advice(self) -> tuple[str, ...]:
        """What the next attempt is told about the drafts so far, what is newest first."""
        verdicts = [draft.verdict for draft in reversed(self.made) if draft.verdict]
        lines = [line for v in verdicts for line in (*(x.advice for x in v.violations), *v.recommendations)]
        return tuple(dict.fromkeys(line for line in lines if line))[:_ADVICE_LINES]

    def _repeats(self) -> bool:
        """Whether the last draft was written before: the model has no other answer."""
        drafts = [d.digest for d in self.made if d.verdict is not None]
        return self.made[-1].verdict is not None and drafts.count(drafts[-1]) > 1


def _squares(scores: list[float]) -> float:
    """The squared distances from the mean, summed."""
    return statistics.pvariance(scores) * len(scores) if scores else 0.0
