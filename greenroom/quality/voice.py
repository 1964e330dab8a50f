"""How somebody talks, as counts: pieces of words, words, lengths. What a line is worth under two voices."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from operator import add

from greenroom.quality.draft import spoken_part
from greenroom.text import words

OWN_SHARE = 0.8
READ_CHARACTERS = 3_000
"""How much of each speaker's newest lines is read; more says little new and costs time."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Counts over the lines of one speaker. `lengths` are in words."""

    pieces: Counter[str]
    words: Counter[str]
    lengths: tuple[int, ...]


def listen(lines: Iterable[str], onto: Voice | None = None) -> Voice:
    """The voice of these lines, added to what is known of it already."""
    lines = list(_newest(lines))
    spoken = [spoken_part(line) for line in lines]
    pieces = Counter(onto.pieces) if onto else Counter[str]()
    tokens = Counter(onto.words) if onto else Counter[str]()
    counts = [words(text) for text in spoken]
    for text, found in zip(spoken, counts, strict=True):
        pieces.update(pieces_of(text))
        tokens.update(found)
    lengths = (*(onto.lengths if onto else ()), *(len(found) for found in counts if found))
    return Voice(pieces, tokens, lengths)


def together(voices: Iterable[Voice]) -> Voice:
    """Several voices as one."""
    pieces, tokens, lengths = Counter[str](), Counter[str](), tuple[int, ...]()
    for voice in voices:
        pieces.update(voice.pieces)
        tokens.update(voice.words)
        lengths += voice.lengths
    return Voice(pieces, tokens, lengths)


def pieces_of(text: str) -> Iterator[str]:
    """Runs of three and four characters, white space folded; without a loop in Python, since there are thousands."""
    text = f" {' '.join(text.casefold().split())} "
    pairs = list(map(add, text, text[1:]))
    return chain(map(add, pairs, text[2:]), map(add, pairs, pairs[2:]))


def leaning(found: Counter[str], mine: Counter[str], theirs: Counter[str], *, typical: float, calm: float) -> float:
    """How much more likely the pieces are in my voice than in theirs: mean log ratio, less a `typical` one.

    0 where one of the voices is unknown. `calm` pieces without evidence are added to the mean, so that a short line
    says little. Each voice is mixed with the mean of both, so that the longer record has no advantage.
    Source: linear interpolation of Jelinek and Mercer, 1980; 0.8 was as good as any between 0.5 and 0.95.
    """
    my_total, their_total = mine.total(), theirs.total()
    if not my_total or not their_total:
        return 0.0
    total = -typical * found.total()
    for piece, count in found.items():
        here, there = mine[piece] / my_total, theirs[piece] / their_total
        if here or there:
            both = (1 - OWN_SHARE) * (here + there) / 2
            total += count * math.log((OWN_SHARE * here + both) / (OWN_SHARE * there + both))
    return total / (found.total() + calm)


def _newest(lines: Iterable[str]) -> Iterator[str]:
    left = READ_CHARACTERS
    for line in reversed(list(lines)):
        if left <= 0:
            return
        yield line[:left]
        left -= len(line)
