"""What the five components have in common: features of the text, and what to say of those that pull a score down."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from greenroom.model import LineCheck
from greenroom.quality.draft import Draft
from greenroom.quality.profile import Profile

Features = Mapping[str, float]


@dataclass(frozen=True)
class Evidence:
    """Everything that a component may look at. `company` are those of the cast who take part in the conversation.

    `closeness` are features of meaning, where an embedding model gave them.
    """

    draft: Draft
    profile: Profile
    check: LineCheck
    company: tuple[Profile, ...] = ()
    closeness: Features = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Component:
    """Features that belong together. Their weights stand in `weights.json`, with those of all others.

    `advice` says for a feature what the next attempt should do when it pulls the score down; `faults` gives the rule
    that it breaks when it does so strongly.
    """

    name: str
    measure: Callable[[Evidence], Features]
    advice: Mapping[str, str]
    faults: Mapping[str, str]


def clamp(value: float, low: float = 0.0, high: float = 1.0) -> float:
    """The value, kept between two bounds."""
    return max(low, min(high, value))


def share(part: float, whole: float) -> float:
    """Part of a whole, 0–1; nothing of nothing is 0."""
    return part / whole if whole else 0.0
