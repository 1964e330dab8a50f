"""Answering from what the part knows: passages of lore first, then what is told about the character."""

import re
from collections.abc import Iterator
from functools import partial
from math import log

from greenroom.llm.understudy.cue import MANNER, Cue, stems
from greenroom.llm.understudy.first_person import as_own
from greenroom.llm.understudy.part import Part
from greenroom.llm.understudy.voice import lowered
from greenroom.text import words

_LEAST = 0.45
_LEAK_WORDS = 8
_MOST_SHOWN = 6
_LEANING = re.compile(
    r"^(?:he|she|it|they|this|that|these|those|later|there|then|his|her|its|their|both|afterwards|since|such|another"
    r"|between|(?:most|some|many|one|all|none|each|among|neither|two) (?:of )?(?:them|their|these|those|his|its))\b"
    r"|^(?:[\w'’-]+\s+){1,3}(?:it|them|him|too|so|one)(?=[\s,.;])(?! (?:day|night|of|man|woman|to)\b)",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\b(?:(he|she|him|his|her|hers|himself|herself)|they|them|their|theirs)\b", re.IGNORECASE)
_PERSON = re.compile(
    r"(?<=\s)[A-Z]\w+|\b(?:man|woman|boy|girl|wife|husband|son|daughter|father|mother|child|king|queen|uncle|aunt"
    r"|brother|sister|somebody|nobody|anybody|everybody|who)\b"
)
_SEVERAL = re.compile(r"\b\w+s\b|\band\b|\bpeople\b|body\b")
_SHAPES = {
    "when": re.compile(r"\b\d{3,4}\b|\b(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|january"
                       r"|february|march|april|may|june|july|august|september|october|november|december|night|morning|evening|winter"
                       r"|summer|spring|autumn|year|when)s?\b", re.IGNORECASE),
    "how_many": re.compile(r"\b\d+\b|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty"
                           r"|hundred|thousand|many|several)\b", re.IGNORECASE),
    "where": re.compile(r"\b(?:in|at|on|near|by|under|behind|beside|above|outside|between|of)\b", re.IGNORECASE),
    "home": re.compile(r"\b(?:live|lives|lived|home) (?:\w+ ){0,3}?(?:in|at|on|with|by|alone)\b"),
    "who": re.compile(r"(?<=\s)[A-Z]\w+|^[A-Z]\w+ (?!is a|was a)\w+"),
    "why": re.compile(r"\b(?:because|since|so that|for|after)\b", re.IGNORECASE),
}  # fmt: skip
_STRICT = frozenset({"when", "how_many", "where", "home"})
"""Kinds whose answer must have the shape; for the others the shape is only in its favour."""
_ALSO_ASKED = {"home": stems("live home lives"), "job": stems("work works job")}
_ABOUT_ME = re.compile(r"\b(?:you|your|yours)\b", re.IGNORECASE)
_OF_OTHERS = frozenset({"tell_about", "opinion", "relation"})
"""Kinds that say `you` and yet ask about something else."""


def facts_for(part: Part, cue: Cue) -> Iterator[str]:
    """What answers the cue, in the character's mouth, the best first; nothing when nothing is known."""
    about_me = cue.kind not in _OF_OTHERS and _ABOUT_ME.search(cue.text) is not None
    for place in _ranked(part.facts, cue):
        known = part.facts[place]
        if about_me and not (_is_about(part, known) and (cue.kind != "yes_no" or len(cue.stems & stems(known)) >= 2)):
            continue
        if told := _told(part, place):
            yield told
    if about_me:
        for place in _ranked(part.about, cue):
            known = part.about[place]
            if told := _unread(as_own(known, part.names, _others(part)), known, cue):
                yield told


def aside_for(part: Part, cue: Cue) -> str:
    """A sentence that bears on what was said, though nobody asked; empty when none is close."""
    said = cue.stems - MANNER - stems(" ".join((*part.names, *_others(part))))
    close = (place for place, known in enumerate(part.facts) if len(stems(known) & said) >= 2)
    return next(filter(None, map(partial(_told, part), close)), "")


def _ranked(known: tuple[str, ...], cue: Cue) -> list[int]:
    """The places of the sentences that share enough with the question, the best first, at most six."""
    asked = cue.stems | _ALSO_ASKED.get(cue.kind, frozenset())
    if not asked or not known:
        return []
    roots = [stems(sentence) for sentence in known]
    weight = {name: log(1 + len(known) / (1 + sum(name in found for found in roots))) + 0.1 for name in asked}
    whole = sum(weight.values())
    if cue.kind in _ALSO_ASKED:
        whole = min(weight.values())
    shape = _SHAPES.get(cue.kind)
    rated = []
    for place, sentence in enumerate(known):
        share = sum(weight[name] for name in asked & roots[place]) / whole
        fits = shape is not None and shape.search(sentence) is not None
        if share and (fits or cue.kind not in _STRICT):
            rated.append((share + 0.15 * fits - 0.001 * place, -place))
    return [-place for rating, place in sorted(rated, reverse=True) if rating >= _LEAST][:_MOST_SHOWN]


def _told(part: Part, place: int) -> str:
    """The fact, with the sentence before it when it leans on that one; empty when it cannot stand by itself."""
    sentence = part.facts[place]
    if not _leans(sentence):
        return as_own(_spoken(sentence), part.names, _others(part))
    if not place or _leans(part.facts[place - 1]) or not sentence.startswith(("It ", "They ", "There ")):
        return ""
    before, after = (as_own(_spoken(s), part.names, _others(part)) for s in part.facts[place - 1 : place + 1])
    mixed = after.startswith("They ") and re.search(r"\b(?:I|me)\b", before)
    told = f"{before} {after}"
    return told if before and after and not mixed and len(told.split()) <= part.words_most else ""


def _leans(sentence: str) -> bool:
    """Whether it has a word that only the sentence before could explain."""
    if _LEANING.match(sentence):
        return True
    found = _PRONOUN.search(sentence)
    if found is None:
        return False
    before = sentence[: found.start()]
    if found[1] is None:
        return not _SEVERAL.search(before)
    named_first = bool(before) and sentence[0].isupper() and lowered(sentence) == sentence
    return not (named_first or _PERSON.search(before))


def _is_about(part: Part, sentence: str) -> bool:
    """Whether it names the character, or its family by the surname."""
    mine = {word for name in part.names for word in words(name)}
    return any(
        word in mine or word.removesuffix("'s") in mine or word.removesuffix("s") in mine for word in words(sentence)
    )


def _others(part: Part) -> tuple[str, ...]:
    return tuple(who for who, _ in part.people)


def _spoken(sentence: str) -> str:
    """A remembered line without the name before it, and with an end."""
    labelled = re.match(r"^([A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,2}):\s+([A-Z].+)$", sentence)
    text = f"{labelled[1]} told me. {labelled[2]}" if labelled else sentence
    return text if text[-1:] in '.!?…"”' else f"{text}."


def _unread(told: str, written: str, cue: Cue) -> str:
    """What the prompt says of the character, cut before it could be recognised as the prompt's own sentence."""
    source = " ".join(words(written))
    asked = cue.stems | _ALSO_ASKED.get(cue.kind, frozenset())
    for clause in re.split(r"[,;:]\s+|\s+(?:and|but|who|which|where)\s+", told):
        tokens = words(clause)
        runs = (" ".join(tokens[at : at + _LEAK_WORDS]) for at in range(max(0, len(tokens) - _LEAK_WORDS) + 1))
        shown = any(len(run.split()) == _LEAK_WORDS and run in source for run in runs)
        if not shown and re.match(r"(?:I|I'm|My)\b", clause) and stems(clause) & asked and 3 <= len(tokens) <= 14:
            return f"{clause.rstrip(' .!?')}."
    return ""
