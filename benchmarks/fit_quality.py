"""Fit the weights of quality control on scenes of our own, around what each feature was thought to be worth.

    python -m benchmarks.fit_quality [--minilm DATA_DIR] [--write]

Each line of `quality_scenes.toml` is a good answer to the lines before it; spoilt ones are made from the same scenes by
the rules in `_spoilt`. The fit is a logistic regression with a normal prior around `PRIORS` (maximum a posteriori).
Good lines weigh as much as `GOOD_SHARE`: how many drafts are good, nobody knows before people rate.
Without `--write` it prints what it would write. `--minilm` names a data folder with the embedding model.
"""

import argparse
import asyncio
import json
import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from greenroom.clock import SYSTEM_CLOCK
from greenroom.config import QualitySettings
from greenroom.llm.minilm.provider import MiniLM
from greenroom.llm.minilm.shelf import shelf_of
from greenroom.model import AnalyzeRequest, Character, CharacterId, Example, LineCheck, Sheet, Spoken, Traits
from greenroom.quality.acceptance import COMPONENTS, measure
from greenroom.quality.closeness import Closeness
from greenroom.quality.component import Evidence
from greenroom.quality.draft import read
from greenroom.quality.line import KnownLines
from greenroom.quality.profile import profile_of

SCENES = Path(__file__).with_name("quality_scenes.toml")
WRITTEN = Path(__file__).parent.parent / "greenroom" / "quality" / "weights.json"
GOOD_SHARE = 0.7
PRIOR_SHARE, PRIOR_LEAST = 0.3, 0.1
"""How far a weight may stray: its prior's standard deviation, as a share of the prior, and at least."""
FROM_LINE = 2
TELLING = 8
"""Words from which a line tells something that another could tell again."""

PRIORS: dict[str, float] = {
    "sounds_like_me": 2.0,
    "my_words": 2.0,
    "my_habits": 1.6,
    "my_way_to_call": 0.6,
    "pet_words": 0.3,
    "catchphrase": 0.5,
    "about_me": 2.0,
    "like_my_lines": 1.5,
    "like_my_sheet": 1.5,
    "my_topics": 2.0,
    "names_itself": -3.0,
    "help_desk": -2.5,
    "unlike_my_length": -1.5,
    "against_the_sheet": -4.0,
    "takes_up": 0.4,
    "stays_with_it": 0.8,
    "addresses": 0.4,
    "addresses_last": 0.6,
    "evades": -0.9,
    "denies": -0.6,
    "near_the_last_line": 0.8,
    "answers": 0.5,
    "gives_back": -2.5,
    "tells_again": -4.0,
    "says_again": -1.5,
    "same_sentence": -1.0,
    "same_opening": -0.6,
    "greets_late": -1.2,
    "unrelated": -1.5,
    "monologue": -1.0,
    "asks": 0.8,
    "turns_to_you": 0.5,
    "varied": 1.0,
    "stiff": -2.0,
    "plays": 0.2,
    "acts": 0.3,
    "too_brief": -0.6,
    "too_long": -1.5,
    "stale": -1.0,
    "breaks_off": -1.0,
    "unknown_names": -0.6,
    "unknown_numbers": -0.5,
    "unknown_years": -0.5,
    "false_claims": -1.8,
    "another_world": -1.0,
    "from_the_sheet": 1.0,
    "from_the_passages": 0.6,
    "swears": -0.6,
    "insults": -0.6,
    "threatens": -0.8,
}
"""Log odds for each unit of a feature, by reasoning: what a reader would hold for or against a line."""

STOCK = (
    "That is an interesting point. I would be happy to tell you more about it if you like.",
    "I am not sure about that. Could you please explain what you mean?",
    "Thank you for sharing that with me. How does it make you feel?",
    "I understand your concern, and I apologise for any inconvenience this may have caused.",
    "There are several considerations to be evaluated before a comprehensive conclusion is possible.",
    "It is important to remember that everybody has a different perspective on these matters.",
    "I don't know. I would rather not talk about that.",
)


@dataclass(frozen=True)
class Case:
    """A line in its place, with whether it is good. The kinds of spoilt lines weigh alike."""

    character: Character
    company: tuple[Character, ...]
    before: tuple[Spoken, ...]
    line: str
    kind: str

    async def features(self, closeness: Closeness | None) -> dict[str, float]:
        """All features of the line."""
        request = AnalyzeRequest(response=self.line, character=self.character.name, conversation_history=self.before)
        profile = profile_of(self.character)
        traits = Traits(character=self.character, others=tuple(c.name for c in self.company))
        draft = read(request, traits, KnownLines(SYSTEM_CLOCK))
        near = await closeness.features(draft, profile) if closeness else {}
        check = LineCheck(valid=True, score=1.0)
        company = tuple(profile_of(c) for c in self.company)
        return measure(Evidence(draft, profile, check, company, near))


def cases() -> Iterator[Case]:
    """Every line of the scenes, and what is made of it."""
    scenes = tomllib.loads(SCENES.read_text(encoding="utf-8"))["scene"]
    chance = random.Random(11)
    for number, scene in enumerate(scenes):
        cast = {who["name"]: _character(who) for who in scene["who"]}
        talk = [Spoken(author=name, content=text) for name, _, text in (line.partition(": ") for line in scene["talk"])]
        elsewhere = [line.partition(": ")[2] for line in scenes[(number + 1) % len(scenes)]["talk"]]
        for place in range(FROM_LINE, len(talk)):
            before, said = tuple(talk[:place]), talk[place]
            company = tuple(c for c in cast.values() if c.name != said.author)
            lines = {"good": said.content, **_spoilt(said, before, talk[place + 1 :], elsewhere, chance)}
            for kind, line in lines.items():
                yield Case(cast[said.author], company, before, line, kind)


