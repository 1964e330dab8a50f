"""What is stated outright of somebody: an age, what is liked and loathed, that there is no brother."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from greenroom.text import content_words, sentences

NUMBERS = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty
""".split()  # noqa: SIM905 - a list of one word a line would hide the rest of the file
_AGE = re.compile(r"\b(\d{1,4}|[a-z]+)[- ]years?[- ]old\b|\baged? (?:of )?(\d{1,3})\b", re.IGNORECASE)
_MY_AGE = re.compile(
    r"\bi(?:['’]m| am) (?:only |just |already )?(\d{1,4}|[a-z]+) years? old\b|\bi(?:['’]m| am) (\d{2})\s*[.,!?]",
    re.IGNORECASE,
)
_HOW = r"(?:really |still |always |also )?"
_LIKES = rf"{_HOW}(?:loves?|likes?|enjoys?|adores?)"
_LOATHES = (
    rf"{_HOW}(?:hates?|loathes?|detests?|dislikes?|cannot stand|can['’]?t stand|cannot bear|can['’]t bear|"
    r"(?:does not|doesn['’]t|do not|don['’]t) (?:like|enjoy|care for)|never (?:eats?|drinks?))"
)
_THING = (
    r"\s+([a-z][a-z' -]{2,30}?)(?=[.,;!?:)]|$"
    r"|\s+(?:and|or|but|because|since|when|more|very|so|with|in|at|on|for|who|that)\b)"
)
_TASTES = ((_LIKES, True), (_LOATHES, False))
_THEIR_TASTES = tuple((re.compile(rf"\b{verb}{_THING}", re.IGNORECASE), liked) for verb, liked in _TASTES)
_MY_TASTES = tuple((re.compile(rf"\bi {verb}{_THING}", re.IGNORECASE), liked) for verb, liked in _TASTES)
_KIN = "brothers?|sisters?|wife|husband|children|child|son|daughter|siblings|mother|father|parents"
_WITHOUT = re.compile(rf"\b(?:has|have|had) no (?:\w+ )?({_KIN})\b", re.IGNORECASE)
_MINE = re.compile(rf"\bmy (?:own |little |older |younger |dear )?({_KIN})\b", re.IGNORECASE)
_IMPLIED = {
    "children": frozenset({"children", "son", "daughter"}),
    "siblings": frozenset({"siblings", "brother", "sister"}),
    "parents": frozenset({"parents", "mother", "father"}),
}
_ONE = {"brothers": "brother", "sisters": "sister", "child": "children"}
_AGE_SENTENCES = 20

Taste = tuple[str, bool]
"""A thing in its content words, and whether it is liked."""


@dataclass(frozen=True)
class Facts:
    """What a text states: ages in years, tastes, and kin that somebody has not; each with the words that say so."""

    ages: dict[int, str]
    tastes: dict[Taste, str]
    without: frozenset[str]


def facts_of(text: str, name: str) -> Facts:
    """What a sheet says of its character, in sentences that begin with its name or a pronoun."""
    begin = re.compile(rf"(?:{re.escape(name)}|{re.escape(name.split()[0])}|he|she|they|it|you|an?)\b", re.IGNORECASE)
    return _facts([sentence for sentence in sentences(text) if begin.match(sentence)])


def facts_told(texts: Iterable[str], names: Iterable[str]) -> Facts:
    """What passages say of a character, in sentences that begin with its name: a pronoun there may mean anybody."""
    own = "|".join(re.escape(name) for name in names)
    begin = re.compile(rf"(?:{own})\b(?!['’])", re.IGNORECASE)
    return _facts([sentence for text in texts for sentence in sentences(text) if begin.match(sentence)])


def stated_of_oneself(text: str) -> Facts:
    """What somebody says of itself."""
    return Facts(dict(_ages(_MY_AGE, text)), dict(_tastes(_MY_TASTES, text)), frozenset())


def kin_named(text: str) -> dict[str, str]:
    """Whom somebody calls its own, with the words that do so."""
    return {_one(found[1]): found[0] for found in _MINE.finditer(text)}


def _facts(about: list[str]) -> Facts:
    return Facts(
        {age: said for sentence in about[:_AGE_SENTENCES] for age, said in _ages(_AGE, sentence)},
        {taste: said for sentence in about for taste, said in _tastes(_THEIR_TASTES, sentence)},
        frozenset(kin for sentence in about for found in _WITHOUT.findall(sentence) for kin in _all(_one(found))),
    )


def _all(kin: str) -> frozenset[str]:
    """Whom a word for kin means: who has no children has no daughter."""
    return _IMPLIED.get(kin, frozenset({kin}))


def _one(kin: str) -> str:
    return _ONE.get(kin.casefold(), kin.casefold())


def _ages(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, str]]:
    for found in pattern.finditer(text):
        word = next(filter(None, found.groups())).casefold()
        if word.isdigit():
            yield int(word), found[0]
        elif word in NUMBERS:
            yield NUMBERS.index(word), found[0]


def _tastes(patterns: tuple[tuple[re.Pattern[str], bool], ...], text: str) -> Iterator[tuple[Taste, str]]:
    for pattern, liked in patterns:
        for found in pattern.finditer(text):
            thing = content_words(found[1])
            if thing:
                yield (" ".join(thing), liked), found[0].strip()
