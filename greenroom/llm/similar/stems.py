"""The forms of one English word brought together. Coarse: it need not know more than which words are the same word."""

import re

from greenroom.llm.similar.lexicon.spellings import (
    ADJECTIVES,
    COMPARATIVES,
    IRREGULAR,
    SPELLINGS,
    SUPERLATIVES,
    UNTOUCHED,
)


def stem(word: str) -> str:
    """A word without its ending: the same for the forms of a regular English word, and for many irregular ones."""
    word = SPELLINGS.get(word, word)
    word = COMPARATIVES.get(word) or SUPERLATIVES.get(word) or word
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word in UNTOUCHED or len(word) < 4 or not word.isalpha():
        return word
    return _without_e(_uncut(_without_ly(word)))


def _without_ly(word: str) -> str:
    """An adverb as its adjective, where that is a known one: `slowly`."""
    return word[:-2] if word.endswith("ly") and word[:-2] in ADJECTIVES else word


def _uncut(word: str) -> str:
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and _VOWEL.search(word[: -len(ending)]):
            rest = word[: -len(ending)] + instead
            return _DOUBLED.sub(r"\1", rest) if ending in {"ing", "ed", "er"} else rest
    return word


def _without_e(word: str) -> str:
    if word.endswith("e") and len(word) > 3:
        return word[:-1]
    return word[:-1] + "i" if word.endswith("y") and len(word) > 3 and word[-2] not in "aeiou" else word


_VOWEL = re.compile(r"[aeiouy]")
_DOUBLED = re.compile(r"([bdfgmnprt])\1$")
_ENDINGS = (
    ("sses", "ss"),
    ("ches", "ch"),
    ("shes", "sh"),
    ("xes", "x"),
    ("ies", "y"),
    ("ied", "y"),
    ("ing", ""),
    ("ed", ""),
    ("us", "us"),
    ("ss", "ss"),
    ("is", "is"),
    ("s", ""),
)
