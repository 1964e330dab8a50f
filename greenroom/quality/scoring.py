"""From measurements to a verdict: the chance of acceptance against the bar, with what weighs most."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from greenroom.config import QualitySettings
from greenroom.model import AnalyzeRequest, CharacterId, Metrics, Reason, Verdict, Violation
from greenroom.quality.acceptance import COMPONENTS, Acceptance, chance
from greenroom.quality.learning import Learnt
from greenroom.quality.thresholds import state_of

FAULT = 0.9
"""Log odds from which a feature that pulls the score down is named as a violation."""
_RECOMMENDATIONS, _REASONS = 3, 6
_LEAST_EFFECT = 0.05
_ADVICE = {name: advice for component in COMPONENTS for name, advice in component.advice.items()}
_FAULTS = {name: rule for component in COMPONENTS for name, rule in component.faults.items()}


@dataclass(frozen=True)
class Judgement:
    """What was measured of a line that breaks no hard rule. `broken` are lesser rules of the sheet."""

    character: CharacterId
    features: Mapping[str, float]
    broken: tuple[Violation, ...] = ()
    let_through: bool = False


class Scorer:
    """The scale and the bars, as they were learnt so far."""

    def __init__(self, settings: QualitySettings, acceptance: Acceptance, learnt: Learnt) -> None:
        self._settings = settings
        self._acceptance = acceptance
        self._learnt = learnt

    def failed(self, request: AnalyzeRequest, character: CharacterId, violation: Violation) -> Verdict:
        """The verdict on a line that breaks a hard rule."""
        return Verdict(
            overall_score=0.0,
            quality_check_passed=False,
            adaptive_threshold=self._learnt.bars.needed(character, request),
            conversation_state=state_of(self._settings, len(request.conversation_history)),
            metrics=Metrics(),
            violations=(violation,),
            recommendations=(violation.advice,),
            stopped_early=True,
        )

    def verdict(self, request: AnalyzeRequest, judgement: Judgement, opinion: float = 0.0) -> Verdict:
        """The verdict on a line by its features, and by what a model thought of it (log odds)."""
        effects = self._acceptance.effects(judgement.features)
        log_odds = self._acceptance.weights.base + sum(effects.values()) + opinion
        score = round(100 * chance(self._learnt.people.log_odds(judgement.character, log_odds)), 2)
        needed = self._learnt.bars.needed(judgement.character, request)
        scores = {c.name: round(self._acceptance.score(c.name, effects), 2) for c in COMPONENTS}
        return Verdict(
            overall_score=score,
            quality_check_passed=score >= needed or judgement.let_through,
            adaptive_threshold=needed,
            conversation_state=state_of(self._settings, len(request.conversation_history)),
            metrics=Metrics(**scores),
            violations=(*judgement.broken, *_faults(judgement.features, effects)),
            recommendations=tuple(_recommendations(effects)),
            signals={name: round(value, 4) for name, value in judgement.features.items()},
            reasons=tuple(self._reasons(effects, opinion)),
            unfiltered=judgement.let_through and score < needed,
        )

    def _reasons(self, effects: Mapping[str, float], opinion: float) -> Iterator[Reason]:
        if opinion:
            yield Reason(signal="model_opinion", component="judge", effect=round(opinion, 2))
        heaviest = sorted(effects.items(), key=lambda pair: -abs(pair[1]))[:_REASONS]
        for name, effect in heaviest:
            if abs(effect) >= _LEAST_EFFECT:
                yield Reason(signal=name, component=self._acceptance.component_of(name), effect=round(effect, 2))


def _faults(features: Mapping[str, float], effects: Mapping[str, float]) -> Iterator[Violation]:
    """The lesser rules that the features break, each once."""
    named: set[str] = set()
    for name, effect in sorted(effects.items(), key=lambda pair: pair[1]):
        rule = _FAULTS.get(name, "")
        if effect <= -FAULT and rule and rule not in named:
            named.add(rule)
            detail = f"{name} = {features[name]:.2f}"
            yield Violation(rule=rule, severity="minor", detail=detail, advice=_ADVICE[name])


def _recommendations(effects: Mapping[str, float]) -> Iterator[str]:
    """What would raise the score most, at most three sentences."""
    burdens = sorted((effect, _ADVICE[name]) for name, effect in effects.items() if effect < 0 and name in _ADVICE)
    yield from dict.fromkeys(advice for _, advice in burdens[:_RECOMMENDATIONS])
