"""Answering from what the part knows: passages of lore first, then what is told about the character."""

import re
from math import log

from greenroom.llm.cue import Cue, stems
from greenroom.llm.part import Part
from greenroom.llm.voice import as_own
from greenroom.text import words

_LEAST = 0.34
_LEAK_WORDS = 8
_LEANING = re.compile(
    r"^(?:he|she|it|they|this|that|these|those|later|there|then|his|her|its|their|both|afterwards|since then)\b",
    re.IGNORECASE,
)
_SHAPES = {
    "when": re.compile(r"\b\d{3,4}\b|\b(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|january"
                       r"|february|march|april|may|june|july|august|september|october|november|december|night|morning|evening|winter"
                       r"|summer|spring|autumn|year)s?\b", re.IGNORECASE),
    "how_many": re.compile(r"\b\d+\b|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty"
                           r"|hundred|thousand|many|several)\b", re.IGNORECASE),
    "where": re.compile(r"\b(?:in|at|on|near|by|under|behind|beside|above|outside|between)\b", re.IGNORECASE),
    "who": re.compile(r"(?<=\s)[A-Z]\w+|^[A-Z]\w+ (?!is a|was a)\w+"),
    "why": re.compile(r"\b(?:because|since|so that|for|after)\b", re.IGNORECASE),
}  # fmt: skip


def fact_for(part: Part, cue: Cue) -> str:
    """A sentence or two that answer the cue, in the character's mouth; empty when nothing is known."""
    about_me = re.search(r"\b(?:you|your|yours)\b", cue.text, re.IGNORECASE) is not None
    known = part.facts
    found = _best(known, cue)
    if found is not None and (not about_me or cue.kind != "yes_no" or len(cue.stems & stems(known[found])) >= 2):
        return _told(part, known, found)
    if not about_me:
        return ""
    found = _best(part.about, cue)
    return _unread(as_own(part.about[found], part.names), part.about[found], cue) if found is not None else ""


def aside_for(part: Part, cue: Cue) -> str:
    """A sentence that bears on what was said, though nobody asked; empty when none is close."""
    for place, sentence in enumerate(part.facts):
        if len(stems(sentence) & cue.stems) >= 2 and not _LEANING.match(sentence):
            return _told(part, part.facts, place)
    return ""


def _best(known: tuple[str, ...], cue: Cue) -> int | None:
    asked = cue.stems
    if not asked or not known:
        return None
    roots = [stems(sentence) for sentence in known]
    weight = {name: log(1 + len(known) / (1 + sum(name in found for found in roots))) + 0.1 for name in asked}
    whole = sum(weight.values())
    shape = _SHAPES.get(cue.kind)

    def rating(place: int) -> float:
        share = sum(weight[name] for name in asked & roots[place]) / whole
        return share + (0.15 if share and shape and shape.search(known[place]) else 0.0) - 0.001 * place

    best = max(range(len(known)), key=rating)
    return best if rating(best) >= _LEAST else None


def _told(part: Part, known: tuple[str, ...], place: int) -> str:
    """The fact, and the sentence before it when it leans on that one."""
    first = place - 1 if place and _LEANING.match(known[place]) else place
    return " ".join(as_own(_spoken(sentence), part.names) for sentence in known[first : place + 1])


def _spoken(sentence: str) -> str:
    """A remembered line without the name before it, and with an end."""
    labelled = re.match(r"^([A-Z][\w .'’-]{1,30}):\s+(.+)$", sentence)
    text = f"{labelled[1]} told me. {labelled[2]}" if labelled else sentence
    return text if text[-1:] in '.!?…"”' else f"{text}."


def _unread(told: str, written: str, cue: Cue) -> str:
    """What the prompt says of the character, cut before it could be recognised as the prompt's own sentence."""
    source = " ".join(words(written))
    for clause in re.split(r"[,;:]\s+|\s+(?:and|but|who|which|where)\s+", told):
        tokens = words(clause)
        runs = (" ".join(tokens[at : at + _LEAK_WORDS]) for at in range(max(0, len(tokens) - _LEAK_WORDS) + 1))
        shown = any(len(run.split()) == _LEAK_WORDS and run in source for run in runs)
        if not shown and re.match(r"(?:I|I'm|My)\b", clause) and stems(clause) & cue.stems:
            return f"{clause.rstrip(' .!?')}."
    return ""
