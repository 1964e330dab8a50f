"""What is looked for, read from the conversation: the newest line, and what its "he", "there" and "that" stand for."""

import re
from collections.abc import Iterable, Mapping, Sequence

from greenroom.retriever.query import Query
from greenroom.retriever.terms import terms
from greenroom.text import words

_READ_CHARACTERS = 4000
_RECENT_LINES = 4
_TERMS = 24
_FEW = 2
"""A line with so few words of its own is about what was spoken of before."""
_OF_WHO_IS_MEANT = 0.7
_OF_OTHER_NAMES = 0.5
_NAMES = 3

_POINTS_BACK = frozenset(
    """
    he him his she her hers it its they them their theirs this that these those there then one ones
    """.split()  # noqa: SIM905 - a list of one word a line would hide the rest of the file
)
_NAME = re.compile(r"\b[A-Z\u00c0-\u00de][\w'’-]+(?:\s+[A-Z\u00c0-\u00de][\w'’-]+)*")
_SENTENCE = re.compile(r"(?:^|[.!?…:]\s+|\n)[\"'“”‘(]*")


def rewritten(
    line: str, recent: Sequence[str], own_names: Iterable[str], other_names: Mapping[str, Sequence[str]]
) -> Query:
    """The query for a line of a conversation; `recent` are the lines before it, oldest first.

    Names spoken of last are added where the line points back, and the other names of whom it speaks: `other_names` by
    each name in lower case. The character's own names are left out: being called is no topic.
    """
    line = line[:_READ_CHARACTERS]
    own = {term for name in own_names for term in terms(name)}
    found = {term: 1.0 for term in terms(line) if term not in own}
    meant = _spoken_of(recent, own) if _points_back(line, found) else []
    others = [other for name in _known(line, other_names) for other in other_names[name]]
    for names, weight in ((meant, _OF_WHO_IS_MEANT), (others, _OF_OTHER_NAMES)):
        for term in (term for name in names for term in terms(name)):
            if term not in own:
                found.setdefault(term, weight)
    text = " ".join([line, *(f"({name})" for name in meant)])
    return Query(text, dict(list(found.items())[:_TERMS]))


def _points_back(line: str, found: Mapping[str, float]) -> bool:
    return len(found) <= _FEW or not _POINTS_BACK.isdisjoint(words(line))


def _spoken_of(recent: Sequence[str], own: set[str]) -> list[str]:
    """The names in the lines before, the newest first."""
    found: list[str] = []
    for line in reversed(recent[-_RECENT_LINES:]):
        read = line[-_READ_CHARACTERS:]
        begins = {match.end() for match in _SENTENCE.finditer(read)}
        for match in reversed(list(_NAME.finditer(read))):
            said = terms(match[0])
            alone = match.start() in begins and " " not in match[0]  # any word is written so where a sentence begins
            if said and not alone and not own.issuperset(said):
                found.append(match[0])
    return list(dict.fromkeys(found))[:_NAMES]


def _known(line: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    """The names that a line holds as whole words."""
    said = words(line)
    runs = {" ".join(said[at : at + size]) for at in range(len(said)) for size in (1, 2, 3)}
    return [name for name in names if name in runs]
