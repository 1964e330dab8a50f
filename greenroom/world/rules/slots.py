"""What a statement is about, where only one thing can be true at a time; and whom it can be about at all."""

import re

from greenroom.model import EntityType
from greenroom.world.rules.word_lists import ANIMATE, INANIMATE, TITLES

_SLOTS = (
    ("home", re.compile(r"(?:lives|moved|lived) (?:in|to|at|on|above|near)\b")),
    ("work", re.compile(r"works (?:as|at|for|in)\b|(?:is|became) (?:a|an|the) (?:new )?\w+ at\b")),
    ("age", re.compile(r"is \d{1,4} years? old|turned \d{1,3}\b")),
    ("life", re.compile(r"(?:is (?:dead|alive)|died|was (?:killed|murdered))\b")),
    ("open", re.compile(r"(?:is|was) (?:open|closed|shut)\b|closed|opened|reopened|burn(?:ed|t) down|collapsed")),
    ("whereabouts", re.compile(r"(?:is|went|returned|left|flew|drove|travelled|arrived) (?:in|at|to|for|from|on)\b")),
    ("spouse", re.compile(r"(?:got )?(?:married|divorced)\b|is (?:married|engaged|divorced|single)\b")),
)
_SAID_OF_PEOPLE = re.compile(
    r"(?:\d{1,3} years old|married|divorced|pregnant|sick|ill|dead|alive|angry|sad|happy|tired|drunk|afraid|scared|"
    r"allergic|jealous|in love|engaged|single|retired|in jail|in hospital|(?:(?:now|still|currently|also)\s+)?"
    r"(?:planning|learning|moving|studying|teaching|writing|working (?:as|at|for|in|on)|expecting|"
    r"getting (?:married|divorced)|dating|living|training|leaving|"
    r"recovering|travell?ing|looking for|selling|buying|building))\b"
)
_SAID_OF_PLACES = re.compile(r"(?:in|near|at|on)\s+the\s+(?:north|south|east|west|coast|edge|middle)")
_VERB = re.compile(r"(?!(?:was|is|has|this|his|its|us|yes|always|perhaps|red|indeed)\b)[a-z]+(?:[^s]s|ed)\b")
_IS = re.compile(r"(?:is|was|are|were|became)\s")


def slot_of(said: str) -> str:
    """The slot of what is said after the name; empty where many things can be true."""
    return next((slot for slot, pattern in _SLOTS if pattern.match(said)), "")


def says_something(kind: EntityType | None, said: str) -> bool:
    """Whether it goes on with a verb: of somebody any verb will do, of a thing one that things can do."""
    if _IS.match(said):
        return True
    if kind in {"character", None}:
        return bool(ANIMATE.match(said) or _VERB.match(said))
    return bool(INANIMATE.match(said) or re.match(r"[a-z]+ed\b", said))


def kind_by_what(what: str) -> EntityType | None:
    """What somebody is of whom such things are said; None where it could be anything."""
    if _SAID_OF_PEOPLE.match(what):
        return "character"
    return "location" if _SAID_OF_PLACES.match(what) else None


def kind_by_title(name: str) -> EntityType | None:
    """Who has a title is somebody."""
    return "character" if re.match(rf"{TITLES}\s", name) else None
