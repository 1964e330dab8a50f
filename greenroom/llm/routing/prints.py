"""What is kept of a text to learn from: its features, and marks of its words. The text cannot be read from it."""

import math
import zlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from greenroom.llm.routing.features import FEATURES, bounded, features
from greenroom.text import words

MARKS = 1 << 16
"""How many different marks there are; words, and pairs of words, share them."""

_MOST_MARKS = 600
_FORM = bytes([1, len(FEATURES)])
"""How prints are written. Those of another form, from before an upgrade, are not read."""


@dataclass(frozen=True, slots=True)
class Print:
    """`features` are in the order of `FEATURES`; `marks` are different numbers below `MARKS`, in order."""

    features: Sequence[float]
    marks: Sequence[int]

    @property
    def weight(self) -> float:
        """What each mark counts, so that long texts have no more to say than short ones."""
        return 1 / math.sqrt(max(1, len(self.marks)))

    def packed(self) -> bytes:
        """The print as it is kept: some hundred bytes, and 1.3 kB at most."""
        return _FORM + array("f", self.features).tobytes() + array("H", self.marks).tobytes()


def printed(text: str, characters_before: int = 0) -> Print:
    """The print of a text, after so many characters of conversation."""
    found = array("f", features(text, characters_before).values())
    said = words(bounded(text))
    terms = {*said, *(f"{one} {next_one}" for one, next_one in pairwise(said))}
    marks = {zlib.crc32(term.encode()) % MARKS for term in terms}
    return Print(found, array("H", sorted(marks)[:_MOST_MARKS]))


def unpacked(content: bytes) -> Print | None:
    """The print that was kept; None when it has another form."""
    if content[: len(_FORM)] != _FORM:
        return None
    end = len(_FORM) + len(FEATURES) * array("f").itemsize
    found, marks = array("f"), array("H")
    found.frombytes(content[len(_FORM) : end])
    marks.frombytes(content[end:])
    return Print(found, marks)
