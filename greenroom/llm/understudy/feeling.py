"""What a character feels for somebody, said aloud. A sheet puts it in whatever form: a noun, a verb, a remark."""

import re

from greenroom.llm.understudy.first_person import second_to_first
from greenroom.llm.understudy.voice import capitalised
from greenroom.text import shingles, words

_FEELING = re.compile(
    r"^(love|like|adore|hate|loathe|fear|despise|trust|respect|envy|tolerate|admire|resent|miss|enjoy|ignore|want|need"
    r"|protect|avoid|mock|owe|pity|distrust|worship|consider|call|see|treat|find|think|believe|know|get|share)(e?s)?\b"
)
_STATE = re.compile(
    r"^(fond|afraid|scared|jealous|proud|wary|suspicious|tired|terrified|sick|devoted|loyal|close|in love|indifferent"
    r"|grateful|protective|curious|annoyed|hostile|polite|friendly)\b"
)
_RELATIVE = re.compile(
    r"[;:]|\. |,?\s(?:and says|and is|(?:to |with |for |of )?(?:who|whom|whose|which|when|that))\b|\shas been\b"
)
_ADDRESSED = re.compile(r"\byou(?:r|rs|rself|'re|'ve|'d|'ll)?\b", re.IGNORECASE)
_THIRD = re.compile(r"\b(?:he|she|his|her|him|they|their)\b", re.IGNORECASE)
_MOST_WORDS, _MOST_WORDS_ADDRESSED, _ROW = 10, 30, 11


def feeling(who: str, how: str) -> str:
    """What the character feels for somebody, in a sentence or two; empty where `how` does not allow it."""
    how = how.strip(" .")
    if _ADDRESSED.search(how) and len(how.split()) <= _MOST_WORDS_ADDRESSED:
        clauses = [second_to_first(clause.strip()) for clause in how.split(";") if clause.strip()]
    else:
        clauses = [
            _short(how),
            *(c.strip() for c in how.split(";")[1:2] if not _THIRD.search(c) and len(c.split()) <= 14),
        ]
    while clauses and _shows(" ".join(clauses), how):
        clauses.pop()
    if not clauses or not clauses[0]:
        return ""
    first, *rest = clauses
    return " ".join([f"{capitalised(who)}? {_sentence(first)}", *(f"{capitalised(clause)}." for clause in rest)])


def _shows(told: str, how: str) -> bool:
    """Whether so many words of the sheet stand in a row that it could be recognised."""
    return bool(shingles(words(told), _ROW) & shingles(words(how), _ROW)) and len(words(told)) >= _ROW


def _short(how: str) -> str:
    """The clauses at the beginning that stay clear of other people's pronouns."""
    how = re.sub(r"^(?:his|her|their)\b", "my", _RELATIVE.split(how)[0].strip(" ,"))
    clauses = how.split(", ")
    while len(clauses) > 1 and len(", ".join(clauses).split()) > _MOST_WORDS:
        clauses.pop()
    return ", ".join(clauses) if len(", ".join(clauses).split()) <= _MOST_WORDS else ""


def _sentence(how: str) -> str:
    lowered = how[:1].lower() + how[1:]
    if verb := _FEELING.match(lowered):
        return f"I {verb[1]}{lowered[verb.end() :]}."
    return f"I'm {lowered}." if _STATE.match(lowered) else f"{capitalised(how)}."
