"""Drafts that are no line at all: empty, caught in a loop, a piece of data, in another script."""

import json
import re
import unicodedata
from collections import Counter

from greenroom.model import Violation
from greenroom.quality.draft import Draft
from greenroom.quality.profile import Profile

LOOP_WORDS, LOOP_SHARE = 40, 0.2
SCRIPT_LETTERS = 12
_RUN = re.compile(r"\b(\w{2,30})(?:\W{1,3}\1\b){14}", re.IGNORECASE)
_SAME_CHARACTER = re.compile(r"([^\W\d_])\1{40}")
_MARKUP = re.compile(r"^\s*<(?:!doctype|html|div|p|span|body|\?xml)\b[^>]{0,200}>", re.IGNORECASE)


def empty(draft: Draft, profile: Profile) -> Violation | None:
    """Nothing that could be read: no letter, no digit, no picture."""
    if any(unicodedata.category(c)[0] in "LN" or unicodedata.category(c) == "So" for c in draft.text):
        return None
    return Violation(rule="empty", severity="critical", detail="The reply says nothing.", advice="Say something.")


def looping(draft: Draft, profile: Profile) -> Violation | None:
    """The same words again and again, as small models do when they have lost their way."""
    thrice = max(Counter(s.casefold() for s in draft.sentences if len(s.split()) >= 4).values(), default=0) > 2
    few = len(draft.tokens) >= LOOP_WORDS and len(set(draft.tokens)) < LOOP_SHARE * len(draft.tokens)
    if not (few or thrice or _RUN.search(draft.text) or _SAME_CHARACTER.search(draft.text)):
        return None
    return Violation(
        rule="malformed",
        severity="critical",
        detail="The reply repeats itself without end.",
        advice="Say each thing once, then stop.",
    )


def structured(draft: Draft, profile: Profile) -> Violation | None:
    """Raw JSON or HTML in place of speech."""
    text = draft.text.strip()
    if not (_MARKUP.match(text) or (text[:1] in "{[" and _is_json(text))):
        return None
    return Violation(
        rule="malformed",
        severity="critical",
        detail="The reply is a piece of data, not something said.",
        advice="Answer in plain speech, without JSON or HTML.",
    )


def foreign_script(draft: Draft, profile: Profile) -> Violation | None:
    """A reply in a script that nobody here writes, such as Han in an English conversation."""
    scripts = Counter(map(_script, filter(str.isalpha, draft.text[:500])))
    ((script, letters),) = scripts.most_common(1) or [("", 0)]
    if letters < SCRIPT_LETTERS:
        return None
    texts = (profile.about[:2000], profile.spoken[:2000], *(line.text[:300] for line in reversed(draft.lines[-10:])))
    if any(script in _scripts(text) for text in texts) or not any(map(_scripts, texts)):
        return None
    return Violation(
        rule="malformed",
        severity="critical",
        detail=f"The reply is in another script ({script.title()}) than the conversation.",
        advice="Answer in the language of the conversation.",
    )


def _is_json(text: str) -> bool:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, (dict, list)) and bool(value)


def _scripts(text: str) -> set[str]:
    return {_script(letter) for letter in set(text) if letter.isalpha()}


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]
