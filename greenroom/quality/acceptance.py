"""The chance that a person accepts a line: features, each with a weight that can be read, summed up as log odds."""

import math
from collections.abc import Mapping
from importlib.resources import files

import msgspec

from greenroom.model import FeatureWeight
from greenroom.quality import authenticity, civility, engagement, flow, grounding
from greenroom.quality.component import Component, Evidence, Features

COMPONENTS: tuple[Component, ...] = (
    authenticity.COMPONENT,
    flow.COMPONENT,
    engagement.COMPONENT,
    grounding.COMPONENT,
    civility.COMPONENT,
)
_FAR = 30.0


class Weight(msgspec.Struct, frozen=True):
    """What a feature is worth in log odds, above or below what is `usual` of it in a good line.

    `prior` is what it was thought to be worth before any line was read.
    """

    component: str
    usual: float
    prior: float
    weight: float


class Weights(msgspec.Struct, frozen=True):
    """The file of weights. `base` are the log odds of a line that is usual in all."""

    fitted: str
    command: str
    lines: int
    base: float
    features: dict[str, Weight]


class Acceptance:
    """The weights at work. `emphasis` says for each component by how much its features count more than fitted."""

    def __init__(self, weights: Weights, emphasis: Mapping[str, float]) -> None:
        self.weights = weights
        self._emphasis = emphasis

    def log_odds(self, features: Features) -> float:
        """The log odds that a person accepts the line, before anything was learnt from the people here."""
        return self.weights.base + sum(self.effects(features).values())

    def effects(self, features: Features) -> dict[str, float]:
        """What each feature adds to the log odds. What is not in the file of weights, adds nothing."""
        known = self.weights.features
        return {
            name: self._emphasis[known[name].component] * known[name].weight * (value - known[name].usual)
            for name, value in features.items()
            if name in known
        }

    def published(self) -> dict[str, FeatureWeight]:
        """The weights in force, the emphasis within."""
        return {
            name: FeatureWeight(weight=round(self._emphasis[one.component] * one.weight, 3), usual=one.usual)
            for name, one in self.weights.features.items()
        }

    def component_of(self, feature: str) -> str:
        """The component that a feature belongs to."""
        return self.weights.features[feature].component

    def score(self, component: str, effects: Mapping[str, float]) -> float:
        """A component by itself, 0–100: the chance of a line that is usual in all others."""
        own = sum(effect for name, effect in effects.items() if self.component_of(name) == component)
        return 100 * chance(self.weights.base + own)


def measure(evidence: Evidence) -> dict[str, float]:
    """All features of a line. Those of meaning are left out where nothing embedded it."""
    found = {name: value for component in COMPONENTS for name, value in component.measure(evidence).items()}
    return found if evidence.closeness else {name: value for name, value in found.items() if name not in MEANING}


MEANING = frozenset({"like_my_lines", "like_my_sheet", "near_the_last_line"})
"""The features that an embedding model gives."""


def chance(log_odds: float) -> float:
    """Log odds as a chance, 0–1."""
    return 1 / (1 + math.exp(-max(-_FAR, min(_FAR, log_odds))))


def shipped_weights() -> Weights:
    """The weights that come with this version. Reads a file."""
    return msgspec.json.decode(files("greenroom.quality").joinpath("weights.json").read_bytes(), type=Weights)
