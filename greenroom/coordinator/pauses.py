"""How long a character waits before it falls in: by its mood, by how lively the conversation is, and never at once."""

import re
from collections.abc import Sequence
from datetime import datetime

from greenroom.coordinator.dice import drawn
from greenroom.model import Character, Message, Mood
from greenroom.text import content_words, words

SHORTEST_S, LONGEST_S = 1.0, 12.0
"""No pause is shorter or longer. Source: the product's contract."""

_USUAL_S: dict[Mood, tuple[float, float]] = {
    "excited": (1.0, 3.0),
    "annoyed": (1.5, 4.0),
    "bored": (5.0, 11.0),
    "thoughtful": (3.0, 8.0),
    "plotting": (4.0, 9.0),
}
"""The pauses of a character whose sheet says nothing of them."""

_LIVELY_LINES = 8
"""So many lines within a minute are as lively as it gets."""
_IN_A_HURRY = 0.6
"""What is left of a pause in the liveliest conversation."""

_PLOTS = frozenset(["conquer", "destroy", "plan", "plot", "revenge", "ruin", "scheme", "secret", "steal", "trick"])
_SHOUTS = re.compile(r"!|\b[A-Z]{4,}\b")
_LONG_LINE = 25
_FEELS = 0.2


def mood_of(character: Character | None, last: Message | None) -> Mood:
    """In which mood a character answers a line: by what it cares for, how it was said, and who said it."""
    if last is None or character is None:
        return "thoughtful"
    said = set(content_words(last.content))
    if said & _PLOTS and "plotting" in character.sheet.timing.delays_s:
        return "plotting"
    if any(i.weight >= 0.5 and said & {*i.keywords, *content_words(i.topic)} for i in character.sheet.interests):
        return "excited"
    if any(r.who.casefold() == last.author.casefold() and r.warmth < _FEELS for r in character.sheet.relationships):
        return "annoyed"
    if _SHOUTS.search(last.content):
        return "excited"
    return "thoughtful" if "?" in last.content or len(words(last.content)) > _LONG_LINE else "bored"


def momentum(history: Sequence[Message], now: datetime) -> float:
    """How lively a conversation is, 0–1: by the lines of the last minute."""
    recent = [line for line in history if line.said_at and (now - line.said_at).total_seconds() <= 60]
    return min(1.0, len(recent) / _LIVELY_LINES)


def pause_s(character: Character | None, mood: Mood, lively: float, seed: str) -> float:
    """A pause between 1 and 12 seconds; the same for the same seed. `lively` 0–1 makes it shorter."""
    own = character.sheet.timing.delays_s if character else {}
    shortest, longest = own.get(mood) or _USUAL_S[mood]
    drawn_s = shortest + (longest - shortest) * drawn(f"pause {seed}")
    return round(min(LONGEST_S, max(SHORTEST_S, drawn_s * (1 - (1 - _IN_A_HURRY) * lively))), 2)
