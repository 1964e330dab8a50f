"""What the five components have in common: features of the text, each with a weight that can be read and fitted."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from greenroom.model import LineCheck, Violation
from greenroom.quality.draft import Draft
from greenroom.quality.profile import Profile

Features = Mapping[str, float]


@dataclass(frozen=True)
class Evidence:
    """Everything that a component may look at."""

    draft: Draft
    profile: Profile
    check: LineCheck


FAULT = 0.9
"""Log odds from which a feature that pulls the score down is named as a violation."""


@dataclass(frozen=True, eq=False)
class Component:
    """A score made of features: 100 / (1 + exp(-(bias + sum of weight * feature))).

    `advice` says for a feature what the next attempt should do when it pulls the score down; `faults` gives the rule
    that it breaks when it does so strongly. The weights were set by
    hand from how the features order development data (2026-11); fitting them to recorded ratings needs no new form.
    """

    name: str
    bias: float
    weights: Mapping[str, float]
    measure: Callable[[Evidence], Features]
    advice: Mapping[str, str]
    faults: Mapping[str, str]

    def score(self, features: Features) -> float:
        """The component's score, 0–100."""
        total = self.bias + sum(self.weights[name] * value for name, value in features.items())
        return 100 / (1 + math.exp(-max(-30.0, min(30.0, total))))

    def burdens(self, features: Features) -> list[tuple[str, float]]:
        """The features that pull the score down and by how much (log odds), the heaviest first."""
        pulls = ((name, -self.weights[name] * value) for name, value in features.items())
        return sorted(((n, p) for n, p in pulls if p > 0), key=lambda pair: -pair[1])

    def faults_in(self, features: Features) -> Iterator[Violation]:
        """The rules that the features break."""
        for name, pull in self.burdens(features):
            if pull >= FAULT and name in self.faults:
                detail = f"{name} = {features[name]:.2f}"
                yield Violation(rule=self.faults[name], severity="minor", detail=detail, advice=self.advice[name])


def clamp(value: float, low: float = 0.0, high: float = 1.0) -> float:
    """The value, kept between two bounds."""
    return max(low, min(high, value))


def share(part: float, whole: float) -> float:
    """Part of a whole, 0–1; nothing of nothing is 0."""
    return part / whole if whole else 0.0
