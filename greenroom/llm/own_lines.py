"""What there is to say, and whether it was said already: the part's own lines by fitness, stock lines by freshness."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from math import log, sqrt
from random import Random

from greenroom.llm.cue import Cue, stems
from greenroom.llm.part import OwnLine, Part, first_words
from greenroom.llm.repertoire import STOCK
from greenroom.llm.voice import capitalised, starts_mid_sentence
from greenroom.text import words

_TOPICAL_KINDS = frozenset(
    {
        "statement",
        "what",
        "yes_no",
        "how",
        "why",
        "who",
        "where",
        "when",
        "choice",
        "request",
        "how_many",
        "tell_about",
        "opinion",
        "relation",
        "favourite",
        "advice",
    }
)
"""Kinds by form: two lines of the same one may be about anything."""

_ASKED_OR_SAID = frozenset(
    {"injection", "machine", "greeting", "how_are_you", "insult", "compliment", "repeated", "disagree"}
)
_SLOT = re.compile(r"\{(\w+)\}")
_IGNORANT = re.compile(
    r"\b(?:no idea|don['’]t know|dunno|no clue|haven['’]t the faintest|couldn['’]t tell)\b", re.IGNORECASE
)


class OwnLines:
    """The lines that the part brings, judged by how well they answer a cue."""

    def __init__(self, part: Part, heard: str) -> None:
        self.part = part
        self.heard = heard

    @cached_property
    def fresh(self) -> list[OwnLine]:
        """Those that nobody has said yet, and that break no rule of the part."""
        return [line for line in self.part.lines if line.opening not in self.heard and self.is_allowed(line.text)]

    def was_said(self, text: str) -> bool:
        """Whether the text, or how it begins, stands in the conversation."""
        return first_words(text) in self.heard

    def was_said_lately(self, text: str) -> bool:
        """Whether the text stands in the last fifth of a long conversation, or anywhere in a short one."""
        return " ".join(words(text)) in self.heard[-max(1_500, len(self.heard) // 5) :]

    def is_allowed(self, text: str) -> bool:
        """Whether it holds none of the phrases that the part never says."""
        return not _breaks(text, self.part.never)

    def general(self) -> list[str]:
        """Lines that answer nothing in particular, and so can follow anything."""
        return [line.text for line in self.fresh if line.answers is None]

    def ignorant(self) -> list[str]:
        """Lines that own up to not knowing."""
        return [
            line.text
            for line in self.fresh
            if line.answers and line.answers.is_question and _IGNORANT.search(line.text)
        ]

    def best(self, cue: Cue, least: float) -> str:
        """The own line that fits the cue best, or nothing."""
        rated = [(self._fitness(cue, line), place) for place, line in enumerate(self.fresh)]
        fitness, place = max(rated, key=lambda pair: (pair[0], -pair[1]), default=(0.0, 0))
        return self.fresh[place].text if fitness >= least else ""

    def _fitness(self, cue: Cue, line: OwnLine) -> float:
        prompt = line.answers
        if prompt is None:
            return 0.35 * self._likeness(cue.stems, line.stems)
        if cue.text.casefold() == prompt.text.casefold():
            return 1.0
        alike = cue.is_question == prompt.is_question
        same = cue.kind == prompt.kind and cue.kind not in _TOPICAL_KINDS and (alike or cue.kind in _ASKED_OR_SAID)
        likeness = self._likeness(cue.stems, prompt.stems - self._me)
        return likeness + 0.5 * same + 0.15 * self._likeness(cue.stems, line.stems) - 0.2 * (not alike and not same)

    @cached_property
    def _me(self) -> frozenset[str]:
        return stems(self.part.name)

    def _likeness(self, one: Iterable[str], other: frozenset[str]) -> float:
        """Cosine of two sets of stems, the rare ones counting more; 0–1."""
        first = frozenset(one)
        both = first & other
        if not both:
            return 0.0
        return self._weight(both) / sqrt(self._weight(first) * self._weight(other))

    def _weight(self, found: frozenset[str]) -> float:
        return sum(1 / (1 + self._frequency.get(name, 0)) for name in found)

    @cached_property
    def _frequency(self) -> dict[str, float]:
        counts: dict[str, float] = {}
        for line in self.part.lines:
            for name in line.answers.stems if line.answers else ():
                counts[name] = counts.get(name, 0) + 1
        return {name: log(count + 1) for name, count in counts.items()}


class Stock:
    """Stock lines in the register of a part, those first that the conversation has not heard."""

    def __init__(self, part: Part, heard: str, random: Random) -> None:
        self.register = part.register
        self.heard = heard
        self.random = random
        self.never = part.never

    def pick(self, kind: str, values: dict[str, str]) -> str:
        """One line of this kind, its slots filled from `values`; empty when none can be filled."""
        lines = (
            self._lines(kind) if values.get("name") else (line.replace(", {name}", "") for line in self._lines(kind))
        )
        usable = [line for line in lines if all(values.get(slot) for slot in _SLOT.findall(line))]
        self.random.shuffle(usable)
        usable.sort(key=self._last_heard)
        filled = (self._filled(line, values) for line in usable)
        return next((line for line in filled if not _breaks(line, self.never)), "")

    def _lines(self, kind: str) -> Iterator[str]:
        """What goes with everybody, and what goes with this register."""
        yield from STOCK[kind].get("any", ())
        yield from STOCK[kind].get(self.register, ())

    def _last_heard(self, line: str) -> int:
        """Where the line's own words stand in the conversation; below 0 when nowhere."""
        pieces = [" ".join(words(piece)) for piece in _SLOT.split(line)[::2]]
        telling = max(pieces, key=len)
        return self.heard.rfind(telling) if len(telling) > 5 else -1

    def _filled(self, line: str, values: dict[str, str]) -> str:
        def value(slot: re.Match[str]) -> str:
            inserted = values[slot[1]]
            return inserted if starts_mid_sentence(line, slot.start()) else capitalised(inserted)

        return _SLOT.sub(value, line)


def _breaks(text: str, never: tuple[str, ...]) -> bool:
    folded = text.casefold()
    return any(phrase in folded for phrase in never if len(phrase) > 2)


def topic_of(part: Part, cue: Cue) -> str:
    """What the part cares about in the cue: in the speaker's words where they can stand in a sentence. No person."""
    said = set(words(cue.text))
    people = {word for who, _ in part.people for word in words(who)}
    for topic in part.topics:
        hits = [k for k in (topic.name.casefold(), *topic.keywords) if _touches(k, said)]
        if hits and not set(words(hits[0])) & people:
            phrase = cue.topic if any(word in words(cue.topic) for word in words(hits[0])) else ""
            return phrase or (topic.name if len(topic.name.split()) <= 2 else hits[0])
    return ""


def _touches(keyword: str, said: set[str]) -> bool:
    """Whether the keyword was said, in the singular or the plural."""
    parts = keyword.split()
    return bool(parts) and all(
        {part, f"{part}s", part.removesuffix("s") if len(part) > 4 else part} & said for part in parts
    )
