"""Documents cut into pieces that end at sentences, each with what it is part of.

What a piece is found by is more than its own words: its title, section and speaker, and what went just before. Alone,
"Yes, last Tuesday" answers nothing.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from greenroom.model import Document
from greenroom.text import sentences

PIECE_WORDS = 120
"""Longest piece: about 160 tokens, so that several lie in one prompt, and a small embedder reads each to its end."""
BEFORE_WORDS = 60
"""Most words of what went before."""

_HEADING = re.compile(r"^(?:#{1,6}\s+(?P<hashes>.+)|={2,6}(?P<equals>.+?)={2,6})$")
"""A heading of Markdown, or of a wiki's own language."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a document. `heading` and `before` are what it is found by beside its text."""

    section: str
    heading: str
    before: str
    text: str
    speaker: str = ""

    @property
    def for_embedding(self) -> str:
        """What is embedded: a line of a conversation as it was said, after the one before it; else with its heading.

        A conversation's title, mostly a date, draws all of its lines together (measured 2026-11-21).
        """
        if self.speaker:
            return "\n".join(filter(None, (self.before, said_by(self.speaker, self.text))))
        return "\n".join(filter(None, (self.heading, self.before, self.text)))


def pieces(document: Document, line_before: str = "") -> list[Piece]:
    """Cut a document. `line_before` is what was said before it, for a line of a conversation."""
    speaker = speaker_of(document)
    found: list[Piece] = []
    before = last_words(line_before)
    for section, text in _cut(document.text, document.title):
        heading = " \u203a ".join(filter(None, (document.title, section)))
        named = "\n".join(filter(None, (speaker, heading, ", ".join(document.aliases))))
        found.append(Piece(section, named, before, text, speaker))
        before = last_words(text)
    return found


def speaker_of(document: Document) -> str:
    """Who says the document, when it is a line of a conversation."""
    speaker = document.metadata.get("speaker")
    return " ".join(speaker.split())[:200] if isinstance(speaker, str) else ""


def said_by(speaker: str, text: str) -> str:
    """A line with its speaker, as the line after it is found by it."""
    return f"{speaker}: {text}" if speaker else text


def _cut(text: str, title: str) -> Iterator[tuple[str, str]]:
    for section, part in _sections(text):
        named = "" if section == title else section
        for piece in packed(sentences(part), PIECE_WORDS):
            yield named, piece


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """The parts below each heading, with the heading; what is above the first has none."""
    section: str = ""
    lines: list[str] = []
    for line in text.splitlines():
        heading = _heading(line.strip())
        if not heading:
            lines.append(line)
            continue
        yield section, "\n".join(lines)
        section, lines = heading[:200], []
    yield section, "\n".join(lines)


def _heading(line: str) -> str:
    """What a line says as a heading; empty for one that is none."""
    found = _HEADING.match(line)
    return (found["equals"] or found["hashes"].rstrip("#")).strip() if found else ""


def packed(parts: Iterable[str], most_words: int) -> Iterator[str]:
    """Sentences put together to pieces of at most so many words. A longer sentence is cut between words."""
    piece: list[str] = []
    for part in _short(parts, most_words):
        if piece and len(piece) + len(part) > most_words:
            yield " ".join(piece)
            piece = []
        piece += part
    if piece:
        yield " ".join(piece)


def _short(parts: Iterable[str], most_words: int) -> Iterator[list[str]]:
    for part in parts:
        tokens = part.split()
        for start in range(0, len(tokens), most_words):
            yield tokens[start : start + most_words]


def last_words(text: str) -> str:
    """As much of a text as what comes after it is found by."""
    tokens = text.split()
    return " ".join(tokens[-BEFORE_WORDS:])
