"""Which language a prompt is written in, as far as a few words tell."""

import unicodedata
from collections import Counter

from greenroom.llm.similar.lexicon.wishes import STOP_WORDS
from greenroom.text import COMMON_WORDS, words

_FREQUENT = {name: frozenset(frequent.split()) for name, frequent in STOP_WORDS.items()}
_ENGLISH = COMMON_WORDS | {"the", "of", "does", "much", "many", "tell", "give", "write"}


def language_of(text: str) -> str:
    """`en`, another code, `?SCRIPT` for a script that is not Latin, or nothing when it cannot be told."""
    scripts = Counter(_script(letter) for letter in text[:2000] if letter.isalpha())
    if not scripts:
        return ""
    script, _ = scripts.most_common(1)[0]
    if script != "LATIN":
        return "?" + script
    found = words(text[:2000])
    counts = {"en": sum(word in _ENGLISH for word in found)}
    counts |= {name: sum(word in frequent for word in found) for name, frequent in _FREQUENT.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else ""


def _script(letter: str) -> str:
    return "LATIN" if letter.isascii() else unicodedata.name(letter, "?").split()[0]
