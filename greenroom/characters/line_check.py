"""Whether a line keeps to the rules of its character's sheet. No history, no taste: that is quality's work."""

import re
from collections.abc import Iterator

from greenroom.model import Character, LineCheck
from greenroom.text import mentions, plain, words

_QUOTED = re.compile(r"[\"“]([^\"“”]{2,80})[\"”]")
_BASE_SCORE = 0.7
"""What a line without violations and without anything typical scores; two typical things make it 1."""


def check_line(character: Character, others: tuple[str, ...], response: str) -> LineCheck:
    """Check a line. Each violation halves the score; an empty line has none."""
    text = plain(response)
    violations = tuple(_violations(character, others, text))
    matched = tuple(_matched(character, text))
    score = (_BASE_SCORE + 0.15 * min(2, len(matched))) * 0.5 ** len(violations) if text.strip() else 0.0
    return LineCheck(valid=not violations, score=round(score, 3), violations=violations, matched_patterns=matched)


def _violations(character: Character, others: tuple[str, ...], text: str) -> Iterator[str]:
    speaking = character.sheet.speaking
    if not text.strip():
        yield "empty"
    for phrase in mentions(text, map(plain, speaking.forbidden_phrases)):
        yield f"forbidden_phrase: {phrase!r}"
    length = len(words(text))
    if length > speaking.words_max:
        yield f"too_long: {length} words, at most {speaking.words_max}"
    for name in _speakers(text, others):
        yield f"speaks_for_other: {name!r}"


def _speakers(text: str, names: tuple[str, ...]) -> list[str]:
    """Those of the names that stand before a colon at the beginning of a line, also in bold or brackets."""
    heads = (line.partition(":") for line in text.splitlines())
    starts = {head.strip(" \t*_[]()>").casefold() for head, colon, _ in heads if colon}
    return [name for name in names if plain(name).casefold() in starts]


def _matched(character: Character, text: str) -> Iterator[str]:
    """The catchphrases in the line, and the patterns whose own words or quoted words are in it."""
    speaking = character.sheet.speaking
    yield from mentions(text, map(plain, speaking.catchphrases))
    for pattern in speaking.patterns:
        if mentions(text, (pattern, *_QUOTED.findall(pattern))):
            yield pattern
