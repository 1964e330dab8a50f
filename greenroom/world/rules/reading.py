"""Reading a line by rules: what somebody says outright of somebody or something, in plain English sentences.

It keeps to statements: what is asked, supposed, wished or denied is left alone. For each finding it has the sentence as
evidence.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from greenroom.text import plain, sentences
from greenroom.world.rules.bonds import unnamed
from greenroom.world.rules.mind import Finding, Line, Mind
from greenroom.world.rules.ways import WAYS

_MOST_CHARACTERS = 4000
_MOST_FINDINGS = 20

_ABBREVIATED = re.compile(r"\b(Dr|Mr|Mrs|Ms|St)\.(?=\s)")
_DOT = "\ue000"
"""Stands for a full stop that ends no sentence, while sentences are looked for."""

_LEAD_IN = re.compile(
    r"^(?:(?:well|so|oh|hey|hi|hello|look|listen|anyway|actually|honestly|yes|yeah|no|okay|ok|right|and|but|also|then|"
    r"guess what|by the way|btw|you know(?: what)?|did you know(?: that)?|"
    r"i (?:just )?(?:heard|learned|learnt|found out)(?: that)?|i (?:have to|must|can) tell you(?: that)?|"
    r"remember(?: that)?|the thing is|fun fact|for the record|important|news|yesterday|today|tonight|now|"
    r"last (?:night|week|year|month|summer|winter)|this (?:morning|evening|week|year)|years ago|a while ago|"
    r"in the end|since then|unfortunately|luckily|sadly|finally|it turns out(?: that)?|turns out(?: that)?|"
    r"as you know|every(?:body|one) knows(?: that)?)\b[\s,:!-]*)+",
    re.IGNORECASE,
)
_UNSURE = re.compile(
    r"\b(?:if|unless|imagine|suppose|supposing|pretend|maybe|perhaps|might|would|could|should|wish|dream(?:ed|t|ing)|"
    r"as though|probably|possibly|apparently|supposedly|allegedly|rumou?r|"
    r"i (?:think|guess|believe|doubt|bet|hope|feel|wonder)|not sure|no idea|"
    r"let['’]s|let us|shall we|what about|how about|kidding|"
    r"joking|hypothetically|who knows|used to|almost|nearly|\w+['’]d|wants? to|going to|gonna|wanna)\b",
    re.IGNORECASE,
)
_IN_PASSING = re.compile(
    r",\s+(?:you know|you see|I tell you|mind you|of course|by the way|as you know|right|okay|actually)$", re.IGNORECASE
)
_DENIES = re.compile(r"\b(?:not|never|no longer|nobody|nothing|none)\b|n['’]t\b|\bno\s+\w", re.IGNORECASE)
_CLAUSE = re.compile(
    r"\s*[;:—–]\s+|\s+-\s+|,?\s+(?:but|because|so|while|though|although|whereas)\s+"
    r"|,\s+(?=(?:and\s+)?(?:I|she|he|it|they)\s)|\s+and\s+(?=(?:I|she|he|it|they|my)\s)|,\s+and\s+(?=[A-Z])",
)
_AND = re.compile(r"^and\s+", re.IGNORECASE)
_LEAD_INS = 2


def read(line: Line, cast: Iterable[str] = ()) -> list[Finding]:
    """What a line says, whatever was said before it. `cast` are names of characters."""
    names = [name for name in cast if name]
    mind = Mind(line, {name.casefold(): "character" for name in names})
    either = "|".join(map(re.escape, names))
    called = re.compile(rf"^(?:{either})\s*[,!:]\s*|,\s*(?:{either})$", re.IGNORECASE) if names else None
    text = _ABBREVIATED.sub(rf"\1{_DOT}", plain(line.text)[:_MOST_CHARACTERS])
    for sentence in sentences(text):
        # Blanks in a row are one: the ways of saying something try each of them against each.
        _read_sentence(" ".join(sentence.replace(_DOT, ".").split()), called, mind)
    return list(dict.fromkeys(mind.found))[:_MOST_FINDINGS]


def _read_sentence(sentence: str, called: re.Pattern[str] | None, mind: Mind) -> None:
    bare = sentence.strip('*_"“” ')
    mind.unnamed = unnamed(bare) or mind.unnamed
    if bare.endswith("?") or _UNSURE.search(bare):
        return
    told = _IN_PASSING.sub("", bare.rstrip(".!… "))
    before = len(mind.found)
    for clause in _CLAUSE.split(told):
        said = _AND.sub("", clause.strip())
        for _ in range(_LEAD_INS):
            said = _LEAD_IN.sub("", called.sub("", said) if called else said)
        if said and not _DENIES.search(said):
            mind.find(_read_clause(said, mind))
    mind.found[before:] = [replace(finding, evidence=sentence) for finding in mind.found[before:]]


def _read_clause(said: str, mind: Mind) -> list[Finding]:
    """What the first way to read it finds, which finds anything."""
    return next((found for read_as in WAYS if (found := list(read_as(said, mind)))), [])
