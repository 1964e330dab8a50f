"""What contradicts a locked note: the same said with and without a negation, or another value where there is only one.

It errs on the side of letting pass: what it does not understand is no contradiction.
"""

import re

from greenroom.model import Entity
from greenroom.text import content_words, sentences, words
from greenroom.world.names import key_of

_NEGATIONS = frozenset({"not", "no", "never", "cannot", "without", "nobody", "none"})
_OPPOSITES = tuple(
    (frozenset(a.split()), frozenset(b.split()))
    for a, b in (
        ("alive lives living", "dead died deceased killed"),
        ("married", "single divorced unmarried"),
        ("open opened", "closed shut"),
        ("loves adores likes", "hates loathes despises"),
        ("friend ally", "enemy foe"),
        ("human", "robot machine android"),
        ("sober", "drunk"),
        ("rich wealthy", "poor broke"),
        ("guilty", "innocent"),
        ("whole intact", "broken destroyed burned"),
    )
)
_SLOTS = tuple(
    (slot, re.compile(pattern, re.IGNORECASE))
    for slot, pattern in (
        ("age", r"\bis (?P<value>\d{1,4}) years? old\b"),
        ("home", r"\blives? (?:in|at|on) (?P<value>[^,.;]+)"),
        ("work", r"\bworks? (?:as|at|for|in) (?P<value>[^,.;]+)"),
        ("place", r"\b(?:stands|lies|is located) (?:in|at|on|near) (?P<value>[^,.;]+)"),
        ("owner", r"\bbelongs? to (?P<value>[^,.;]+)"),
        ("parent", r"\bis the (?P<value>(?:son|daughter|child) of [^,.;]+)"),
    )
)
_SHARED = 0.6


def slot_of(text: str) -> tuple[str, str]:
    """What a remark is about where only one thing can be true, and what it says; empty where it is about none."""
    for slot, pattern in _SLOTS:
        if found := pattern.search(text):
            return slot, key_of(found["value"])
    return "", ""


def contradicted(entity: Entity, text: str) -> str | None:
    """The sentence of a locked entity's note that a remark contradicts; None where it fits."""
    return next((known for known in sentences(_canon(entity)) if _contradict(known, text, entity)), None)


def _canon(entity: Entity) -> str:
    """What was written by hand; what was said in turns is no canon, and may change with them."""
    stated = (fact.text for fact in entity.facts if not fact.turn_id and not fact.invented)
    return " ".join(f"{text.rstrip('.')}." for text in (entity.canon, *stated) if text)


def _contradict(known: str, text: str, entity: Entity) -> bool:
    slot, value = slot_of(known)
    other_slot, other_value = slot_of(text)
    if slot and slot == other_slot:
        is_denied = _negates(known), _negates(text)
        return is_denied[0] != is_denied[1] if value == other_value else not any(is_denied)
    own = {word for name in entity.names for word in words(name)}
    if any(_opposed(known, text, own, a, b) for a, b in _OPPOSITES):
        return True
    if _negates(known) == _negates(text):
        return False
    kept, said = (_bare(set(content_words(part)) - own - _NEGATIONS) for part in (known, text))
    return bool(kept and said) and len(kept & said) / min(len(kept), len(said)) >= _SHARED


def _opposed(known: str, text: str, own: set[str], one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether the two say opposite words of the same thing; loving tea goes with hating coffee."""
    if _negates(known) or _negates(text):
        return False
    if not any(set(words(known)) & a and set(words(text)) & b for a, b in ((one, other), (other, one))):
        return False
    of_what = [set(content_words(part)) - own - one - other for part in (known, text)]
    return not all(of_what) or bool(of_what[0] & of_what[1])


def _bare(found: set[str]) -> set[str]:
    """Words without the ending that a verb has after he, she and it."""
    return {word.removesuffix("s") for word in found}


def _negates(text: str) -> bool:
    return any(word in _NEGATIONS or word.endswith("n't") for word in words(text))
