"""What was said already, so that nothing is said twice."""

from collections.abc import Iterable
from functools import cached_property

from greenroom.text import jaccard, shingles, words

NEAR = 0.6
"""Trigram Jaccard from which a line is taken for one that was said; chat front ends warn from here on."""
_MOST_LINES, _CHARACTERS = 200, 1_200
"""What is compared of a conversation; nobody here speaks longer lines."""
_LATELY = 8
_KNOWN_BY = 7
_OPENING = 10
"""Words from the beginning that two lines may not share; what is quoted may be cut off after some more."""


class Said:
    """The lines of a conversation, oldest first, as words."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = [words(line[:_CHARACTERS]) for line in list(lines)[-_MOST_LINES:]]

    def again(self, text: str) -> bool:
        """Whether the text is one of the lines, or so close to one that it is heard as the same."""
        tokens = words(text)
        pieces = shingles(tokens, 3)
        if any(tokens[:_OPENING] == line[:_OPENING] for line in self._lines if len(line) >= _OPENING or line == tokens):
            return True
        return any(
            jaccard(pieces, known) >= NEAR for known in self._pieces if 2 * len(pieces) > len(known) > len(pieces) / 2
        )

    def holds(self, text: str) -> bool:
        """Whether the text stands word for word within what was said."""
        return f" {' '.join(words(text))} " in self.text

    def begins(self, opening: str) -> bool:
        """Whether something began with these first words of a line."""
        return opening in self.text

    def last(self, text: str) -> int:
        """Where the text was said last: the greater the later, -1 when never."""
        return self.text.rfind(" ".join(words(text)))

    def lately(self, text: str) -> bool:
        """Whether the text stands in one of the last few lines."""
        return f" {' '.join(words(text))} " in self._newest

    @cached_property
    def text(self) -> str:
        """Everything, in small letters, a bar between lines."""
        return f" {' | '.join(map(' '.join, self._lines))} "

    @cached_property
    def _newest(self) -> str:
        return f" {' | '.join(map(' '.join, self._lines[-_LATELY:]))} "

    @cached_property
    def _pieces(self) -> list[set[tuple[str, ...]]]:
        return [shingles(line, 3) for line in self._lines]


def first_words(text: str) -> str:
    """The words by which a line is known again."""
    return " ".join(words(text)[:_KNOWN_BY])
