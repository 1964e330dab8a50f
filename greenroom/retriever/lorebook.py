"""Lorebooks of imported cards, by the rules of their authors: which entries the conversation calls for now.

Nothing is remembered between turns. What an entry did at earlier lines is found out by reading those lines again, and
chance is drawn from the line itself; so a turn that is repeated, or a conversation that is edited, gives what it must.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from greenroom.model import Character, Lore, LoreRules, Passage
from greenroom.text import fill

_BUDGET_TOKENS = 800
"""Room for entries where the book says nothing."""
_CHARACTERS_PER_TOKEN = 4
_LINES_READ = 60
_CHARACTERS_READ = 4000
_ROUNDS = 4
"""How far entries may call for others."""


@dataclass(frozen=True, slots=True)
class Called:
    """What a lorebook gives: passages in the order of the book, and what was called for and left out, with reasons."""

    passages: list[Passage] = field(default_factory=list)
    cut: list[Passage] = field(default_factory=list)


class Lorebook:
    """The entries of a character's sheet that have rules."""

    def __init__(self, character: Character) -> None:
        self._character, self._book = character, character.sheet.book
        self._entries = [(number, lore) for number, lore in enumerate(character.sheet.lore) if lore.rules]

    def read(self, lines: Sequence[str]) -> Called:
        """What is called for after these lines, oldest first; the last sixty of them are read."""
        if not self._entries:
            return Called()
        lines = [line[:_CHARACTERS_READ] for line in lines[-_LINES_READ:]]
        last = {number: -1 for number, _ in self._entries}
        called: dict[int, str] = {}
        missed: dict[int, str] = {}
        for now in range(len(lines)):
            called, missed = self._at(lines[: now + 1], last)
        return self._fitting(called, missed)

    def _at(self, lines: Sequence[str], last: dict[int, int]) -> tuple[dict[int, str], dict[int, str]]:
        """Who is called for at the last of these lines, and who would be but for a rule. Notes since when in `last`."""
        now = len(lines) - 1
        called, missed, texts = dict[int, str](), dict[int, str](), list[str]()
        for number, lore in self._entries:
            rules = _rules(lore)
            if rules.sticky and 0 <= now - last[number] <= rules.sticky and last[number] >= 0:
                called[number] = "stays from before"
        for round_ in range(_ROUNDS if self._book.recursive else 1):
            fresh = self._answering(lines, texts, called, round_)
            for number, lore, why in fresh:
                refusal = self._refusal(number, _rules(lore), now, last[number], lines[-1])
                if refusal:
                    missed[number] = refusal
                else:
                    called[number], last[number] = why, now
            texts = [
                lore.text for number, lore in self._entries if number in called and not _rules(lore).prevent_recursion
            ]
        return called, missed

    def _answering(
        self, lines: Sequence[str], texts: Sequence[str], called: dict[int, str], round_: int
    ) -> list[tuple[int, Lore, str]]:
        found = []
        for number, lore in self._entries:
            rules = _rules(lore)
            if number in called or (round_ and rules.exclude_recursion):
                continue
            depth = self._book.scan_depth if rules.scan_depth is None else rules.scan_depth
            read = "\n".join([*lines[max(0, len(lines) - depth) :], *texts])
            if why := _why(lore, rules, read):
                found.append((number, lore, why))
        return found

    def _refusal(self, number: int, rules: LoreRules, now: int, last: int, line: str) -> str:
        """The rule that keeps an entry out though its keys are spoken of; empty when there is none."""
        if now < rules.delay:
            return f"not before {rules.delay} lines were said"
        if rules.cooldown and last >= 0 and now - last - rules.sticky <= rules.cooldown:
            return f"rests for {rules.cooldown} lines after it was used"
        drawn = int.from_bytes(sha256(f"{self._character.id} {number} {line}".encode()).digest()[:4], "big")
        if drawn / 2**32 * 100 >= rules.probability:
            return f"comes with a chance of {rules.probability:.0f} %, and did not"
        return ""

    def _fitting(self, called: dict[int, str], missed: dict[int, str]) -> Called:
        """Those that there is room for: the highest priority first, in the order of the book."""
        tokens = self._book.token_budget
        room = (_BUDGET_TOKENS if tokens is None else tokens) * _CHARACTERS_PER_TOKEN
        result, fitting = Called(), list[tuple[int, int]]()
        for number, lore in sorted(self._among(called), key=lambda one: (-_rules(one[1]).priority, one[0])):
            if len(lore.text) <= room:
                room -= len(lore.text)
                fitting.append((_rules(lore).order, number))
            else:
                result.cut.append(self._passage(number, "no room left in the lorebook's budget"))
        result.passages.extend(self._passage(number, called[number]) for _, number in sorted(fitting))
        result.cut.extend(self._passage(number, why) for number, why in missed.items())
        return result

    def _among(self, numbers: Iterable[int]) -> Iterator[tuple[int, Lore]]:
        wanted = set(numbers)
        return ((number, lore) for number, lore in self._entries if number in wanted)

    def _passage(self, number: int, reason: str) -> Passage:
        lore = self._character.sheet.lore[number]
        return Passage(
            id=f"{self._character.id}:book:{number}",
            content=fill(lore.text, {"char": self._character.name}),
            source=lore.source or f"{self._character.name}'s lorebook",
            title=lore.title or next(iter(lore.keys), ""),
            relevance_score=1.0,
            reason=reason,
            position=_rules(lore).position,
        )


def _rules(lore: Lore) -> LoreRules:
    return lore.rules or LoreRules()


def _why(lore: Lore, rules: LoreRules, read: str) -> str:
    """The key that calls for an entry, in words; empty when none does, or the secondary keys object."""
    if lore.constant:
        return "always in mind"
    key = next((key for key in lore.keys if _spoken(key, rules, read)), None)
    if key is None:
        return ""
    spoken = [_spoken(other, rules, read) for other in rules.secondary_keys]
    agreed = {"any": any(spoken), "all": all(spoken), "not_all": not all(spoken), "none": not any(spoken)}
    return f"its key {key!r} is spoken of" if not spoken or agreed[rules.logic] else ""


def _spoken(key: str, rules: LoreRules, read: str) -> bool:
    if not rules.case_sensitive:
        key, read = key.casefold(), read.casefold()
    if not rules.whole_words:
        return key in read
    return re.search(rf"(?<!\w){re.escape(key)}(?!\w)", read) is not None
