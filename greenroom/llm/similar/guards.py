"""What keeps a prompt from being answered with the answer to another one, however close the two are.

A guard compares two readings and says in words what differs, or None. Each sees one kind of difference; all of them are
symmetric. They know English. Of other languages only the words are compared.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from greenroom.llm.similar.alignment import Alignment, aligned
from greenroom.llm.similar.lexicon.antonyms import opposed
from greenroom.llm.similar.lexicon.grammar import FIRST_PERSON, LIGHT, SECOND_PERSON, THIRD_PERSONS
from greenroom.llm.similar.lexicon.listing import listed
from greenroom.llm.similar.lexicon.synonyms import CANONICAL
from greenroom.llm.similar.lexicon.wishes import ON_THE_TEXT
from greenroom.llm.similar.question import force_of, form_of, kind_of, kinds_agree, time_of
from greenroom.llm.similar.reading import SMALL_NAMES, Reading, Word
from greenroom.llm.similar.stems import stem
from greenroom.llm.similar.tokens import tidy

Likeness = Literal["typing", "words", "reworded", "substituted"]
"""How two prompts are alike: but for typing; by the same words or synonyms; with other words on both sides; and with
such words in the same place of the same sentence."""
Guard = Callable[[Reading, Reading, Alignment], str | None]

_UNDERSTOOD = frozenset({"", "en"})


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the guards say of two prompts: which one objects, and why; or how alike the prompts are."""

    likeness: Likeness
    guard: str = ""
    reason: str = ""

    @property
    def objects(self) -> bool:
        """Whether one must not be answered with the other's answer."""
        return bool(self.guard)


def compared(a: Reading, b: Reading) -> Comparison:
    """Ask all guards about answering one prompt with the other's answer. The same both ways round."""
    here, there = sorted((a, b), key=lambda reading: reading.text)
    likeness: Likeness = "typing" if here.said == there.said else "words"
    for name, guard in _BEFORE_WORDS.items():
        if (reason := guard(here, there)) is not None:
            return Comparison(likeness, name, reason)
    if likeness == "typing":
        return Comparison(likeness)
    alignment = aligned(here, there)
    for name, compare in GUARDS.items():
        if (reason := compare(here, there, alignment)) is not None:
            return Comparison(likeness, name, reason)
    if alignment.only_here and alignment.only_there:
        reason = _substitution(here, there, alignment)
        return Comparison("substituted" if reason else "reworded", reason=reason)
    return Comparison(likeness)


# Before words are compared ----------------------------------------------------------------------------------------


def language(here: Reading, there: Reading) -> str | None:
    """Another language; or one that is not English, and other words."""
    if here.language != there.language and "" not in {here.language, there.language}:
        return f"one is in another language: {here.language}, {there.language}"
    if here.said != there.said and not {here.language, there.language} <= _UNDERSTOOD:
        return "only English is understood well enough to compare other words"
    return None


def verbatim(here: Reading, there: Reading) -> str | None:
    """Work on a text in the prompt, where every letter may matter."""
    if tidy(here.text).rstrip(" .?!") != tidy(there.text).rstrip(" .?!") and (here.words | there.words) & ON_THE_TEXT:
        return "the wording itself is what the question is about"
    return None


def literals(here: Reading, there: Reading) -> str | None:
    """Quotes, code, addresses, paths."""
    return None if here.literals == there.literals else _sides("quoted or code", here.literals, there.literals)


# Word by word -----------------------------------------------------------------------------------------------------


def numbers(here: Reading, there: Reading, alignment: Alignment) -> str | None:
    """Numbers with their units, spelled out or not, in their order, and the signs between them."""
    if here.signs != there.signs:
        return _sides("signs", here.signs, there.signs)
    mine, yours = here.quantities.values, there.quantities.values
    if sorted(mine) == sorted(yours) and all(_of(unit, mine) == _of(unit, yours) for _, unit in mine):
        return None
    return _sides("numbers", map(_written, mine), map(_written, yours))


def moments(here: Reading, there: Reading, alignment: Alignment) -> str | None:
    """Days, months, parts of the day, how often."""
    return _compared("times", here.quantities.moments, there.quantities.moments)


def names(here: Reading, there: Reading, alignment: Alignment) -> str | None:
    """Names on one side that are not words of the other."""
    missing = [sorted(name for name in a.names if not _knows(b, name)) for a, b in ((here, there), (there, here))]
    return _sides("names", *missing) if any(missing) else None


