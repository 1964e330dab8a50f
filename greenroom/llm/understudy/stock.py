"""Stock lines in the register of a part: those that were not said yet, and of the others the one said longest ago."""

import re
from collections.abc import Iterator
from random import Random

from greenroom.llm.understudy.own_lines import breaks
from greenroom.llm.understudy.part import Part
from greenroom.llm.understudy.repertoire import STOCK
from greenroom.llm.understudy.said import Said
from greenroom.llm.understudy.voice import capitalised, starts_mid_sentence

_SLOT = re.compile(r"\{(\w+)\}")


class Stock:
    """The repertoire as one part uses it in one conversation."""

    def __init__(self, part: Part, said: Said, random: Random) -> None:
        self.register = part.register
        self.said = said
        self.random = random
        self.never = part.never

    def pick(self, kind: str, values: dict[str, str], fresh: bool = False) -> str:
        """One line of this kind, its slots filled from `values`; empty when none can be filled.

        `fresh` asks for one that was not said at all.
        """
        lines = self._lines(kind)
        if not values.get("name"):
            lines = (line.replace(", {name}", "").replace("{name}, ", "") for line in lines)
        usable = [line for line in lines if all(values.get(slot) for slot in _SLOT.findall(line))]
        self.random.shuffle(usable)
        worn = {line: self._last_said(line) for line in usable}
        usable = sorted((line for line in usable if not fresh or worn[line] < 0), key=worn.__getitem__)
        filled = (self._filled(line, values) for line in usable)
        return next((line for line in filled if not breaks(line, self.never)), "")

    def _lines(self, kind: str) -> Iterator[str]:
        """What goes with everybody, and what goes with this register."""
        yield from STOCK[kind].get("any", ())
        yield from STOCK[kind].get(self.register, ())

    def _last_said(self, line: str) -> int:
        """Where the line's own words were said last; below 0 when never."""
        telling = max(_SLOT.split(line)[::2], key=len)
        return self.said.last(telling) if len(telling) > 5 else -1

    def _filled(self, line: str, values: dict[str, str]) -> str:
        def value(slot: re.Match[str]) -> str:
            inserted = values[slot[1]]
            return inserted if starts_mid_sentence(line, slot.start()) else capitalised(inserted)

        return _SLOT.sub(value, line)
