"""Texts as the terms that they are found by, the same for every database: words without their endings.

The databases' own readers are not used: SQLite and PostgreSQL cut and stem differently, and would find other things.
"""

import re
from functools import cache, lru_cache
from threading import Lock
from typing import Any

from greenroom.text import COMMON_WORDS, plain, words

_POSSESSIVE = re.compile(r"['’]s\b", re.IGNORECASE)
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
"""Scripts without room between words (Thai, Lao, Japanese, Chinese), and Korean, whose words have many endings."""
_LONGEST = 64

_stemming = Lock()  # the stemmer keeps the word that it works on in itself


def terms(text: str) -> list[str]:
    """The terms of a text in their order, common words left out; the same term as often as it comes."""
    found: list[str] = []
    for word in words(_POSSESSIVE.sub("", plain(text))):
        if word in COMMON_WORDS:
            continue
        term = word.replace("'", "")[:_LONGEST]
        if term.isascii() or not _UNSPACED.search(term):
            found.append(_stem(term))
        else:
            found += _pairs(term)
    return found


def _pairs(word: str) -> list[str]:
    """Two signs at a time, which is how texts without spaces are found (bigrams)."""
    return [word[start : start + 2] for start in range(max(1, len(word) - 1))]


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    with _stemming:
        stem: str = _stemmer().stemWord(word)
    return stem


@cache
def _stemmer() -> Any:
    import snowballstemmer  # forty languages: a tenth of a second, which the start need not wait for

    return snowballstemmer.stemmer("english")