def negation(here: Reading, there: Reading, alignment: Alignment) -> str | None:
    """What is asked for on one side is denied on the other."""
    return None if here.negations % 2 == there.negations % 2 else "one of them is negated"


def opposites(here: Reading, there: Reading, alignment: Alignment) -> str | None:
    """A word on one side, its opposite on the other."""
    mine, yours = _left_words(here, alignment.only_here, there), _left_words(there, alignment.only_there, here)
    for word in sorted(mine):
        for other in sorted(yours):
            if opposed(word, other):
                return f"opposites: {word!r} and {other!r}"
    return None


def scope(here: Reading, there: Reading, alignment: Alignment) -> str | None:
    """How much of something is meant, or which of several: all, only, most, first, last, best..."""
    return _compared("scope", here.scopes, there.scopes)


def persons(here: Reading, there: Reading, alignment: Alignment) -> str | None:
    """Whose thing it is: mine, yours, his, hers, theirs."""
    thirds = [frozenset(THIRD_PERSONS[word] for word in side.words if word in THIRD_PERSONS) for side in (here, there)]
    if thirds[0] != thirds[1]:
        return _sides("persons", *map(sorted, thirds))
    mine, yours = _speaks_of(here), _speaks_of(there)
    return "one speaks of 'I', the other of 'you'" if _exclude(mine, yours) else None


def roles(here: Reading, there: Reading, alignment: Alignment) -> str | None:
    """Who does what to whom, and from where to where."""
    for mine, yours in alignment.shared:
        if {mine.direction, yours.direction} in _OPPOSITE_DIRECTIONS:
            return f"{mine.written!r} is {mine.direction!r} on one side and {yours.direction!r} on the other"
    for place, (mine, yours) in enumerate(alignment.shared):
        for mine_later, yours_later in alignment.shared[place + 1 :]:
            turned = yours_later.place < yours.place
            if turned and not _says_the_same(here, there, (mine, yours), (mine_later, yours_later)):
                return f"{mine.written!r} and {mine_later.written!r} have changed places"
    return None


def kind(here: Reading, there: Reading, alignment: Alignment) -> str | None:
    """Who, when, how, why, whether."""
    mine, yours = kind_of(here), kind_of(there)
    if not kinds_agree(mine, yours, here.words | there.words):
        return f"one asks {mine!r}, the other {yours!r}"
    if mine == yours == "whether" and _exclude(force_of(here), force_of(there)):
        return _sides("can, must, should", sorted(force_of(here)), sorted(force_of(there)))
    return None


def tense(here: Reading, there: Reading, alignment: Alignment) -> str | None:
    """What was, and what is or will be."""
    mine, yours = time_of(here), time_of(there)
    if mine != yours and {mine, yours} & {"past", "future"} and {mine, yours} not in _TIMES_TO_SHARE:
        return f"one is about the {mine or 'present'}, the other about the {yours or 'present'}"
    if not mine and not yours:
        for one, other in alignment.shared:
            if one.written.casefold().endswith("ed") != other.written.casefold().endswith("ed"):
                return f"{one.written!r} and {other.written!r} are of different times"
    return None


def form(here: Reading, there: Reading, alignment: Alignment) -> str | None:
    """In which form the answer is wanted."""
    return _compared("form of the answer", form_of(here), form_of(there))


def addition(here: Reading, there: Reading, alignment: Alignment) -> str | None:
    """Something that only one asks about, in what is otherwise the same question."""
    if alignment.only_here and alignment.only_there:
        return None
    heavy = [
        word.written for word in (*alignment.only_here, *alignment.only_there) if word.written.casefold() not in LIGHT
    ]
    return f"only one speaks of {', '.join(heavy)!r}" if heavy else None


GUARDS: dict[str, Guard] = {
    "numbers": numbers,
    "times": moments,
    "names": names,
    "negation": negation,
    "opposites": opposites,
    "scope": scope,
    "persons": persons,
    "roles": roles,
    "question": kind,
    "tense": tense,
    "form": form,
    "addition": addition,
}
_BEFORE_WORDS: dict[str, Callable[[Reading, Reading], str | None]] = {
    "language": language,
    "wording": verbatim,
    "literals": literals,
}
_TIMES_TO_SHARE = ({"past", ""}, {"present", "future"})
"""`Who painted it?` says nothing by an auxiliary; what will be is often asked as what is."""
_OPPOSITE_DIRECTIONS = (
    {"from", "to"},
    {"on", "off"},
    {"in", "out"},
    {"up", "down"},
    {"before", "after"},
    {"for", "against"},
    {"over", "under"},
    {"with", "against"},
)


