"""The lorebook inside a card (`character_book`) as lore, and back.

Only text, keys, title and `constant` are read here; a book's other rules stay in the card, untouched.
"""

import copy
import re
from collections import deque
from typing import Any

from greenroom.characters.card_text import text_of, texts_of
from greenroom.model import Lore

_DECORATORS = re.compile(r"\A(?:\s*@@[^\n]*(?:\n|\Z))+")
"""Lines such as `@@depth 4` before the text. Source: Character Card V3, "Decorators"."""


def read_book(book: Any) -> tuple[Lore, ...]:
    """The enabled entries that say something."""
    return tuple(lore for lore in map(_lore, _entries(book)) if lore)


def write_book(book: Any, lore: tuple[Lore, ...]) -> dict[str, Any]:
    """The book with this lore in it.

    Entries that say the same stay as they are, with all their rules, and so do entries that are switched off; an entry
    whose title or keys are still there gets the new text.
    """
    shelf = _Shelf(book)
    written = [_entry(piece, shelf.take(piece), number) for number, piece in enumerate(lore)]
    return {**(book if isinstance(book, dict) else {"extensions": {}}), "entries": written + shelf.switched_off}


class _Shelf:
    """The entries of a book, to be taken by what they say, else by title, else by keys; each once."""

    def __init__(self, book: Any) -> None:
        self.switched_off: list[dict[str, Any]] = []
        self._by_mark: dict[Any, deque[tuple[int, dict[str, Any], Lore]]] = {}
        self._taken: set[int] = set()
        for number, entry in enumerate(_entries(book)):
            lore = _lore(entry)
            if lore is None:
                self.switched_off.append(entry)
                continue
            for mark in _marks(lore):
                self._by_mark.setdefault(mark, deque()).append((number, entry, lore))

    def take(self, piece: Lore) -> tuple[dict[str, Any], Lore] | None:
        for mark in _marks(piece):
            waiting = self._by_mark.get(mark)
            while waiting:
                number, entry, lore = waiting.popleft()
                if number not in self._taken:
                    self._taken.add(number)
                    return entry, lore
        return None


def _marks(lore: Lore) -> list[Any]:
    marks = [(lore.title, lore.keys, lore.text, lore.constant), lore.title, lore.keys]
    return [mark for mark in marks if mark]


def _entries(book: Any) -> list[dict[str, Any]]:
    """A list in cards; an object by uid in exports of world info."""
    entries = book.get("entries") if isinstance(book, dict) else None
    listed = list(entries.values()) if isinstance(entries, dict) else entries if isinstance(entries, list) else []
    return [entry for entry in listed if isinstance(entry, dict)]


def _lore(entry: dict[str, Any]) -> Lore | None:
    text = _DECORATORS.sub("", text_of(entry.get("content"))).strip()
    if not text or entry.get("enabled") is False or entry.get("disable") is True:
        return None
    title = text_of(entry.get("name")) or text_of(entry.get("comment"))
    keys = texts_of(entry.get("keys") or entry.get("key"))
    return Lore(title=title, keys=keys, text=text, constant=entry.get("constant") is True)


def _entry(piece: Lore, origin: tuple[dict[str, Any], Lore] | None, number: int) -> dict[str, Any]:
    if origin and origin[1] == piece:
        return origin[0]
    fresh = {"extensions": {}, "insertion_order": 100 + number, "use_regex": False}
    old = copy.deepcopy(origin[0]) if origin else fresh
    decorators = _DECORATORS.match(text_of(old.get("content")))
    new = {
        "name": piece.title,
        "keys": list(piece.keys),
        "content": (decorators[0] if decorators else "") + piece.text,
        "constant": piece.constant,
        "enabled": True,
    }
    return old | new
