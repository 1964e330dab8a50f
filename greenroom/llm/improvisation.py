"""One line in character, made without a model: the part's own lines where they fit, facts where they are asked for,
and stock lines that take up what was said where there is nothing else."""

import re
from dataclasses import dataclass
from functools import cached_property

from greenroom.llm.answers import QUIET_KINDS, answers_to
from greenroom.llm.cue import sounds_bad
from greenroom.llm.facts import fact_for
from greenroom.llm.kinds import FACTUAL
from greenroom.llm.scene import Scene
from greenroom.llm.voice import lowered
from greenroom.text import sentences, words

_FITS, _FITS_WELL = 0.45, 0.85
_ASKING_KINDS = frozenset(
    {"statement", "glad", "opinion", "relation", "favourite", "how_are_you", "doing", "advice", *FACTUAL}
)
"""Kinds after which a question back is natural."""
_GLAD_KINDS = frozenset({"glad", "laugh", "compliment", "agree", "and_you", "guess", "joke", "say_to"})
_BURSTS, _ASKS = 0.3, 0.4
_CHEERFUL = re.compile(r"\b(?:sweet|delicious|victory|hooray|great|awesome|heh\w*|haha\w*|woo\w*)", re.IGNORECASE)
_GLOOMY = re.compile(r"\b(?:aw,? crap|blast|damn|ghastly|come on|ugh|drat|silence|need a drink)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Wishes:
    """What the guidance in the prompt asks for, as far as it can be done by rule."""

    short: bool = False
    ask: bool = False
    no_question: bool = False
    plain: bool = False
    new: bool = False

    @classmethod
    def read(cls, guidance: tuple[str, ...]) -> "Wishes":
        """Read the lines of guidance (lower case)."""
        text = " ".join(guidance)
        return cls(
            short=bool(re.search(r"\b(?:shorter|too long|brief|fewer words|one sentence|concise|short)\b", text)),
            ask=bool(re.search(r"\b(?:ask|end with|invite|question back)\b", text)) and "do not ask" not in text,
            no_question=bool(re.search(r"\b(?:do not|don't|stop|fewer|without) (?:ask|question)", text)),
            plain="catchphrase" in text,
            new=bool(re.search(r"\b(?:repeat|something new|said already|say it differently)", text)),
        )


class Improvisation(Scene):
    """The next line of a part after a cue. Equal arguments give equal lines."""

    @cached_property
    def wishes(self) -> Wishes:
        """What the guidance asks for."""
        return Wishes.read(self.part.guidance)

    def line(self) -> str:
        """The line, one to four sentences."""
        pieces = [piece for piece in self._pieces() if piece]
        if self.wishes.short:
            pieces = sentences(" ".join(pieces))[:1]
        elif self._may_ask(pieces):
            pieces.append(self._question_back())
        return " ".join(self._within(pieces)) or self.say("statement")

    def _pieces(self) -> list[str]:
        kind = self.cue.kind
        if kind in {"silence", "emoji", "foreign"}:
            return [self.say(kind)]
        fact = fact_for(self.part, self.cue) if kind in FACTUAL else ""
        own = "" if self.wishes.new else self.own.best(self.cue, _FITS_WELL if fact else _FITS)
        if own:
            return [self.to_speaker(own)]
        if fact and self.own.was_said(fact):
            return [self.say("second"), self.own_line(0.6)]
        if fact:
            intro = self.say("fact_intro") if self.random.random() < 0.5 else ""
            return [f"{intro} {fact}".strip()]
        pieces = answers_to(self)
        return pieces if kind in QUIET_KINDS else self._with_burst(pieces)

    def _with_burst(self, pieces: list[str]) -> list[str]:
        """Now and then a catchphrase first, of a mood that does not clash."""
        first, *rest = [piece for piece in pieces if piece] or [""]
        bursts = [s for s in (*self.part.sayings, *self.part.habits) if self._is_burst(s, first)]
        if not first or not bursts or self.wishes.plain or self.random.random() > _BURSTS:
            return pieces
        burst = self.random.choice(bursts)
        if burst.endswith(("…", "...", ",")):
            return [f"{burst} {lowered(first)}", *rest]
        return [f"{burst if burst[-1] in '.!?' else f'{burst}.'} {first}", *rest]

    def _is_burst(self, saying: str, before: str) -> bool:
        """Whether the saying is short, allowed, not worn, and goes with what was said and what follows."""
        if len(saying.split()) > 4 or not saying[0].isupper() or self.own.was_said_lately(saying):
            return False
        clash = _CHEERFUL if sounds_bad(self.cue.text) or sounds_bad(before) else None
        clash = _GLOOMY if self.cue.kind in _GLAD_KINDS else clash
        return not (clash and clash.search(saying)) and self.own.is_allowed(saying)

    def _may_ask(self, pieces: list[str]) -> bool:
        if self.wishes.no_question or not pieces or pieces[-1].endswith("?"):
            return False
        if self.wishes.ask:
            return True
        return self.cue.kind in _ASKING_KINDS and "?" not in pieces[-1] and self.random.random() < _ASKS

    def _question_back(self) -> str:
        if self.cue.kind == "how_are_you":
            return self.say("ask_how")
        if self.cue.topic and self.random.random() < 0.4:
            return self.say("ask_about")
        return self.say("ask_after_answer" if self.cue.is_question else "ask_after_statement")

    def _within(self, pieces: list[str]) -> list[str]:
        """The pieces without those at the end that would make it longer than the part talks."""
        kept: list[str] = []
        for piece in pieces:
            if kept and len(words(" ".join([*kept, piece]))) > self.part.words_most:
                break
            kept.append(piece)
        return kept


class Opening(Improvisation):
    """A line that nobody asked for: the character begins, or goes on after its own line."""

    def _pieces(self) -> list[str]:
        general = self.own_line(0.7)
        if general:
            return [general]
        topics = [topic.name for topic in self.part.topics if len(topic.name.split()) <= 3]
        asked = self.say("organic_ask", topic=self.random.choice(topics)) if topics else ""
        return [self.say("organic"), asked]

    def _may_ask(self, pieces: list[str]) -> bool:
        return False


class Tale(Improvisation):
    """A story carried on, by a sentence or two about whoever it is about."""

    def _pieces(self) -> list[str]:
        named = re.findall(r"(?<=[a-z,] )[A-Z][a-z]+", self.cue.text)
        about = named[-1] if named else ""
        first = self.say("tale", item=about)
        second = self.say("tale_end", item=about)
        return [first, second]

    def _may_ask(self, pieces: list[str]) -> bool:
        return False
