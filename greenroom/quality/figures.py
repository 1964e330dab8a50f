"""Figures in a line against those of the passages: a year, or how many there are of something."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from greenroom.quality.facts import NUMBERS
from greenroom.text import content_words, sentences

_FIGURE = re.compile(rf"\b(?:(\d[\d,]{{0,9}})|({'|'.join(NUMBERS)}))\b(?:[ -]+([a-z]+))?", re.IGNORECASE)
_FIRST_YEAR, _LAST_YEAR = 1000, 2100
_UNSURE = re.compile(
    r"\b(?:not|never|no|n['’]t|if|maybe|perhaps|about|around|almost|nearly|over|under|than|like|another|every|each)\b|n['’]t\b",
    re.IGNORECASE,
)
_SHARED = 3
"""Words on a topic that two sentences have in common at the least, and half of those of the line, when they tell of the
same. With fewer, lines that only touched a passage were taken for contradictions of it."""


class _Figure(NamedTuple):
    """So many of something; what it counts is "year" for a year."""

    counts: str
    number: int


def other_figures(spoken: str, passages: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Sentences that tell what a passage tells, with another figure; each with the sentence of the passage."""
    said = [(sentence, found) for sentence in sentences(spoken) if (found := _stated(sentence))]
    known = [(s, found) for text in passages for s in sentences(text) if (found := _figures(s))] if said else []
    everything = {figure for _, found in known for figure in found}
    for sentence, figures in said:
        strange = figures - everything
        topics = _topics(sentence)
        for told, theirs in known:
            shared = len(topics & _topics(told))
            if shared >= max(_SHARED, len(topics) / 2) and any(_differs(figure, theirs) for figure in strange):
                yield sentence, told


def _stated(sentence: str) -> set[_Figure]:
    """The figures that somebody states without a doubt; none in a question."""
    return set() if sentence.rstrip().endswith("?") or _UNSURE.search(sentence) else _figures(sentence)


def _differs(figure: _Figure, theirs: set[_Figure]) -> bool:
    """Whether there is exactly one figure of this kind, and it is another."""
    same_kind = [one.number for one in theirs if one.counts == figure.counts]
    return len(same_kind) == 1 and same_kind[0] != figure.number


def _figures(sentence: str) -> set[_Figure]:
    return {
        _Figure(counts, number)
        for digits, word, noun in _FIGURE.findall(sentence)
        for counts, number in _read(digits, word, noun)
    }


def _read(digits: str, word: str, noun: str) -> Iterator[tuple[str, int]]:
    number = int(digits.replace(",", "")) if digits else NUMBERS.index(word.casefold())
    if digits and "," not in digits and _FIRST_YEAR <= number <= _LAST_YEAR:
        yield "year", number
    elif content_words(noun):
        yield noun.casefold().removesuffix("s"), number


def _topics(sentence: str) -> frozenset[str]:
    """What a sentence is about, without its figures."""
    return frozenset(word for word in content_words(sentence) if not word[0].isdigit() and word not in NUMBERS)
