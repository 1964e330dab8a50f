"""Lore entries cut into leaves: pieces short enough to lie several of them in one prompt. Nothing is ranked here."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from greenroom.model import Character, Lore
from greenroom.text import fill, sentences

LEAF_WORDS = 120
"""Longest leaf, in words: about 160 tokens, so that the four of a usual request take a small part of a prompt."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A piece of a lore entry. `entry` counts the entries of a sheet from 0; the leaves of one entry share it.

    `keys` are the names of its subject, the title among them; not the character's own: being called is no topic.
    """

    id: str
    entry: int
    title: str
    keys: tuple[str, ...]
    text: str
    source: str
    constant: bool


def leaves(character: Character) -> tuple[Leaf, ...]:
    """All lore of a character, in the order of the sheet; what is written twice comes once.

    The id is made of the character's id and a digest of title and text, so that it outlives changes of the rest of
    the sheet.
    """
    found: dict[str, Leaf] = {}
    for number, lore in enumerate(character.sheet.lore):
        if lore.rules is not None:
            continue  # the lorebook's, which goes by its own rules
        for leaf in _leaves_of(character, number, lore):
            found.setdefault(leaf.id, leaf)
    return tuple(found.values())


def _leaves_of(character: Character, number: int, lore: Lore) -> Iterator[Leaf]:
    title = fill(lore.title, {"char": character.name}) or next(iter(lore.keys), "")
    own = {name.casefold() for name in character.names}
    keys = tuple(key for key in dict.fromkeys((title, *lore.keys)) if key and key.casefold() not in own)
    source = lore.source or _source(character)
    for text in _pieces(fill(lore.text, {"char": character.name})):
        digest = sha256(f"{title}\n{text}".encode()).hexdigest()[:12]
        yield Leaf(f"{character.id}:{digest}", number, title, keys, text, source, lore.constant)


def _source(character: Character) -> str:
    if character.origin == "cast" and character.source:
        return character.source
    return f"{character.name}'s card, by {character.source}" if character.source else f"{character.name}'s sheet"


def _pieces(text: str) -> Iterator[str]:
    """Cut at the ends of sentences; a sentence that is too long by itself is cut between words."""
    if len(text.split()) <= LEAF_WORDS:
        yield text.strip()
        return
    piece: list[str] = []
    for part in _short_parts(text):
        if piece and len(piece) + len(part) > LEAF_WORDS:
            yield " ".join(piece)
            piece = []
        piece += part
    yield " ".join(piece)


def _short_parts(text: str) -> Iterator[list[str]]:
    for sentence in sentences(text):
        tokens = sentence.split()
        for start in range(0, len(tokens), LEAF_WORDS):
            yield tokens[start : start + LEAF_WORDS]
