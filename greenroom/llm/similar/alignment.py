"""Two prompts side by side: which words they share, and what is left on either side."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from greenroom.llm.similar.lexicon.lookalikes import LOOKALIKES
from greenroom.llm.similar.reading import Reading, Word

_TYPO_LENGTH = 5


@dataclass(frozen=True, slots=True)
class Alignment:
    """`shared` pairs words that mean the same, in the order of the first text; the others are left on either side."""

    shared: tuple[tuple[Word, Word], ...]
    only_here: tuple[Word, ...]
    only_there: tuple[Word, ...]


def aligned(here: Reading, there: Reading) -> Alignment:
    """Pair the words of two prompts: the same stem first, then the same meaning, then one word mistyped."""
    left_here, left_there = list(here.content), list(there.content)
    shared: list[tuple[Word, Word]] = []
    for of in (_by_stem, _by_meaning):
        shared += _paired(left_here, left_there, of)
    shared += _joined(left_here, left_there) + [(b, a) for a, b in _joined(left_there, left_here)]
    if len(left_here) == len(left_there):
        shared += _mistyped(left_here, left_there)
    return Alignment(tuple(sorted(shared, key=lambda pair: pair[0].place)), tuple(left_here), tuple(left_there))


def _by_stem(word: Word) -> str:
    return word.stem


def _by_meaning(word: Word) -> str:
    return word.meaning


def _paired(left_here: list[Word], left_there: list[Word], of: Callable[[Word], str]) -> list[tuple[Word, Word]]:
    waiting: defaultdict[str, list[Word]] = defaultdict(list)
    for word in left_there:
        waiting[of(word)].append(word)
    found = [(word, waiting[of(word)].pop(0)) for word in left_here if waiting[of(word)]]
    _take(found, left_here, left_there)
    return found


def _joined(left_here: list[Word], left_there: list[Word]) -> list[tuple[Word, Word]]:
    """Two words here that are one there: `on line`, `online`."""
    found = []
    for first, second in pairwise(left_here):
        for word in left_there:
            if second.place == first.place + 1 and word.stem in {
                first.stem + second.stem,
                first.written.casefold() + second.stem,
            }:
                found += [(first, word), (second, word)]
    _take(found, left_here, left_there)
    return found


def _mistyped(left_here: list[Word], left_there: list[Word]) -> list[tuple[Word, Word]]:
    found = [
        (a, b)
        for a, b in zip(left_here, left_there, strict=True)
        if is_typo(a.written.casefold(), b.written.casefold())
    ]
    _take(found, left_here, left_there)
    return found


def _take(found: list[tuple[Word, Word]], left_here: list[Word], left_there: list[Word]) -> None:
    for here, there in found:
        if here in left_here:
            left_here.remove(here)
        if there in left_there:
            left_there.remove(there)


def is_typo(a: str, b: str) -> bool:
    """Whether one word looks like the other mistyped: two letters swapped, or one left out inside.

    Another letter in the place of one makes another word too often (`employer`, `employee`).
    """
    short, long = sorted((a, b), key=len)
    if len(long) < _TYPO_LENGTH or short[0] != long[0] or not short.isalpha() or frozenset((a, b)) in LOOKALIKES:
        return False
    if len(short) == len(long):
        differ = [place for place, (x, y) in enumerate(zip(short, long, strict=True)) if x != y]
        return (
            len(differ) == 2
            and differ[1] == differ[0] + 1
            and short[differ[0]] == long[differ[1]]
            and short[differ[1]] == long[differ[0]]
        )
    return len(long) - len(short) == 1 and any(
        long[:place] + long[place + 1 :] == short for place in range(1, len(long) - 1)
    )
