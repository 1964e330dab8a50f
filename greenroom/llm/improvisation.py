"""One line in character, made without a model: the part's own lines where they fit, facts where they are asked for,
and stock lines that take up what was said where there is nothing else."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from zlib import crc32

from greenroom.llm.cue import Cue, stems
from greenroom.llm.facts import aside_for, fact_for
from greenroom.llm.kinds import FACTUAL
from greenroom.llm.own_lines import OwnLines, Stock, topic_of
from greenroom.llm.part import Part
from greenroom.llm.voice import capitalised, feeling, lowered, mirrored
from greenroom.text import sentences, words

_FITS, _FITS_WELL = 0.45, 0.85
_QUIET_KINDS = frozenset(
    {
        "greeting",
        "farewell",
        "thanks",
        "apology",
        "sad",
        "how_are_you",
        "love",
        "your_name",
        "my_name",
        "recall",
        "injection",
        "machine",
    }
)
"""Kinds that a burst of catchphrase would spoil."""
_ASKING_KINDS = frozenset(
    {"statement", "glad", "opinion", "relation", "favourite", "how_are_you", "doing", "advice", *FACTUAL}
)
"""Kinds after which a question back is natural."""
_GLAD_KINDS = frozenset({"glad", "laugh", "compliment", "agree", "and_you", "guess", "joke", "say_to"})
_BURSTS = 0.3
_PRIVATE_KINDS = frozenset({"where", "when", "how_many"})
"""Kinds that ask for a fact; about oneself one can decline."""
_BACK = {"do": "do", "does": "do", "did": "did", "are": "am", "is": "am", "was": "was", "were": "was", "can": "can",
         "could": "could", "will": "will", "would": "would", "have": "have", "has": "have", "had": "had",
         "should": "should", "shall": "shall", "may": "may", "might": "might", "am": "am"}  # fmt: skip
_NEGATED = {"do": "don't", "did": "didn't", "am": "am not", "was": "wasn't", "can": "can't", "could": "couldn't",
            "will": "won't", "would": "wouldn't", "have": "haven't", "had": "hadn't", "should": "shouldn't",
            "shall": "shan't", "may": "may not", "might": "might not"}  # fmt: skip
_ASKED_ME = re.compile(
    r"\b(do|did|are|were|can|could|will|would|have|had|should)(?:n['’]t)?\s+(?:you|ya)\b", re.IGNORECASE
)
_BAD_NEWS = re.compile(
    r"\b(?:not|no|never|nobody|nothing|don['’]t|can['’]t|won['’]t|isn['’]t|didn['’]t|terrible|worse|worst|bad|hate|awful|broke|broken|lost|sick|wrong)\b",
    re.IGNORECASE,
)
_PAST = re.compile(r"\b(?:was|were|had|got|took|went|came|lost|once|\w{2,}ed)\b", re.IGNORECASE)
_ABOUT_ME = re.compile(r"\b(?:you|your|yours)\b", re.IGNORECASE)
_CHEERFUL = re.compile(r"\b(?:sweet|delicious|victory|hooray|great|awesome|heh\w*|haha\w*|woo\w*)", re.IGNORECASE)
_GLOOMY = re.compile(r"\b(?:aw,? crap|blast|damn|ghastly|come on|ugh|drat|silence|need a drink)\b", re.IGNORECASE)
_ASKED_A_FAVOUR = re.compile(
    r"\b(?:can|could|would|will) (?:you|ya) (?:please )?"
    r"(?:tell|give|show|help|sing|write|make|do|say|explain|bring|get|lend)\b",
    re.IGNORECASE,
)
_SIGNS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": lambda a, b: a + b, "plus": lambda a, b: a + b, "-": lambda a, b: a - b, "minus": lambda a, b: a - b,
    "*": lambda a, b: a * b, "x": lambda a, b: a * b, "×": lambda a, b: a * b, "times": lambda a, b: a * b,
    "/": lambda a, b: a / b, "÷": lambda a, b: a / b, "divided by": lambda a, b: a / b,
}  # fmt: skip


@dataclass(frozen=True)
class Heard:
    """A line of the conversation before the cue. `own` says that the character said it."""

    text: str
    author: str = ""
    own: bool = False


@dataclass(frozen=True)
class Wishes:
    """What the guidance in the prompt asks for, as far as it can be done by rule."""

    short: bool = False
    ask: bool = False
    no_question: bool = False
    plain: bool = False

    @classmethod
    def read(cls, guidance: tuple[str, ...]) -> "Wishes":
        """Read the lines of guidance (lower case)."""
        text = " ".join(guidance)
        return cls(
            short=bool(re.search(r"\b(?:shorter|too long|brief|fewer words|one sentence|concise|short)\b", text)),
            ask=bool(re.search(r"\b(?:ask|end with|invite|question back)\b", text)) and "do not ask" not in text,
            no_question=bool(re.search(r"\b(?:do not|don't|stop|fewer|without) (?:ask|question)", text)),
            plain=bool(re.search(r"catchphrase", text)),
        )


class Improvisation:
    """The next line of a part after a cue. Equal arguments give equal lines."""

    def __init__(self, part: Part, cue: Cue, heard: tuple[Heard, ...], seed: int) -> None:
        self.part = part
        self.cue = cue
        self.heard = heard
        self.random = Random(seed)
        said = " | ".join(" ".join(words(line.text)) for line in heard[-200:])
        self.own = OwnLines(part, said)
        self.stock = Stock(part, said, self.random)
        self.wishes = Wishes.read(part.guidance)
        self.values = {"name": cue.author, "topic": cue.topic, "echo": lowered(mirrored(cue.clause)), "me": part.name}

    def line(self) -> str:
        """The line, one to four sentences."""
        pieces = [piece for piece in self._pieces() if piece]
        if self.wishes.short:
            pieces = sentences(" ".join(pieces))[:1]
        elif self._may_ask(pieces):
            pieces.append(self._question_back())
        return " ".join(self._within(pieces)) or self._stock("statement")

    def _pieces(self) -> list[str]:
        kind = self.cue.kind
        if kind in {"silence", "emoji", "foreign"}:
            return [self._stock(kind)]
        fact = fact_for(self.part, self.cue) if kind in FACTUAL else ""
        if own := self.own.best(self.cue, _FITS_WELL if fact else _FITS):
            return [self._to_speaker(own)]
        if fact:
            intro = self._stock("fact_intro") if self.random.random() < 0.5 else ""
            return [f"{intro} {fact}".strip()]
        if kind in _PRIVATE_KINDS and _ABOUT_ME.search(self.cue.text):
            return [self._stock("private"), self._general(0.3)]
        answer = getattr(self, f"_answer_{kind}", None)
        pieces = answer() if answer else self._simple(kind)
        return pieces if kind in _QUIET_KINDS else self._with_burst(pieces)

    def _simple(self, kind: str) -> list[str]:
        said = self._stock(kind)
        return [said, self._general(0.4)] if kind not in _QUIET_KINDS else [said]

    def _stock(self, kind: str, **values: str) -> str:
        return self.stock.pick(kind, {**self._named(), **values})

    def _named(self) -> dict[str, str]:
        """The values for slots; the speaker's name only when it was not spoken in the last two lines of ours."""
        recent = " ".join(line.text for line in [line for line in self.heard if line.own][-1:])
        return {**self.values, "name": ""} if self.cue.author and self.cue.author in recent else self.values

    def _general(self, chance: float) -> str:
        """One of the part's own lines that follow anything, if chance will have it."""
        lines = self.own.general()
        return self._to_speaker(self.random.choice(lines)) if lines and self.random.random() < chance else ""

    def _to_speaker(self, line: str) -> str:
        """An own line, said to who is there: a name that it calls is theirs."""
        others = {who for who, _ in self.part.people} | {line.author for line in self.heard if line.author}
        for other in others - {self.cue.author}:
            called = rf"(?<=,) {re.escape(other)}(?=[,.!?])"
            line = (
                re.sub(called, f" {self.cue.author}", line) if self.cue.author else re.sub(rf",{called[6:]}", "", line)
            )
        return line

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
        clash = _CHEERFUL if _BAD_NEWS.search(self.cue.text) or _BAD_NEWS.search(before) else None
        clash = _GLOOMY if self.cue.kind in _GLAD_KINDS else clash
        return not (clash and clash.search(saying)) and self.own.is_allowed(saying)

    def _may_ask(self, pieces: list[str]) -> bool:
        if self.wishes.no_question or not pieces or "?" in pieces[-1]:
            return False
        if self.wishes.ask:
            return True
        return self.cue.kind in _ASKING_KINDS and self.random.random() < 0.4

    def _question_back(self) -> str:
        if self.cue.kind == "how_are_you":
            return self._stock("ask_how")
        if self.cue.topic and self.random.random() < 0.4:
            return self._stock("ask_about")
        return self._stock("ask_after_answer" if self.cue.is_question else "ask_after_statement")

    def _within(self, pieces: list[str]) -> list[str]:
        """The pieces without those at the end that would make it longer than the part talks."""
        kept: list[str] = []
        for piece in pieces:
            if kept and len(words(" ".join([*kept, piece]))) > self.part.words_most:
                break
            kept.append(piece)
        return kept

    # What each kind of cue gets beyond a stock line.

    def _answer_statement(self) -> list[str]:
        topic = topic_of(self.part, self.cue)
        if topic and not _BAD_NEWS.search(self.cue.text):
            return [self._stock("fond", topic=topic), self._general(0.6)]
        aside = aside_for(self.part, self.cue)
        if aside and self.random.random() < 0.6 and not self.own.was_said(aside):
            return [f"{self._stock('fact_aside')} {aside}"]
        kinds = [kind for kind, slot in (("echo", "echo"), ("topic", "topic")) if self.values[slot]] or ["statement"]
        return [self._stock(self.random.choice(kinds)) or self._stock("statement"), self._general(0.7)]

    def _answer_your_name(self) -> list[str]:
        told = self._stock("your_name" if self.part.name else "nameless")
        return [told, self._general(0.5)]

    def _answer_injection(self) -> list[str]:
        return [self._stock("injection"), self._general(0.4)]

    def _answer_machine(self) -> list[str]:
        return [self._stock("machine" if self.part.name else "nameless")]

    def _answer_my_name(self) -> list[str]:
        return [self.stock.pick("my_name" if self.cue.author else "my_name_unknown", self.values)]

    def _answer_recall(self) -> list[str]:
        who = self.cue.found.get("1", "i").casefold()
        who = self.cue.author.casefold() if who in {"i", "we"} else who
        theirs = [line.text for line in self.heard if not line.own and line.author.casefold() == who]
        about = self.cue.stems - stems(who)
        theirs.sort(key=lambda text: len(stems(text) & about))
        if not theirs:
            return [self._stock("recall_nothing")]
        quoted = re.sub(r"[\"“”\s]+", " ", sentences(theirs[-1])[0] if sentences(theirs[-1]) else theirs[-1])
        short = " ".join(quoted.split()[:14]).rstrip(".,;")
        return [self._stock("recall", item=short)]

    def _answer_repeated(self) -> list[str]:
        return [self._stock("repeated"), self._general(1.0) or self._stock("statement")]

    def _answer_story(self) -> list[str]:
        tales = sorted((line.text for line in self.own.fresh), key=lambda text: -len(_PAST.findall(text)))[:5]
        tale = self._to_speaker(self.random.choice(tales)) if tales else " ".join(self.part.facts[:2])
        return [f"{self._stock('story')} {tale}"] if tale else [self._stock("request")]

    def _answer_say_to(self) -> list[str]:
        return [
            self._stock("say_to", item=self.cue.found["topic"]) or self._stock("greeting", name=self.cue.found["topic"])
        ]

    def _answer_opinion(self) -> list[str]:
        return self._of_somebody() or self._of_something("opinion")

    def _answer_relation(self) -> list[str]:
        return self._of_somebody() or self._of_something("relation")

    def _answer_and_you(self) -> list[str]:
        return self._of_something("relation") if self.cue.topic else [self._stock("myself"), self._general(0.5)]

    def _answer_tell_about(self) -> list[str]:
        return self._of_somebody() or self._of_something("opinion")

    def _answer_who(self) -> list[str]:
        return self._of_somebody() or [self._stock("who"), self._general(0.2)]

    def _of_somebody(self) -> list[str]:
        said = set(words(self.cue.text))
        if any(set(words(name)) <= said for name in self.part.names):
            return [self._stock("myself")]
        for who, how in self.part.people:
            if how and set(words(who)) <= said and (told := feeling(who, how)) and not self.own.was_said(told):
                return [capitalised(told), self._general(0.3)]
        return []

    def _of_something(self, kind: str) -> list[str]:
        topic = topic_of(self.part, self.cue)
        if topic:
            return [self._stock("fond", topic=self.cue.topic or topic), self._general(0.5)]
        return [self._stock(kind) or self._unknown(), self._general(0.5)]

    def _answer_favourite(self) -> list[str]:
        wanted = stems(self.cue.found.get("topic", ""))
        for topic in self.part.topics:
            others = [k for k in topic.keywords if not stems(k) & wanted and len(k) > 3]
            if others and wanted & stems(f"{topic.name} {' '.join(topic.keywords)}"):
                return [
                    self._stock("favourite", item=others[self._leaning(others[0]) % len(others)]),
                    self._general(0.1),
                ]
        return [self._stock("favourite_unknown"), self._general(0.4)]

    def _answer_sum(self) -> list[str]:
        first, sign, second = (self.cue.found[place] for place in ("1", "2", "3"))
        if not Decimal(second) and sign.casefold() in {"/", "÷", "divided by"}:
            return [self._stock("sum_impossible")]
        made = _SIGNS[sign.casefold()](Decimal(first), Decimal(second))
        return [self._stock("sum", item=f"{made:,.10f}".rstrip("0").rstrip("."))]

    def _answer_choice(self) -> list[str]:
        left = self.cue.found["left"]
        options = [
            left if self.cue.found["right"][0].isupper() else left[0].lower() + left[1:],
            re.sub(r"\s+(?:today|tonight|then|now)$", "", self.cue.found["right"]),
        ]
        liked = [o for o in options if any(stems(o) & stems(" ".join((t.name, *t.keywords))) for t in self.part.topics)]
        chosen = liked[0] if len(liked) == 1 else options[self._leaning(options[0]) % 2]
        return [self._stock("choice", item=mirrored(chosen)), self._general(0.15)]

    def _answer_yes_no(self) -> list[str]:
        asked = _ASKED_ME.search(self.cue.text)
        known = stems(" ".join(self.part.about)) if asked else frozenset()
        yes = (
            bool(topic_of(self.part, self.cue) or known & self.cue.stems)
            or self._leaning(" ".join(sorted(self.cue.stems))) % 5 < 3
        )
        if not asked:
            return [self._stock("yes" if yes else "no"), self._general(0.3)]
        if _ASKED_A_FAVOUR.search(self.cue.text):
            return [self._stock("request"), self._general(0.4)]
        back = _BACK[asked[1].casefold()]
        return [
            self._stock("yes_me", item=back) if yes else self._stock("no_me", item=_NEGATED[back]),
            self._general(0.3),
        ]

    def _answer_what(self) -> list[str]:
        return self._of_somebody() or [self._unknown()]

    def _answer_advice(self) -> list[str]:
        return [self._stock("advice"), self._general(0.3)]

    def _unknown(self) -> str:
        ignorant = self.own.ignorant()
        return (
            self._to_speaker(self.random.choice(ignorant))
            if ignorant and self.random.random() < 0.6
            else self._stock("unknown")
        )

    def _leaning(self, question: str) -> int:
        """The same number for the same question to the same character, so that nobody changes their mind by chance."""
        return crc32(f"{self.part.name}|{question.casefold()}".encode())


class Opening(Improvisation):
    """A line that nobody asked for: the character begins, or goes on after its own line."""

    def _pieces(self) -> list[str]:
        general = self._general(0.7)
        if general:
            return [general]
        topics = [topic.name for topic in self.part.topics if len(topic.name.split()) <= 3]
        asked = self._stock("organic_ask", topic=self.random.choice(topics)) if topics else ""
        return [self._stock("organic"), asked]

    def _may_ask(self, pieces: list[str]) -> bool:
        return False


class Tale(Improvisation):
    """A story carried on, by a sentence or two about whoever it is about."""

    def _pieces(self) -> list[str]:
        named = re.findall(r"(?<=[a-z,] )[A-Z][a-z]+", self.cue.text)
        about = named[-1] if named else ""
        first = self._stock("tale", item=about)
        second = self._stock("tale_end", item=about)
        return [first, second]

    def _may_ask(self, pieces: list[str]) -> bool:
        return False
