"""What is being talked about, as words with a weight: those of the newest line, and less, those of the lines before."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from greenroom.model import RetrieveRequest
from greenroom.text import content_words, plain, words

RECENT_WEIGHT = 0.4
"""How much a word of an earlier line counts beside one of the newest."""

_RECENT_LINES = 4
_CHARACTERS_READ = 4000
_TERMS = 24
_EARLIER_TERMS = 12
_POSSESSIVE = re.compile(r"['’]s\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Topic:
    """Words that carry the topic, each once, and the lines as runs of words, for keys of several words."""

    newest: tuple[str, ...]
    earlier: tuple[str, ...]
    line: tuple[str, ...]
    lines_before: tuple[str, ...]


def topic(request: RetrieveRequest, own_names: Iterable[str]) -> Topic:
    """Read what was said. The character's own names are left out: being called is no topic.

    At most 4000 characters of the newest line and of the last four lines before it are read, and of these at most
    24 and 12 different content words: enough for any remark, and a bound for the time that a search takes.
    """
    own = {word for name in own_names for word in spoken_words(name)}
    line = request.query[:_CHARACTERS_READ]
    before = "\n".join(request.recent[-_RECENT_LINES:])[-_CHARACTERS_READ:]
    newest = _terms(line, own)
    earlier = [word for word in _terms(before, own) if word not in newest]
    return Topic(
        newest=tuple(newest[:_TERMS]),
        earlier=tuple(earlier[:_EARLIER_TERMS]),
        line=tuple(spoken_words(line)),
        lines_before=tuple(spoken_words(before)),
    )


def spoken_words(text: str) -> list[str]:
    """The words of a text without the possessive 's, so that "Brian's" speaks of "Brian"."""
    return words(_POSSESSIVE.sub("", plain(text)))


def _terms(text: str, left_out: set[str]) -> list[str]:
    found = content_words(_POSSESSIVE.sub("", plain(text)))
    return [word for word in dict.fromkeys(found) if word not in left_out]
