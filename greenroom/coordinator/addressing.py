"""Whom a line speaks to: names as they stand in chat and in scenes, told apart by how they are set off."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from greenroom.text import plain

_STAGE = re.compile(r"\([^()]{0,2000}\)|\*[^*]{0,2000}\*|\[[^\[\]]{0,2000}\]")
_TITLES = frozenset(
    """
    aunt captain count countess doctor dr duchess duke earl father king lady lord madam madame master miss mister
    mother mr mrs ms prince princess professor queen saint sir st the uncle von van of de la le
    """.split()  # noqa: SIM905 - as in greenroom/text.py
)
_SHORTEST_PART = 3
_OPENS = frozenset(",.!?;:—–-…\"'“”‘’(")
_CLOSES = frozenset(",.!?;:—–-…\"'“”‘’)")

Forms = Mapping[str, frozenset[str]]
"""For each name, the words in lower case by which it may be called."""


def forms(names: Iterable[str], aliases: Mapping[str, Iterable[str]] | None = None) -> Forms:
    """How each of these may be called: by name, by alias, by a part of the name that no other of them has.

    A title is no name, and neither is a part of fewer than three letters.
    """
    called = {name: _parts(name) for name in names}
    for name, others in (aliases or {}).items():
        if name in called:
            called[name] |= {plain(other).casefold() for other in others if other.strip()}
    shared = Counter(form for found in called.values() for form in found)
    return {
        name: frozenset(form for form in found if shared[form] == 1 or form == plain(name).casefold())
        for name, found in called.items()
    }


def spoken(line: str) -> str:
    """What is said aloud of a line, in lower case: without what stands between brackets or asterisks."""
    return _STAGE.sub(" ", plain(line)).casefold()


def acted(line: str) -> str:
    """What is only done in a line: what stands between brackets or asterisks, in lower case."""
    return " ".join(_STAGE.findall(plain(line))).casefold()


def last_place(text: str, called: frozenset[str]) -> int:
    """Where one of these forms stands last in a text in lower case, as a whole word; -1 for nowhere."""
    return max((found.start() for found in _found(text, called)), default=-1)


def is_named(text: str, called: frozenset[str]) -> bool:
    """Whether one of these forms stands in a text in lower case, as a whole word."""
    return next(_found(text, called), None) is not None


def is_called(text: str, called: frozenset[str]) -> bool:
    """Whether a name is set off, as one does who calls: at the start, at the end, between commas, or after an @."""
    return any(_set_off(text, found.start(), found.end()) for found in _found(text, called))


def _set_off(text: str, start: int, end: int) -> bool:
    before, after = text[:start].rstrip(), text[end:].lstrip(" ")
    return before.endswith("@") or ((not before or before[-1] in _OPENS) and (not after or after[0] in _CLOSES))


def _found(text: str, called: frozenset[str]) -> Iterator[re.Match[str]]:
    return _pattern(called).finditer(text) if called else iter(())


@lru_cache(1024)
def _pattern(called: frozenset[str]) -> re.Pattern[str]:
    longest_first = sorted(called, key=lambda form: (-len(form), form))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")


def _parts(name: str) -> set[str]:
    whole = plain(name).casefold().strip()
    parts = {part.strip(".,") for part in whole.split()}
    return {whole} | {part for part in parts if len(part) >= _SHORTEST_PART and part not in _TITLES}