def _sides(what: str, mine: Iterable[str], yours: Iterable[str]) -> str:
    here, there = (", ".join(side) or "none" for side in (mine, yours))
    return f"{what} differ: {here}; {there}"


def _compared(what: str, mine: Iterable[str], yours: Iterable[str]) -> str | None:
    here, there = sorted(mine), sorted(yours)
    return None if here == there else _sides(what, here, there)


def _of(unit: str, values: list[tuple[float, str]]) -> list[float]:
    return [value for value, its_unit in values if its_unit == unit]


def _written(quantity: tuple[float, str]) -> str:
    return f"{quantity[0]:g} {quantity[1]}".strip()


def _knows(reading: Reading, name: str) -> bool:
    """Whether a name is one of the words of a text, in another spelling, or by its first letters."""
    if name.upper() in SMALL_NAMES:
        return name in reading.names
    if name in reading.words or CANONICAL.get(stem(name), "") in {word.meaning for word in reading.content}:
        return True
    letters = "".join(token.word[0] for token in reading.tokens)
    return 2 < len(name) < 7 and name in letters


def _left_words(side: Reading, left: Iterable[Word], other: Reading) -> frozenset[str]:
    small = frozenset(word for word in side.words - other.words if word in _PARTICLES)
    return frozenset(word.stem for word in left) | small


_OWN = frozenset(listed("my mine me myself our ours us your yours yourself"))
_TURNING = frozenset({"do", "does", "did"})
_PARTICLES = frozenset(
    listed("""
on off in out up down over under before after with without inside outside above below for against
""")
)


def _exclude(mine: frozenset[str], yours: frozenset[str]) -> bool:
    return bool(mine and yours) and mine.isdisjoint(yours)


def _speaks_of(reading: Reading) -> frozenset[str]:
    """Whose things it is about; in a question for yes or no, also of whom."""
    words, pairs = reading.words, set(pairwise(token.word for token in reading.tokens))
    if kind_of(reading) != "whether":
        words = words & _OWN | frozenset(pronoun for verb, pronoun in pairs if verb in {"am", "are", "was", "were"})
    found = {"i"} if words & FIRST_PERSON else set()
    return frozenset(found | ({"you"} if words & SECOND_PERSON else set()))


_Both = tuple[Word, Word]
"""A word here, and its partner there."""


def _says_the_same(here: Reading, there: Reading, first: _Both, second: _Both) -> bool:
    """Whether two words may stand in another order on the other side."""
    return _moved_along(first, second) or _is_genitive(first, second) or _is_compound(here, there, first, second)


def _moved_along(first: _Both, second: _Both) -> bool:
    """Whether the phrase that one of them is in was put elsewhere: `on my phone`."""
    kept = all(mine.direction == yours.direction for mine, yours in (first, second))
    return kept and first[0].direction != second[0].direction


def _is_genitive(first: _Both, second: _Both) -> bool:
    """Whether it is `the price of a ticket` on one side, and `the ticket price` on the other."""
    here, there = (first[0].direction, second[0].direction), (first[1].direction, second[1].direction)
    return (here[1] == "of" and "of" not in there) or (there[0] == "of" and "of" not in here)


def _is_compound(here: Reading, there: Reading, first: _Both, second: _Both) -> bool:
    """Whether two words are one thing, said with the words in other forms: `expense claim`, `claim expenses`.

    Not where `do` on one side alone turns who did something into whom it was done to.
    """
    if bool(here.words & _TURNING) != bool(there.words & _TURNING):
        return False
    beside = all(
        abs(side.content.index(a) - side.content.index(b)) == 1
        for side, a, b in zip((here, there), first, second, strict=True)
    )
    return beside and any(a.written.casefold() != b.written.casefold() for a, b in (first, second))


def _substitution(here: Reading, there: Reading, alignment: Alignment) -> str:
    """Another word in the same place of what is otherwise the same sentence; empty when there is none."""
    for mine in alignment.only_here:
        for yours in alignment.only_there:
            if _around(here, mine) & _around(there, yours):
                return f"{mine.written!r} stands where the other has {yours.written!r}"
    return ""


def _around(side: Reading, word: Word) -> set[tuple[str, str]]:
    """The neighbours of a word that carry meaning."""
    content = side.content
    at = content.index(word)
    before = content[at - 1].meaning if at else "^"
    after = content[at + 1].meaning if at + 1 < len(content) else "$"
    return {("before", before), ("after", after)}
