"""A line of a conversation, read once: it comes back with every draft that follows it."""

import re
from dataclasses import dataclass
from functools import cached_property

from cachetools import TTLCache

from greenroom.clock import Clock
from greenroom.quality.facts import Facts, stated_of_oneself
from greenroom.quality.habits import called, habits_of
from greenroom.text import COMMON_WORDS, plain, shingles, words

LINE_CHARACTERS = 1_200
KEPT_CHARACTERS, OF_EACH = 100_000, 66
"""A line counts with its characters and what it takes whatever they are. With all that is read out of them, lines of 2
to 1,200 characters took 1.9 to 35 kB (tracemalloc, 2026-11-22), so that there are 5 MB at the most."""
KEPT_S = 600.0
"""What people take back goes at the first verdict after that."""

ACTION = re.compile(r"\([^()]*\)|\*[^*]*\*")
"""Stage directions: `(sighs)` and `*sighs*`."""


def spoken_part(text: str) -> str:
    """The text without stage directions and markup."""
    return ACTION.sub(" ", text.replace("**", ""))


def topics_of(tokens: list[str]) -> frozenset[str]:
    """Those of the words that carry a topic."""
    return frozenset(w for w in set(tokens) if w not in COMMON_WORDS and (len(w) > 1 or w.isdigit()))


class Words:
    """A text, taken apart when it is first asked for."""

    text: str

    @cached_property
    def tokens(self) -> list[str]:
        """Its words."""
        return words(self.text)

    @cached_property
    def topics(self) -> frozenset[str]:
        """Those of its words that carry a topic."""
        return topics_of(self.tokens)

    @cached_property
    def trigrams(self) -> set[tuple[str, ...]]:
        """Runs of three words."""
        return shingles(self.tokens, 3)


@dataclass(frozen=True)
class Line(Words):
    """One line of the conversation. `own` says that the character itself said it."""

    author: str
    text: str
    own: bool

    @cached_property
    def spoken(self) -> str:
        """What is said aloud, without stage directions."""
        return spoken_part(self.text)

    @cached_property
    def spoken_words(self) -> list[str]:
        """The words of that."""
        return self.tokens if self.spoken == self.text else words(self.spoken)

    @cached_property
    def habits(self) -> frozenset[str]:
        """The habits that it shows."""
        return habits_of(self.text)

    @cached_property
    def called(self) -> frozenset[str]:
        """The words by which it calls somebody."""
        return called(self.text)

    @cached_property
    def facts(self) -> Facts:
        """What who says it states of itself."""
        return stated_of_oneself(self.text)


class KnownLines:
    """The lines that were read in the last ten minutes, up to so many characters in all."""

    def __init__(self, clock: Clock) -> None:
        self._kept: TTLCache[Line, Line] = TTLCache(KEPT_CHARACTERS, KEPT_S, clock.monotonic_s, _size)

    def line(self, author: str, text: str, *, own: bool) -> Line:
        """The line, as it was read before if it is still at hand. Invisible characters are gone; a long one is cut."""
        line = Line(author, plain(text[:LINE_CHARACTERS]), own)
        return self._kept.setdefault(line, line)


def _size(line: Line) -> int:
    return len(line.text) + OF_EACH
