"""A prompt as a list of words in one spelling: contractions written out, courtesies left away, endings cut."""

import re
from dataclasses import dataclass

from greenroom.llm.similar.lexicon.courtesies import ANYWHERE, CLOSINGS, FRAMES, OPENINGS
from greenroom.llm.similar.lexicon.spellings import CONTRACTIONS
from greenroom.llm.similar.stems import stem
from greenroom.text import plain

_WORD = re.compile(
    r"\d{1,2}:\d\d(?!\d)|\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*"
    r"|[%£$€¥°#+=<>/*^&@×÷]|(?<!\w)-(?=\d)|(?<=[\d)] )-(?= [\d(])"
)
_QUOTES = str.maketrans("‘’‛´`“”„«»", "'''''\"\"\"\"\"")
_DASHES = re.compile(r"[‐‑‒–—−]")
_SENTENCE_START = re.compile(r"(?:^|[.!?…:;\n][\s\"'(*-]*|[\"(*•]\s*|^\s*-\s+)$")
_FRAMES = tuple((re.compile(rf"\b{frame}\b", re.IGNORECASE), instead) for frame, instead in FRAMES)
_OPENING = re.compile(rf"(?:^|(?<=[.!?] ))(?:{'|'.join(OPENINGS)})(?!\w)[\s,.!:;-]*", re.IGNORECASE)
_CLOSING = re.compile(rf"(?<!\w)(?:{'|'.join(CLOSINGS)})[\s.,!?]*$", re.IGNORECASE)
_ANYWHERE = re.compile(rf"(?<!\S)(?:{'|'.join(ANYWHERE)})(?![^\s,.!?])[,]?", re.IGNORECASE)


_COURTESIES = 4
"""How many courtesies may follow each other."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it is written, in lower case with one spelling, and its stem.

    `capital` says that it begins with a capital letter where no sentence begins.
    """

    written: str
    word: str
    stem: str
    capital: bool = False


def tidy(text: str) -> str:
    """The text in one typography."""
    return " ".join(_DASHES.sub("-", plain(text)).translate(_QUOTES).split())


def spoken(text: str) -> str:
    """The text without greetings, thanks and the like; all of it where it is nothing else."""
    whole = bare = tidy(text)
    for _ in range(_COURTESIES):
        bare = _CLOSING.sub("", _OPENING.sub("", bare)).lstrip(" ,").rstrip(" ,;-")
    bare = " ".join(_ANYWHERE.sub(" ", bare).split())
    return bare if _WORD.search(bare) else whole


def framed(text: str) -> str:
    """The same with one way of asking for all that ask alike: `how do i` for `what is the way to`."""
    for frame, instead in _FRAMES:
        text = frame.sub(instead, text)
    return text


def tokens(text: str) -> tuple[Token, ...]:
    """The words of a text in order."""
    shouted = _is_shouted(text)
    found: list[Token] = []
    for match in _WORD.finditer(text):
        written = match[0]
        capital = (
            written[0].isupper()
            and not shouted
            and not _SENTENCE_START.search(text, max(0, match.start() - 8), match.start())
        )
        lower = written.casefold()
        found += [Token(written, word, stem(word), capital and word == lower) for word in _written_out(lower)]
    return tuple(found)


def _written_out(word: str) -> tuple[str, ...]:
    if word in CONTRACTIONS:
        return CONTRACTIONS[word]
    for ending, instead in _SHORT_ENDINGS:
        if word.endswith(ending) and len(word) > len(ending):
            return (word[: -len(ending)], *instead)
    return (word.replace("'", ""),)


_SHORT_ENDINGS = (
    ("n't", ("not",)),
    ("'re", ("are",)),
    ("'ve", ("have",)),
    ("'ll", ("will",)),
    ("'m", ("am",)),
    ("'d", ("would",)),
    ("'s", ()),
    ("s'", ("s",)),
)


def _is_shouted(text: str) -> bool:
    """Whether capital letters say nothing: all letters are, or nearly every word begins with one."""
    words = re.findall(r"[^\W\d_]{2,}", text)
    capitals = sum(w[0].isupper() for w in words)
    return len(words) > 2 and capitals >= 0.75 * len(words)
