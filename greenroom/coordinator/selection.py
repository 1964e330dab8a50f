"""Who speaks next: a conditional logit over the candidates and silence, whose weights stand here to be read.

Each candidate gets the weighted sum of its features; chances are the softmax of the sums. Source of the form: McFadden,
Conditional logit analysis of qualitative choice behavior (1974). docs/coordinator.md says how well it does, and where.
"""

import math
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
    "unheard": (1.5, 1.5),
}
"""What each feature counts: in a small company, and in a crowd. Rounded to what a person would write by hand."""

SILENCE: dict[str, float] = {
    "always": -1.0,
    "a person spoke": -3.0,
    "a person was spoken to": 6.0,
    "nobody has spoken": 2.0,
    "each line said unasked": 1.2,
    "a character was called": -2.0,
}
"""What speaks for silence, and against it."""

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

    def draw(self, seed: str) -> str | None:
        """Silence with its chance, if it has any to speak of, else the likeliest; the same for the same seed."""
        return None if max(drawn(seed), _UNHEARD_OF) < self.silence else self.first


def chances(
    history: Sequence[Message],
    candidates: Sequence[str],
    people: Sequence[str] = (),
    cast: Mapping[str, Character] | None = None,
    unasked: int = 0,
) -> Chances:
    """The chances of who speaks next.

    `cast` maps the candidates that have a sheet to it. `unasked` is how many lines characters have said since a person
    last spoke.
    """
    candidates = [name for name in dict.fromkeys(candidates) if not _has_just_spoken(name, history)] or candidates
    scene = scene_of(history, candidates, cast)
    column = int(len(candidates) >= CROWD)
    found = features(scene, candidates, cast or {})
    parts = {name: {f: WEIGHTS[f][column] * v for f, v in own.items()} for name, own in found.items()}
    sums = [sum(own.values()) for own in parts.values()]
    *of, silence = _softmax([*sums, _for_silence(scene, candidates, people, unasked)])
    return Chances(
        of=dict(zip(parts, of, strict=True)),
        silence=silence,
        reasons={name: _reasons(own) for name, own in parts.items()},
    )


def _for_silence(scene: Scene, candidates: Sequence[str], people: Sequence[str], unasked: int) -> float:
    last = spoken(scene.last.content) if scene.last else ""
    by_person = scene.speaker in people
    others = [name for name in people if name != scene.speaker and name not in candidates]
    holds = {
        "always": 1.0,
        "a person spoke": by_person,
        "a person was spoken to": any(is_called(last, frozenset({name.casefold()})) for name in others),
        "nobody has spoken": not last,
        "each line said unasked": 0 if by_person else unasked,
        "a character was called": any(is_called(last, scene.called[name]) for name in candidates),
    }
    return sum(SILENCE[name] * value for name, value in holds.items())


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
