"""The reply that is judged, read once, with everything it is judged by."""

import re
from dataclasses import dataclass
from functools import cached_property

from greenroom.model import AnalyzeRequest, Character, Sheet, Traits
from greenroom.quality.habits import Habits, habits_of_all
from greenroom.quality.line import ACTION, LINE_CHARACTERS, KnownLines, Line, Words, spoken_part
from greenroom.quality.names import alternation, told_apart
from greenroom.text import jaccard, plain, sentences

HISTORY_LINES = 50
READ_CHARACTERS = 12_000
SYSTEM_CHARACTERS = 40_000
FRESH_LINES = 4
"""Own lines that are fresh in everybody's mind; who is asked again may answer again as before."""
QUESTION_CHARACTERS = 200

QUOTED = re.compile(r"[\"“][^\"“”]*[\"”]")


@dataclass(frozen=True)
class Draft(Words):
    """A reply by `character`, after `lines` (oldest first, the last 50), with `passages` to draw on.

    `mine` and `theirs` are the forms of the names of the character and of everybody else in the cast and the scene.
    """

    text: str
    character: Character
    lines: tuple[Line, ...]
    passages: tuple[str, ...]
    system_prompt: str
    mine: frozenset[str]
    theirs: frozenset[str]
    organic: bool

    @property
    def sheet(self) -> Sheet:
        """What the author wrote about the character."""
        return self.character.sheet

    @cached_property
    def spoken(self) -> str:
        """What is said aloud, without stage directions."""
        return spoken_part(self.text)

    @cached_property
    def sentences(self) -> list[str]:
        """The sentences of the reply."""
        return sentences(self.text)

    @cached_property
    def own_lines(self) -> list[Line]:
        """What the character said in this conversation."""
        return [line for line in self.lines if line.own]

    @cached_property
    def other_lines(self) -> list[Line]:
        """What the others said in this conversation."""
        return [line for line in self.lines if not line.own]

    @cached_property
    def own_habits(self) -> Habits:
        """How the character writes in this conversation."""
        return habits_of_all((line.habits, line.called) for line in self.own_lines)

    @cached_property
    def other_habits(self) -> Habits:
        """How the others write in this conversation."""
        return habits_of_all((line.habits, line.called) for line in self.other_lines)

    @cached_property
    def fresh_lines(self) -> list[Line]:
        """What the character may not say again: its own lines; asked something, only its last few."""
        return self.own_lines[-FRESH_LINES:] if self.is_asked else self.own_lines

    @cached_property
    def said_before(self) -> float:
        """How close the closest of these lines comes to the reply (trigram Jaccard, 0–1)."""
        return max((jaccard(self.trigrams, line.trigrams) for line in self.fresh_lines), default=0.0)

    @property
    def is_asked(self) -> bool:
        """Whether the reply follows a question of somebody else."""
        return self.answered is not None and not self.answered.own and "?" in self.answered.text[-QUESTION_CHARACTERS:]

    @cached_property
    def answered(self) -> Line | None:
        """The line that the reply follows."""
        return self.lines[-1] if self.lines else None

    @cached_property
    def actions(self) -> list[str]:
        """The stage directions of the reply, without their brackets."""
        return [found[0][1:-1].strip() for found in ACTION.finditer(self.text.replace("**", ""))]

    def names_me(self, text: str) -> bool:
        """Whether a text has one of the character's names."""
        return bool(self._my_names.search(text))

    def names_others(self, text: str) -> bool:
        """Whether a text has a name of somebody else."""
        return bool(self._their_names.search(text))

    def without_introduction(self, text: str) -> str:
        """The text without `I am` and the character's own name, which one may well say when asked."""
        return self._introduced.sub(" ", text)

    @cached_property
    def _introduced(self) -> re.Pattern[str]:
        return re.compile(
            rf"\b(?:i am|i['’]m|my name is|my name['’]s|call me|this is|it['’]s)\s+(?:{self.my_name})(?!\w)",
            re.IGNORECASE,
        )

    @cached_property
    def _my_names(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!\w)(?:{self.my_name})(?!\w)", re.IGNORECASE)

    @cached_property
    def _their_names(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!\w)(?:{self.their_names})(?!\w)", re.IGNORECASE)

    @cached_property
    def my_name(self) -> str:
        """A pattern's part that matches the character's names."""
        return alternation(self.mine)

    @cached_property
    def their_names(self) -> str:
        """A pattern's part that matches the others' names."""
        return alternation(self.theirs)


def read(request: AnalyzeRequest, traits: Traits, known: KnownLines) -> Draft:
    """Take a request apart. Invisible characters are gone, and very long texts are cut."""
    character = traits.character
    called = {name.casefold() for name in character.names}
    history = [s for s in request.conversation_history[-HISTORY_LINES:] if s.content.strip()]
    authors = {s.author for s in history} | set(traits.others) | {request.last_speaker or ""}
    others = {a.strip() for a in authors if a.strip() and a.strip().casefold() not in called}
    mine, theirs = told_apart(character.names, others)
    return Draft(
        text=plain(request.response[:READ_CHARACTERS]),
        character=character,
        lines=tuple(known.line(s.author, s.content, own=s.author.strip().casefold() in called) for s in history),
        passages=tuple(p[:LINE_CHARACTERS] for p in request.context[:HISTORY_LINES]),
        system_prompt=request.system_prompt[:SYSTEM_CHARACTERS],
        mine=mine,
        theirs=theirs,
        organic=request.message_type == "organic",
    )
