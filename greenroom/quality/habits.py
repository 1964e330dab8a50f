"""How somebody writes, apart from the words: marks, lengths, ways to begin and to call others."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain

from greenroom.text import words

SHORT_WORDS, LONG_WORDS = 8, 30
READ_LINES, READ_CHARACTERS = 60, 400
CALM_LINES = 2.0
"""Lines without evidence, with the habits of both, that are added to each side."""

_MARKS: Mapping[str, re.Pattern[str]] = {
    "exclaims": re.compile(r"!"),
    "asks": re.compile(r"\?"),
    "acts": re.compile(r"\([^()]*\)|\*[^*]+\*"),
    "acts_first": re.compile(r"^\s*[(*]"),
    "trails_off": re.compile(r"\.\.\.|…"),
    "dashes": re.compile(r"[–—]| - "),
    "quotes": re.compile(r"^\s*['\"“‘]"),
    "drops_letters": re.compile(r"\w['’]\s|\s['’](?:s|t|d|em|er|tis|twas)\b", re.IGNORECASE),
    "contracts": re.compile(r"n['’]t\b|['’](?:re|ve|ll|m)\b", re.IGNORECASE),
    "interjects": re.compile(r"^\W*(?:oh|ah|well|hey|eh|hm+|um+|er|lol|okay|ok)\b", re.IGNORECASE),
    "shouts": re.compile(r"\b[A-Z]{3,}\b"),
    "pauses": re.compile(r"[;:]"),
    "calls": re.compile(r",\s+\w+(?:\s\w+)?[.!?…]"),
    "says_i": re.compile(r"\bI\b"),
    "says_you": re.compile(r"\byou\b", re.IGNORECASE),
    "small_letters": re.compile(r"^\W*[a-z]"),
}
_CALLED = re.compile(r"(?:^|[.!?]\s{1,3})\W{0,3}(\w+(?:\s\w+)?),|,\s{1,3}(\w+(?:\s\w+)?)\s{0,2}[.!?…]")
_SHORTEST_NAME = 3


def habits_of(text: str) -> frozenset[str]:
    """The habits that a line shows."""
    text = text[:READ_CHARACTERS]
    count = len(words(text))
    found = {name for name, pattern in _MARKS.items() if pattern.search(text)}
    return frozenset(found | ({"short"} if count <= SHORT_WORDS else {"long"} if count >= LONG_WORDS else set()))


@dataclass(frozen=True, slots=True)
class Habits:
    """How many of so many `lines` show each habit, and whom they call (`uncle`, `my lord`)."""

    lines: int = 0
    shown: Counter[str] = field(default_factory=Counter)
    called: frozenset[str] = frozenset()


def habits_of_all(lines: Iterable[tuple[frozenset[str], frozenset[str]]]) -> Habits:
    """The habits of several lines, the last 60: of each those that it shows, and whom it calls."""
    kept = list(lines)[-READ_LINES:]
    shown = Counter(chain.from_iterable(habits for habits, _ in kept))
    return Habits(len(kept), shown, frozenset().union(*(names for _, names in kept)))


def leaning(text: str, mine: Habits, theirs: Habits) -> float:
    """How much more a line shows my habits than theirs: log ratios, summed; 0 where one of the two is unknown.

    Source: naive Bayes over yes and no; each side is smoothed towards both together.
    """
    if not mine.lines or not theirs.lines:
        return 0.0
    shown = habits_of(text)
    return sum(_log_ratio(name in shown, name, mine, theirs) for name in (*_MARKS, "short", "long"))


def called(text: str) -> frozenset[str]:
    """The words by which a line calls somebody, in small letters."""
    groups = (group for found in _CALLED.findall(text[:READ_CHARACTERS]) for group in found)
    return frozenset(word for group in groups for word in group.casefold().split() if len(word) >= _SHORTEST_NAME)


def _log_ratio(has: bool, name: str, mine: Habits, theirs: Habits) -> float:
    both = (mine.shown[name] + theirs.shown[name] + 0.5) / (mine.lines + theirs.lines + 1)
    my, their = ((side.shown[name] + CALM_LINES * both) / (side.lines + CALM_LINES) for side in (mine, theirs))
    return math.log(my / their) if has else math.log((1 - my) / (1 - their))
