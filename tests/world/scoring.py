"""Scenes with what a careful reader would take from them, and how much of that the rules take."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from greenroom.text import words
from greenroom.world.names import key_of
from greenroom.world.rules import Finding, Line, read

CAST = ("Peter", "Brian", "Stewie")
FILES = ("scenes.toml", "unseen.toml", "unseen_again.toml")
_HERE = Path(__file__).parent


@dataclass
class Score:
    """Of what was found, how much is right; of what there is, how much was found."""

    right: int = 0
    found: int = 0
    hit: int = 0
    wanted: int = 0
    mistakes: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """0-1."""
        return self.right / self.found

    @property
    def recall(self) -> float:
        """0-1."""
        return self.hit / self.wanted

    def add(self, found: dict[str, bool], wanted: dict[str, bool]) -> None:
        """Count a scene: which of the found were right, which of the wanted were hit."""
        self.found, self.right = self.found + len(found), self.right + sum(found.values())
        self.wanted, self.hit = self.wanted + len(wanted), self.hit + sum(wanted.values())
        self.mistakes += [f"too much: {what}" for what, right in found.items() if not right]
        self.mistakes += [f"missed: {what}" for what, hit in wanted.items() if not hit]


def scenes(file: str) -> list[dict[str, Any]]:
    """The scenes of a file."""
    return tomllib.loads((_HERE / file).read_text())["scene"]  # type: ignore[no-any-return]


def score(file: str) -> tuple[Score, Score]:
    """How well the rules read: entities that begin, and facts."""
    entities, facts = Score(), Score()
    for scene in scenes(file):
        known = [name.partition(": ")[2] for name in scene.get("known", [])]
        found = _findings(scene, known)
        new = [tuple(one.split(": ", 1)) for one in scene.get("new", [])]
        begun = {f.name: f.type for f in found if not any(_same(f.name, one) for one in ("Sam", *CAST, *known))}
        entities.add(
            {f"{type_}: {name}": any(_same(name, n) and type_ == t for t, n in new) for name, type_ in begun.items()},
            {f"{t}: {n}": any(_same(name, n) and type_ == t for name, type_ in begun.items()) for t, n in new},
        )
        told = [(f.name, f.information) for f in found if f.information]
        news = [tuple(one.split(" | ", 1)) for one in scene.get("facts", [])]
        facts.add(
            {f"{n} | {i}": any(_same(n, about) and _holds(i, what) for about, what in news) for n, i in told},
            {f"{a} | {w}": any(_same(n, a) and _holds(i, w) for n, i in told) for a, w in news},
        )
    return entities, facts


def _findings(scene: dict[str, Any], known: list[str]) -> list[Finding]:
    found = read(Line(scene["line"], "Sam"), CAST)
    if "reply" in scene:
        found += read(Line(scene["reply"], "Peter", is_person=False), CAST)
    return [one for one in found if one.type or any(_same(one.name, name) for name in ("Sam", *CAST, *known))]


def _same(one: str, other: str) -> bool:
    """Whether one name is a part of the other."""
    a, b = set(key_of(one).split()), set(key_of(other).split())
    return bool(a and b) and (a <= b or b <= a)


def _holds(information: str, wanted: str) -> bool:
    """Whether each of the wanted words stands there, in one of its forms."""
    there = words(information)
    return all(any(word == w or (len(w) > 3 and word.startswith(w[: max(4, len(w) - 2)])) for word in there)
               for w in words(wanted))  # fmt: skip