def _spoilt(
    said: Spoken, before: tuple[Spoken, ...], after: list[Spoken], elsewhere: list[str], chance: random.Random
) -> dict[str, str]:
    others = [line.content for line in after if line.author != said.author]
    earlier = [line.content for line in before if line.author == said.author]
    tokens = said.content.split()
    spoilt = {
        "of another scene": chance.choice(elsewhere),
        "stock": chance.choice(STOCK),
        "far too long": " ".join([said.content, *(chance.choice(elsewhere) for _ in range(9))]),
        "broken off": " ".join(tokens[: max(2, len(tokens) // 2)]) + " and the",
        "by its own name": f"{said.author} here. {said.content}",
    }
    if others:
        spoilt["another's"] = others[0]
    told = [line.content for line in before if line.author != said.author and len(line.content.split()) > TELLING]
    if told:
        spoilt["told again"] = "Well, " + " ".join(word for at, word in enumerate(told[-1].split()) if at % 4 != 3)
    if earlier:
        again = chance.choice(earlier).split()
        spoilt["said before"] = " ".join(again[: max(3, len(again) * 3 // 4)] + tokens[-2:])
    return spoilt


def _character(who: dict[str, Any]) -> Character:
    sheet = Sheet(
        name=who["name"],
        description=who["description"],
        examples=tuple(Example(reply=line) for line in who["examples"]),
    )
    return Character(id=CharacterId(who["name"].casefold()), sheet=sheet, origin="database", version="1")


async def _rows(minilm: Path | None) -> list[tuple[str, dict[str, float]]]:
    if minilm is None:
        return [(case.kind, await case.features(None)) for case in cases()]
    async with MiniLM(shelf_of(minilm), SYSTEM_CLOCK) as llm, asyncio.TaskGroup() as tasks:
        closeness = Closeness(llm, QualitySettings(embed_within_s=60), SYSTEM_CLOCK)
        reading = tasks.create_task(closeness.read_sheets_for_ever())
        rows = []
        for case in cases():
            features = await case.features(closeness)
            while "like_my_lines" not in features:
                await asyncio.sleep(0.2)
                features = await case.features(closeness)
            rows.append((case.kind, features))
        reading.cancel()
    return rows


def fit(rows: list[tuple[str, dict[str, float]]]) -> dict[str, Any]:
    """The weights, as they are written."""
    names = [name for name in PRIORS if name in rows[0][1]]
    kinds = [kind for kind, _ in rows]
    good = np.array([kind == "good" for kind in kinds], float)
    values = np.array([[features[name] for name in names] for _, features in rows])
    usual = values[good == 1].mean(axis=0)
    weights, base = _map_estimate(values - usual, good, _shares(kinds), np.array([PRIORS[name] for name in names]))
    fitted = dict(zip(names, weights, strict=True))
    means = dict(zip(names, usual, strict=True))
    return {
        "fitted": datetime.now(UTC).date().isoformat(),
        "command": "python -m benchmarks.fit_quality --minilm DATA_DIR --write",
        "lines": len(rows),
        "base": round(base, 3),
        "features": {
            name: {
                "component": _component_of(name),
                "usual": round(float(means.get(name, 0.0)), 3),
                "prior": prior,
                "weight": round(float(fitted.get(name, prior)), 3),
            }
            for name, prior in PRIORS.items()
        },
    }


def _component_of(feature: str) -> str:
    """The component whose advice and features it is among."""
    (case, *_) = cases()
    profile = profile_of(case.character)
    request = AnalyzeRequest(response="Hm.", character=case.character.name)
    draft = read(request, Traits(character=case.character), KnownLines(SYSTEM_CLOCK))
    evidence = Evidence(draft, profile, LineCheck(valid=True, score=1.0))
    return next(component.name for component in COMPONENTS if feature in component.measure(evidence))


def _shares(kinds: list[str]) -> NDArray[np.float64]:
    """What each case counts: good lines together as many as there are, all spoilt ones by `GOOD_SHARE`."""
    counts = {kind: kinds.count(kind) for kind in set(kinds)}
    spoilt = len(counts) - 1
    bad = counts["good"] * (1 - GOOD_SHARE) / GOOD_SHARE / spoilt
    return np.array([1.0 if kind == "good" else bad / counts[kind] for kind in kinds])


def _map_estimate(
    values: NDArray[np.float64], good: NDArray[np.float64], counts: NDArray[np.float64], priors: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Newton's method on the posterior of a logistic regression; the base has no prior."""
    table = np.column_stack([np.ones(len(values)), values])
    prior = np.concatenate([[0.0], priors])
    precision = np.concatenate([[0.0], 1 / (PRIOR_SHARE * np.abs(priors) + PRIOR_LEAST) ** 2])
    found = prior.copy()
    for _ in range(50):
        chances = 1 / (1 + np.exp(-table @ found))
        slope = table.T @ (counts * (chances - good)) + precision * (found - prior)
        curve = (table.T * (counts * chances * (1 - chances))) @ table + np.diag(precision + 1e-9)
        found = found - np.linalg.solve(curve, slope)
    return found[1:], float(found[0])


def main() -> None:
    """Fit, print, and write if told to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minilm", type=Path)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    written = json.dumps(fit(asyncio.run(_rows(given.minilm))), indent=2) + "\n"
    if given.write:
        WRITTEN.write_text(written, encoding="utf-8")
    print(written)


if __name__ == "__main__":
    main()
