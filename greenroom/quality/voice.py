"""How somebody talks, as counts: pieces of words, words, lengths. What a line is worth under two voices."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from operator import add

from greenroom.quality.line import Line, spoken_part
from greenroom.text import words

OWN_SHARE = 0.8
READ_CHARACTERS = 3_000
"""How much of each speaker's newest lines is read; more says little new and costs time."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each thing comes, and how many there are in all, counted or not."""

    of: Mapping[str, int]
    total: int


@dataclass(frozen=True, slots=True)
class Voice:
    """Counts over the lines of one speaker. `lengths` are in words."""

    pieces: Counts
    words: Counts
    lengths: tuple[int, ...] = ()


def listen(lines: Iterable[str]) -> Voice:
    """The voice of these lines."""
    spoken = [spoken_part(line) for line in _newest(lines)]
    pieces, tokens, lengths = Counter[str](), Counter[str](), list[int]()
    for text in spoken:
        found = words(text)
        pieces.update(pieces_of(text))
        tokens.update(found)
        lengths += [len(found)] if found else []
    return Voice(Counts(pieces, pieces.total()), Counts(tokens, tokens.total()), tuple(lengths))


def overheard(lines: Iterable[Line], pieces: Collection[str], tokens: Collection[str]) -> Voice:
    """The voice of lines of a conversation, as far as these pieces and words go: counting all of them would take twice
    as long, and few are in the reply that is judged."""
    newest = list(_newest_of(lines))
    folded = [_folded(line.spoken) for line in newest]
    said = list(chain.from_iterable(line.spoken_words for line in newest))
    found = Counter(filter(pieces.__contains__, chain.from_iterable(map(_runs, folded))))
    return Voice(
        Counts(found, sum(max(0, 2 * len(text) - 5) for text in folded)),
        Counts(Counter(filter(tokens.__contains__, said)), len(said)),
    )


def pieces_of(text: str) -> Iterator[str]:
    """Runs of three and four characters, white space folded; without a loop in Python, since there are thousands."""
    return _runs(_folded(text))


def _runs(folded: str) -> Iterator[str]:
    pairs = list(map(add, folded, folded[1:]))
    return chain(map(add, pairs, folded[2:]), map(add, pairs, pairs[2:]))


def _folded(text: str) -> str:
    return f" {' '.join(text.casefold().split())} "


def leaning(
    found: Counter[str], mine: Sequence[Counts], theirs: Sequence[Counts], *, typical: float, calm: float
) -> float:
    """How much more likely the pieces are in my voice than in theirs: mean log ratio, less a `typical` one.

    Each side may be in parts that count as one; to add them up would take longer than to look into each.

    0 where one of the voices is unknown. `calm` pieces without evidence are added to the mean, so that a short line
    says little. Each voice is mixed with the mean of both, so that the longer record has no advantage.
    Source: linear interpolation of Jelinek and Mercer, 1980; 0.8 was as good as any between 0.5 and 0.95.
    """
    my_total, their_total = sum(part.total for part in mine), sum(part.total for part in theirs)
    if not my_total or not their_total:
        return 0.0
    total = -typical * found.total()
    for piece, count in found.items():
        here, there = count_in(mine, piece) / my_total, count_in(theirs, piece) / their_total
        if here or there:
            both = (1 - OWN_SHARE) * (here + there) / 2
            total += count * math.log((OWN_SHARE * here + both) / (OWN_SHARE * there + both))
    return total / (found.total() + calm)


def count_in(parts: Sequence[Counts], piece: str) -> int:
    """How often something was counted."""
    return sum([part.of.get(piece, 0) for part in parts])


def _newest(lines: Iterable[str]) -> Iterator[str]:
    left = READ_CHARACTERS
    for line in reversed(list(lines)):
        if left <= 0:
            return
        yield line[:left]
        left -= len(line)


def _newest_of(lines: Iterable[Line]) -> Iterator[Line]:
    left = READ_CHARACTERS
    for line in reversed(list(lines)):
        if left <= 0:
            return
        yield line if len(line.text) <= left else replace(line, text=line.text[:left])
        left -= len(line.text)
