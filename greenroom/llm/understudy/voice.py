"""Turning sentences round, so that they fit the mouth of another speaker. English, by rule."""

import re

from greenroom.text import COMMON_WORDS

_TO_HEARER = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself", "am": "are", "i'm": "you're",
    "i've": "you've", "i'll": "you'll", "i'd": "you'd", "we": "you", "us": "you", "our": "your", "ours": "yours",
    "we're": "you're", "we've": "you've", "we'll": "you'll", "we'd": "you'd", "ourselves": "yourselves",
}  # fmt: skip
_OPENING_WORDS = {
    "the", "a", "an", "it", "its", "he", "she", "they", "his", "her", "their", "this", "that", "these", "those",
    "there", "in", "on", "at", "after", "before", "when", "while", "during", "since", "every", "each", "some", "my",
    "you", "your", "we", "our", "no", "not", "nobody", "if", "because", "and", "but", "so", "what", "who", "where",
}  # fmt: skip
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def mirrored(clause: str) -> str:
    """What somebody said of themselves, said back to them: "I sold my boat" becomes "you sold your boat"."""
    turned = _WORD.sub(lambda m: _TO_HEARER.get(m[0].casefold().replace("’", "'"), m[0]), clause)
    return re.sub(r"\byou was\b", "you were", turned)


def lowered(sentence: str) -> str:
    """The sentence with a small first letter, where that letter is not part of a name."""
    first = re.split(r"[\s,.!?'’]", sentence, maxsplit=1)[0].casefold()
    small = first != "i" and (first in _OPENING_WORDS or first in COMMON_WORDS)
    return sentence[:1].lower() + sentence[1:] if small else sentence


def capitalised(sentence: str) -> str:
    """The sentence with a capital first letter."""
    return sentence[:1].upper() + sentence[1:]


def starts_mid_sentence(text: str, place: int) -> bool:
    """Whether a word put in at this place stands inside a sentence, not at its beginning."""
    before = text[:place].rstrip()
    return bool(before) and before[-1] not in ".!?…"
