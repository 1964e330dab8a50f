"""One line in character, made without a model: the part's own lines where they fit, facts where they are asked for,
and stock lines that take up what was said where there is nothing else."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from greenroom.llm.understudy.answers import QUIET_KINDS, answers_to
from greenroom.llm.understudy.cue import read_cue, sounds_bad
from greenroom.llm.understudy.facts import facts_for
from greenroom.llm.understudy.kinds import FACTUAL
from greenroom.llm.understudy.scene import Scene
from greenroom.llm.understudy.voice import lowered
from greenroom.text import sentences, words

_FITS, _FITS_WELL = 0.45, 0.85
_ASKING_KINDS = frozenset({"statement", "glad", "opinion", "relation", "favourite", "how_are_you", "doing", *FACTUAL})
"""Kinds after which a question back is natural."""
_TOPIC_KINDS = frozenset({"statement", "opinion", "relation", "tell_about"})
"""Kinds whose topic can be asked back about."""
_GLAD_KINDS = frozenset(
    {"glad", "laugh", "compliment", "agree", "and_you", "guess", "joke", "say_to", "cool", "praise"}
)
_SLIGHT_KINDS = frozenset(
    {"statement", "really", "huh", "greeting", "go_on", "why_so", "mean", "shrug", "cool", "machine", "injection"}
)
_GENERAL_KINDS = ("dodge", "statement", "shrug", "organic", "huh", "go_on", "why_so", "really", "unknown", "second")
"""Kinds whose lines can follow anything."""
_TIMES = ("twice", "three times", "four times", "five times", "six times", "seven times", "eight times", "nine times",
          "ten times", "more than ten times")  # fmt: skip
_ABOUT_ME = re.compile(r"\b(?:you|your|yours)\b", re.IGNORECASE)
_BURSTS, _ASKS, _REMARKS = 0.15, 0.35, 0.6
_TRIES, _LAST_TRIES = 4, 12
_TOLD_OUT = 2
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
        """The line, one to four sentences; none that was said before, and where it can be no sentence either."""
        reserve = ""
        for line in self._offers():
            if line and not self.said.again(line):
                if not self._is_worn(line):
                    return line
                reserve = reserve or line
        return reserve or self.say("statement")

    def _offers(self) -> Iterator[str]:
        """Lines to choose from, the fitting ones first, then ever more general ones."""
        for _ in range(_TRIES):
            yield self._finished(self._pieces())
        for _ in range(_TRIES):
            yield self._finished([self._remark_on_repetition() or self.say_new("dodge"), self.own_line(1.0)])
        for _ in range(_LAST_TRIES):
            general = [self.say_new(kind) for kind in _GENERAL_KINDS]
            pieces = [piece for piece in (*general, *self.own.remarks) if piece]
            yield " ".join(self.random.sample(pieces, min(2, len(pieces))))
        for _ in range(_LAST_TRIES):
            yield " ".join(self.say(kind) for kind in self.random.sample(_GENERAL_KINDS, 2))

    def _finished(self, pieces: list[str]) -> str:
        """One line of the pieces, as long and as inquisitive as it may be."""
        pieces = [piece for piece in pieces if piece]
        if self.wishes.short:
            pieces = sentences(" ".join(pieces))[:1]
        elif self._may_ask(pieces):
            pieces.append(self._question_back())
        return " ".join(self._within(pieces))

    def _is_worn(self, line: str) -> bool:
        """Whether a sentence of it was said before, or it tells what another has told; a greeting may come again."""
        if self.cue.kind in QUIET_KINDS:
            return False
        return self.tells_again(line) or any(
            len(words(sentence)) >= 4 and self.said.holds(sentence) for sentence in sentences(line)
        )

    def _pieces(self) -> list[str]:
        if self._several:
            return list(dict.fromkeys(next(filter(None, one._pieces()), "") for one in self._several))
        kind = self.cue.kind
        if kind in {"silence", "emoji", "foreign"}:
            return [self.say(kind)]
        own = "" if self.wishes.new or self._is_told_out else self._best
        if own:
            return [self.to_speaker(own)]
        remark = self._remark_on_repetition() if self.random.random() < _REMARKS else ""
        if self._facts and not self._is_told_out:
            return [remark, *self._of_facts(bool(remark))]
        pieces = [remark, *answers_to(self)]
        return pieces if remark or kind in QUIET_KINDS else self._with_burst(pieces)

    def _of_facts(self, introduced: bool) -> list[str]:
        fact = next((fact for fact in self._facts if not self.said.holds(fact)), "")
        if not fact:
            return [self.say("second"), self.own_line(0.6)]
        intro = self.say_new("fact_intro") if not introduced and self.random.random() < 0.4 else ""
        return [f"{intro} {fact}".strip()]

    def _remark_on_repetition(self) -> str:
        """That this was asked before, the first time in so many words; empty when it was not, or all is said."""
        if not self.times_asked or self.cue.kind in QUIET_KINDS:
            return ""
        times = _TIMES[min(self.times_asked, len(_TIMES)) - 1]
        return self.say_new("asked_again", item=times if self.cue.is_question else "")

    @property
    def _is_told_out(self) -> bool:
        """Whether this was asked so often that what fits has been said, perhaps before the lines that are shown."""
        return self.times_asked >= _TOLD_OUT and self.cue.kind not in QUIET_KINDS

    @cached_property
    def _several(self) -> tuple["Improvisation", ...]:
        """One improvisation for each of two different questions in one line."""
        if not 1 < len(self.cue.questions) < 3:
            return ()
        cues = [read_cue(question, self.cue.author, self.part.names) for question in self.cue.questions]
        different = len({cue.kind for cue in cues}) == len(cues) and all(cue.kind not in _SLIGHT_KINDS for cue in cues)
        return tuple(Improvisation(self.part, cue, self.heard, self.seed) for cue in cues) if different else ()

    @cached_property
    def _facts(self) -> tuple[str, ...]:
        return tuple(facts_for(self.part, self.cue)) if self.cue.kind in FACTUAL else ()

    @cached_property
    def _best(self) -> str:
        return self.own.best(self.cue, _FITS_WELL if self._facts else _FITS)

    def _with_burst(self, pieces: list[str]) -> list[str]:
        """Now and then a catchphrase first, of a mood that does not clash."""
        first, *rest = [piece for piece in pieces if piece] or [""]
        bursts = [s for s in (*self.part.sayings, *self.part.habits) if self._is_burst(s, " ".join(pieces))]
        if not first or not bursts or self.wishes.plain or self.random.random() > _BURSTS:
            return pieces
        burst = self.random.choice(bursts)
        if burst.endswith(("…", "...", ",")):
            return [f"{burst} {lowered(first)}", *rest] if lowered(first) != first else pieces
        return [f"{burst if burst[-1] in '.!?' else f'{burst}.'} {first}", *rest]

    def _is_burst(self, saying: str, before: str) -> bool:
        """Whether the saying is short, allowed, not worn, and goes with what was said and what follows."""
        if saying.strip(".!?…, ") in before or self.said.lately(saying):
            return False
        if len(saying.split()) > 4 or not saying[0].isupper():
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
        kind = self.cue.kind
        if kind in {"how_are_you", "doing"}:
            return self.say("ask_how")
        if (
            self.cue.topic
            and kind in _TOPIC_KINDS
            and self.random.random() < 0.4
            and (asked := self.say_new("ask_about"))
        ):
            return asked
        if kind == "glad":
            return self.say("ask_after_news")
        if not self.cue.is_question:
            return self.say("ask_after_statement")
        return self.say("ask_back" if _ABOUT_ME.search(self.cue.text) else "ask_after_answer")

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
        if bearing := self.own.bearing_on(self.part.opens_on, unasked=True):
            return [self.to_speaker(bearing)]
        general = self.own_line(0.0 if self.part.opens_on else 0.7)
        if general:
            return [general]
        topics = [self.part.opens_on] if self.part.opens_on else []
        topics = topics or [topic.name for topic in self.part.topics if len(topic.name.split()) <= 3]
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
