"""What somebody said of themselves earlier in a conversation: their name, and what answers a question about them."""

import re
from collections.abc import Iterator

from greenroom.llm.understudy.chatspeak import spelled_out
from greenroom.llm.understudy.cue import Cue, clause_in, stems
from greenroom.llm.understudy.voice import capitalised, mirrored
from greenroom.text import plain, sentences

_TOLD_NAME = re.compile(
    r"\b(?:my name(?:'s|’s| is)|call me|i am called|i'm called)\s+(?P<name>[^\W\d_][\w'’-]*(?: (?-i:[A-Z])[\w'’-]*)?)"
    r"|^\W*(?:(?:hi|hello|hey)\W+)?(?:i'm|i’m|i am)\s+(?P<short>(?-i:[A-Z])[\w'’-]+)\s*(?:[.,!]|and\b|$)",
    re.IGNORECASE,
)
_CHARACTERS = 600
_LINES = 100


def told_name(lines: list[str]) -> str:
    """The name that a speaker gave last in these lines, oldest first; empty when none."""
    for line in reversed(lines[-_LINES:]):
        for found in reversed(list(_TOLD_NAME.finditer(line[:_CHARACTERS]))):
            return capitalised(found["name"] or found["short"])
    return ""


def told_before(cue: Cue, lines: list[str]) -> str:
    """What answers a question of the speaker about themselves, said back to them: "you have two cats"; or nothing."""
    asked = cue.stems
    rated = [
        (len(stems(clause) & asked) / len(asked), -age, clause)
        for age, clause in enumerate(_clauses(lines))
        if asked and stems(clause) & asked
    ]
    share, _, clause = max(rated, default=(0.0, 0, ""))
    return mirrored(clause) if share >= 1 / 3 else ""


def _clauses(lines: list[str]) -> Iterator[str]:
    """The plain statements of the lines, the newest first; not what was asked."""
    for line in reversed(lines[-_LINES:]):
        for sentence in sentences(spelled_out(plain(line[:_CHARACTERS]))):
            for half in re.split(r",?\s+(?:and|but)\s+(?=(?:i|my|we)\b)", sentence, flags=re.IGNORECASE):
                if clause := clause_in(half):
                    yield clause
