"""Where a line is made: who plays, what was said, what was heard before, and what there is to say."""

import re
from dataclasses import dataclass
from functools import cached_property
from random import Random
from zlib import crc32

from greenroom.llm.understudy.cue import Cue, name_to_call, stems
from greenroom.llm.understudy.own_lines import OwnLines
from greenroom.llm.understudy.part import Part
from greenroom.llm.understudy.said import Said
from greenroom.llm.understudy.stock import Stock
from greenroom.llm.understudy.voice import lowered, mirrored
from greenroom.text import mentions, words

_SAME_QUESTION = 0.75
"""Share of words in common from which a question counts as asked before."""
_OLD_NEWS = 0.5
"""Share of words in common from which a fact is no news after the last lines."""
_HEARD_LINES, _TELLING = 6, 4
"""Lines of others that are fresh in everybody's mind; words that carry a topic, from which a line tells something."""
_SOMEBODY = re.compile(r"\b(?:he|she|him|her|his|hers)\b", re.IGNORECASE)
_LINES_FOR_SOMEBODY = 4


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
        self.seed = seed
        self.random = Random(seed)
        self.said = Said(line.text for line in heard)
        self.own = OwnLines(part, self.said)
        self.stock = Stock(part, self.said, self.random)
        self.values = {"name": cue.author, "topic": cue.topic, "echo": lowered(mirrored(cue.clause)), "me": part.name}

    def say(self, kind: str, **values: str) -> str:
        """A stock line of this kind, with what is known put in; empty when there is none."""
        return self.stock.pick(kind, {**self.named, **values})

    def say_new(self, kind: str, **values: str) -> str:
        """A stock line of this kind that was not said yet; empty when there is none left."""
        return self.stock.pick(kind, {**self.named, **values}, fresh=True)

    @cached_property
    def named(self) -> dict[str, str]:
        """The values for slots; the speaker's name only when our last line did not have it."""
        recent = next((line.text for line in reversed(self.heard) if line.own), "")
        return {**self.values, "name": ""} if self.cue.author and self.cue.author in recent else self.values

    def own_line(self, chance: float) -> str:
        """One of the part's own lines that follow anything, if chance will have it; later a sentence out of others."""
        if self.random.random() >= chance:
            return ""
        lines = self.own.general() or self.own.remarks
        return self.to_speaker(self.random.choice(lines)) if lines else ""

    def to_speaker(self, line: str) -> str:
        """An own line, said to who is there: a name that it calls is theirs."""
        others = {who for who, _ in self.part.people} | {line.author for line in self.heard if line.author}
        for other in others - {self.cue.author}:
            called = rf"(?<=,) {re.escape(other)}(?=[,.!?])"
            line = (
                re.sub(called, f" {self.cue.author}", line) if self.cue.author else re.sub(rf",{called[6:]}", "", line)
            )
        return line

    @cached_property
    def their_lines(self) -> list[str]:
        """What the speaker of the cue said before it, oldest first."""
        return [line.text for line in self.heard if not line.own and name_to_call(line.author) == self.cue.author]

    @cached_property
    def talk_of(self) -> str:
        """What is being talked of: the cue, and the line that it may have answered."""
        return " ".join((*(line.text for line in self.heard[-1:]), self.cue.text))

    def was_told(self, text: str) -> bool:
        """Whether the last lines have told this already, in these words or most of them."""
        told = stems(text)
        return self.said.holds(text) or len(told & stems(self.talk_of)) > _OLD_NEWS * len(told)

    def tells_again(self, text: str) -> bool:
        """Whether a line tells what somebody else has just told, in most of its words."""
        told = stems(text)
        return len(told) >= _TELLING and any(len(told & known) > _OLD_NEWS * len(told) for known in self._news)

    @cached_property
    def _news(self) -> list[frozenset[str]]:
        """What others have told lately; a question tells nothing."""
        lines = [line.text for line in self.heard[-_HEARD_LINES:] if not line.own]
        return [stems(text) for text in (*lines, self.cue.text) if not text.rstrip().endswith("?")]

    @cached_property
    def times_asked(self) -> int:
        """How often the speaker said the same before, give or take a word."""
        asked = set(words(self.cue.text))
        before = (set(words(line[: len(self.cue.text) + 100])) for line in self.their_lines)
        return sum(len(asked & said) >= _SAME_QUESTION * len(asked | said) for said in before) if asked else 0

    @cached_property
    def somebody(self) -> str:
        """Whom a `he` or `her` in the cue means: the one of the people that was spoken of last; or nobody."""
        if not _SOMEBODY.search(self.cue.text):
            return ""
        people = [who for who, _ in self.part.people]
        recent = (mentions(line.text, people) for line in reversed(self.heard[-_LINES_FOR_SOMEBODY:]))
        return next((found[-1] for found in recent if found), "")

    def leaning(self, question: str) -> int:
        """The same number for the same question to the same character, so that nobody changes their mind by chance."""
        return crc32(f"{self.part.name}|{question.casefold()}".encode())
