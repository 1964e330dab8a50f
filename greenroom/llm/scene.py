"""Where a line is made: who plays, what was said, what was heard before, and what there is to say."""

import re
from dataclasses import dataclass
from random import Random
from zlib import crc32

from greenroom.llm.cue import Cue
from greenroom.llm.own_lines import OwnLines, Stock
from greenroom.llm.part import Part
from greenroom.llm.voice import lowered, mirrored
from greenroom.text import words


@dataclass(frozen=True)
class Heard:
    """A line of the conversation before the cue. `own` says that the character said it."""

    text: str
    author: str = ""
    own: bool = False


class Scene:
    """One moment of a conversation, from the part's side. What chance decides is decided by the seed."""

    def __init__(self, part: Part, cue: Cue, heard: tuple[Heard, ...], seed: int) -> None:
        self.part = part
        self.cue = cue
        self.heard = heard
        self.random = Random(seed)
        said = " | ".join(" ".join(words(line.text)) for line in heard[-200:])
        self.own = OwnLines(part, said)
        self.stock = Stock(part, said, self.random)
        self.values = {"name": cue.author, "topic": cue.topic, "echo": lowered(mirrored(cue.clause)), "me": part.name}

    def say(self, kind: str, **values: str) -> str:
        """A stock line of this kind, with what is known put in; empty when there is none."""
        return self.stock.pick(kind, {**self.named(), **values})

    def named(self) -> dict[str, str]:
        """The values for slots; the speaker's name only when it was not spoken in the last two lines of ours."""
        recent = " ".join(line.text for line in [line for line in self.heard if line.own][-1:])
        return {**self.values, "name": ""} if self.cue.author and self.cue.author in recent else self.values

    def own_line(self, chance: float) -> str:
        """One of the part's own lines that follow anything, if chance will have it."""
        lines = self.own.general()
        return self.to_speaker(self.random.choice(lines)) if lines and self.random.random() < chance else ""

    def to_speaker(self, line: str) -> str:
        """An own line, said to who is there: a name that it calls is theirs."""
        others = {who for who, _ in self.part.people} | {line.author for line in self.heard if line.author}
        for other in others - {self.cue.author}:
            called = rf"(?<=,) {re.escape(other)}(?=[,.!?])"
            line = (
                re.sub(called, f" {self.cue.author}", line) if self.cue.author else re.sub(rf",{called[6:]}", "", line)
            )
        return line

    def leaning(self, question: str) -> int:
        """The same number for the same question to the same character, so that nobody changes their mind by chance."""
        return crc32(f"{self.part.name}|{question.casefold()}".encode())
