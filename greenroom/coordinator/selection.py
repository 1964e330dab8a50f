"""Who speaks next: a conditional logit over the candidates and silence, whose weights stand here to be read.

Each candidate gets the weighted sum of its features; chances are the softmax of the sums. Source of the form: McFadden,
Conditional logit analysis of qualitative choice behavior (1974). docs/coordinator.md says how well it does, and where.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from greenroom.coordinator.addressing import is_called, spoken
from greenroom.coordinator.dice import drawn
from greenroom.coordinator.features import FEATURES, Scene, features, scene_of
from greenroom.model import Character, Message

CROWD = 5
"""From so many candidates on a conversation is a crowd, where names and memory of who spoke to whom count for more."""

WEIGHTS: dict[str, tuple[float, float]] = {
    "called": (4.0, 4.0),
    "named": (1.0, 2.0),
    "called_before": (0.3, 0.5),
    "shown": (0.8, 0.8),
    "shown_last": (0.5, 0.4),
    "named_speaker": (0.0, 2.0),
    "spoken_to": (0.2, 1.5),
    "recent": (0.3, 2.5),
    "alternates": (0.2, 0.2),
    "follows": (0.5, 0.4),
    "share": (0.6, 0.5),
    "awaited": (0.6, 0.5),
    "just_before": (0.0, 0.0),
    "interest": (1.5, 1.5),
    "warmth": (0.4, 0.4),
    "talkative": (1.5, 1.5),
    "unheard": (2.5, 2.5),
}
"""What each feature counts: in a small company, and in a crowd. Rounded to what a person would write by hand."""

SILENCE: dict[str, float] = {
    "always": -1.0,
    "a person spoke": -3.0,
    "a person was spoken to": 6.0,
    "people talk among themselves": 6.0,
    "everybody was asked": -3.0,
    "nobody has spoken": 2.0,
    "each line said unasked": 1.2,
    "a character was called": -2.0,
}
"""What speaks for silence, and against it."""


@dataclass(frozen=True)
class Weights:
    """What each feature counts, in a small company and in a crowd, and what speaks for silence."""

    version: str
    company: Mapping[str, float]
    crowd: Mapping[str, float]
    silence: Mapping[str, float]


SHIPPED = Weights(
    "shipped",
    {name: small for name, (small, _) in WEIGHTS.items()},
    {name: large for name, (_, large) in WEIGHTS.items()},
    SILENCE,
)
"""The weights as they come; owners' corrections can put others in their place."""

_LATELY = 4
"""Lines by which one sees who is talking with whom."""
_TO_ALL = re.compile(r"\b(?:(?:any|every)(?:one|body)|you (?:all|lot)|y'all|all of you|folks|guys)\b")
_REASONS = 4
_TELLING = 0.15
_UNHEARD_OF = 0.01
"""A chance of silence below this is none: who was called by name answers, always."""


@dataclass(frozen=True)
class Chances:
    """The chance of each candidate and of silence, which sum to 1, and the reasons for each candidate in words."""

    of: dict[str, float]
    silence: float
    reasons: dict[str, tuple[str, ...]]

    @property
    def first(self) -> str:
        """The likeliest candidate; of two that are equal, the one that was named first."""
        return max(self.of, key=lambda name: self.of[name])

    @property
    def likeliest(self) -> str | None:
        """The likeliest of all, None for silence."""
        return None if self.silence > self.of[self.first] else self.first

    def anyone(self, seed: str) -> str:
        """One of the candidates, each as often as its chance says; the same for the same seed."""
        left = drawn(seed) * sum(self.of.values())
        for name, chance in self.of.items():
            left -= chance
            if left < 0:
                return name
        return self.first

    def draw(self, seed: str) -> str | None:
        """Silence with its chance, if it has any to speak of, else the likeliest; the same for the same seed."""
        return None if max(drawn(seed), _UNHEARD_OF) < self.silence else self.first


@dataclass(frozen=True)
class Situation:
    """The numbers by which a speaker is chosen: the features of each candidate and of silence, and if it is a crowd."""

    features: Mapping[str, Mapping[str, float]]
    silence: Mapping[str, float]
    crowded: bool


def situation_of(
    history: Sequence[Message],
    candidates: Sequence[str],
    people: Sequence[str] = (),
    cast: Mapping[str, Character] | None = None,
    unasked: int = 0,
    interest: Mapping[str, float] | None = None,
) -> Situation:
    """Read the numbers off a conversation.

    `cast` maps the candidates that have a sheet to it. `unasked` is how many lines characters have said since a person
    last spoke. `interest` 0–1 is who cares for the topic, beside what the words alone say of it.
    """
    candidates = [name for name in dict.fromkeys(candidates) if not _has_just_spoken(name, history)] or candidates
    scene = scene_of(history, candidates, cast)
    found = features(scene, candidates, cast or {})
    for name in found.keys() & (interest or {}).keys():
        found[name]["interest"] = max(found[name]["interest"], (interest or {})[name])
    return Situation(found, _of_silence(scene, candidates, people, unasked), len(candidates) >= CROWD)


def weighed(situation: Situation, weights: Weights) -> Chances:
    """The chances in a situation."""
    column = weights.crowd if situation.crowded else weights.company
    parts = {name: {f: column[f] * v for f, v in own.items()} for name, own in situation.features.items()}
    sums = [sum(own.values()) for own in parts.values()]
    for_silence = sum(weights.silence[name] * value for name, value in situation.silence.items())
    *of, silence = _softmax([*sums, for_silence])
    return Chances(
        of=dict(zip(parts, of, strict=True)),
        silence=silence,
        reasons={name: _reasons(own) for name, own in parts.items()},
    )


def _of_silence(scene: Scene, candidates: Sequence[str], people: Sequence[str], unasked: int) -> dict[str, float]:
    last = spoken(scene.last.content) if scene.last else ""
    by_person = scene.speaker in people
    others = [name for name in people if name != scene.speaker and name not in candidates]
    lately = {author for author, _ in scene.lines[-_LATELY:]}
    return {
        "always": 1.0,
        "a person spoke": float(by_person),
        "a person was spoken to": float(any(is_called(last, frozenset({name.casefold()})) for name in others)),
        "people talk among themselves": float(by_person and len(lately) > 1 and lately <= set(people)),
        "everybody was asked": float(by_person and _TO_ALL.search(last) is not None),
        "nobody has spoken": float(not last),
        "each line said unasked": 0.0 if by_person else float(unasked),
        "a character was called": float(any(is_called(last, scene.called[name]) for name in candidates)),
    }


def _has_just_spoken(name: str, history: Sequence[Message]) -> bool:
    """Nobody answers themselves."""
    return bool(history) and history[-1].author.casefold() == name.casefold()


def _reasons(parts: Mapping[str, float]) -> tuple[str, ...]:
    telling = sorted((f for f, part in parts.items() if part >= _TELLING), key=lambda f: -parts[f])
    return tuple(FEATURES[f] for f in telling[:_REASONS])


def _softmax(sums: Sequence[float]) -> list[float]:
    highest = max(sums)
    grown = [math.exp(value - highest) for value in sums]
    return [value / sum(grown) for value in grown]
