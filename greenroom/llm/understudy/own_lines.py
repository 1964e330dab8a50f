"""The lines that a part brings along, by how well they answer, and those that were not said yet."""

import re
from collections.abc import Iterable
from functools import cached_property
from math import log, sqrt

from greenroom.llm.understudy.cue import MANNER, Cue, stems
from greenroom.llm.understudy.part import OwnLine, Part
from greenroom.llm.understudy.said import Said
from greenroom.text import sentences, words

_TOPICAL_KINDS = frozenset({
    "statement", "what", "yes_no", "how", "why", "who", "where", "when", "choice", "request", "how_many", "tell_about",
    "opinion", "relation", "favourite", "advice", "job", "translate", "help",
})  # fmt: skip
"""Kinds by form: two lines of the same one may be about anything."""

_ASKED_OR_SAID = frozenset({
    "injection", "machine", "greeting", "how_are_you", "insult", "compliment", "repeated", "disagree",
})  # fmt: skip
_NEAR = 0.15
"""Nearness from which a line may follow one that was not meant for its speaker."""
_ANSWERED, _IN_PASSING = 0.6, 0.5
"""What it counts that a line was an answer to what is talked of; and that it only has words of it."""
_LEANING_WORDS = {"his", "her", "their", "he", "she", "they", "its", "my", "your"}
_IGNORANT = re.compile(
    r"\b(?:no idea|don['’]t know|dunno|no clue|haven['’]t the faintest|couldn['’]t tell)\b", re.IGNORECASE
)


_LEANS = re.compile(
    r"(?:that|this|it|they|he|she|them|first|second|third|but|and|so|or|then|which|who|still|also|sometimes|either|not"
    r"|otherwise|failing|personally|realistically|yes|no|yeah|sure|oh|when|because)\b|.*\b(?:he|she|they|them|him|it|there)\b",
    re.IGNORECASE,
)


class OwnLines:
    """The lines that the part brings, judged by how well they answer a cue."""

    def __init__(self, part: Part, said: Said) -> None:
        self.part = part
        self.said = said

    @cached_property
    def fresh(self) -> list[OwnLine]:
        """Those that nobody has said yet, and that break no rule of the part."""
        return [line for line in self.part.lines if not self.said.begins(line.opening) and self.is_allowed(line.text)]

    def is_allowed(self, text: str) -> bool:
        """Whether it holds none of the phrases that the part never says."""
        return not breaks(text, self.part.never)

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

    @cached_property
    def remarks(self) -> list[str]:
        """Sentences out of own lines that can stand alone, and were not said yet."""
        cut = (s for line in self.part.lines if self.is_allowed(line.text) for s in sentences(line.text)[:2])
        return [s for s in cut if 4 <= len(s.split()) <= 16 and not _LEANS.match(s) and not self.said.holds(s)]

    def best(self, cue: Cue, least: float) -> str:
        """The own line that fits the cue best, or nothing."""
        rated = [(self._fitness(cue, line), place) for place, line in enumerate(self.fresh)]
        fitness, place = max(rated, key=lambda pair: (pair[0], -pair[1]), default=(0.0, 0))
        return self.fresh[place].text if fitness >= least else ""

    def bearing_on(self, talk: str, unasked: bool = False) -> str:
        """The own line that is nearest to what was said, and stands by itself; nothing when none is near.

        None is the answer to a greeting or the like, and an `unasked` one is no answer at all.
        """
        fit = [one for one in self.fresh if not (one.answers and (unasked or one.answers.kind in _ASKED_OR_SAID))]
        standing = [line for line in fit if not _LEANS.match(sentences(line.text)[0])]
        rated = [(self._nearness(talk, line), -place) for place, line in enumerate(standing)]
        nearness, place = max(rated, default=(0.0, 0))
        return standing[-place].text if nearness >= _NEAR else ""

    def _nearness(self, talk: str, line: OwnLine) -> float:
        """How far a line bears on what was said: by what it answers or its words, and by a topic of the part."""
        told = stems(talk) - self._people - MANNER
        asked = line.answers.stems - self._people - MANNER if line.answers else frozenset()
        said, its = set(words(talk)), set(words(line.text))
        topical = any(
            any(_touches(k, said) for k in topic.keywords) and any(_touches(k, its) for k in topic.keywords)
            for topic in self.part.topics
        )
        own = self._likeness(told, line.stems)
        if not asked:
            return own + 0.1 * topical
        answered = max(self._likeness(told, asked), _ANSWERED * self._weight(told & asked) / self._weight(asked))
        return max(answered, _IN_PASSING * own) + 0.1 * topical

    def _fitness(self, cue: Cue, line: OwnLine) -> float:
        prompt = line.answers
        if prompt is None:
            return 0.35 * self._likeness(cue.stems, line.stems)
        if cue.text.casefold() == prompt.text.casefold():
            return 1.0
        if cue.kind != prompt.kind and (cue.kind not in _TOPICAL_KINDS or prompt.kind in _ASKED_OR_SAID):
            return 0.0
        alike = cue.is_question == prompt.is_question
        same = cue.kind == prompt.kind and cue.kind not in _TOPICAL_KINDS and (alike or cue.kind in _ASKED_OR_SAID)
        likeness = self._likeness(cue.stems, prompt.stems - self._me)
        return likeness + 0.5 * same + 0.15 * self._likeness(cue.stems, line.stems) - 0.2 * (not alike and not same)

    @cached_property
    def _people(self) -> frozenset[str]:
        return stems(" ".join((*self.part.names, *(who for who, _ in self.part.people))))

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


def breaks(text: str, never: tuple[str, ...]) -> bool:
    """Whether the text has a phrase that is never said."""
    folded = text.casefold()
    return any(phrase in folded for phrase in never if len(phrase) > 2)


def topic_of(part: Part, cue: Cue) -> str:
    """What the part cares about in the cue: in the speaker's words where they can stand in a sentence. No person."""
    said = set(words(cue.text))
    people = {word for who, _ in part.people for word in words(who)}
    for topic in part.topics:
        hits = [k for k in (topic.name.casefold(), *topic.keywords) if _touches(k, said)]
        if hits and not set(words(hits[0])) & people:
            if any(word in words(cue.topic) for word in words(hits[0])):
                return cue.topic
            if len(topic.name.split()) <= 2 and not set(words(topic.name)) & _LEANING_WORDS:
                return topic.name
    return ""


def _touches(keyword: str, said: set[str]) -> bool:
    """Whether the keyword was said, in the singular or the plural."""
    parts = keyword.split()
    return bool(parts) and all(
        {part, f"{part}s", part.removesuffix("s") if len(part) > 4 else part} & said for part in parts
    )
