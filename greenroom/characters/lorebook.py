"""The lorebook inside a card (`character_book`) as lore, and back.

What is read here are text, keys, title, and the rules that `retriever/lorebook.py` keeps to; the others (regular
expressions, groups, depths, most decorators) stay in the card, untouched.
Source: the specifications of Character Card V2 and V3, and SillyTavern's world info.
"""

import copy
import re
from collections import deque
from typing import Any, Literal

from greenroom.characters.card_text import number_of, part_of, text_of, texts_of
from greenroom.model import BookRules, Lore, LoreRules

_LOGIC: dict[int, Literal["any", "not_all", "none", "all"]] = {0: "any", 1: "not_all", 2: "none", 3: "all"}
_DECORATORS = re.compile(r"\A(?:\s*@@[^\n]*(?:\n|\Z))+")
"""Lines such as `@@depth 4` before the text. Source: Character Card V3, "Decorators"."""


def read_book(book: Any) -> tuple[Lore, ...]:
    """The enabled entries that say something."""
    return tuple(lore for lore in map(_lore, _entries(book)) if lore)


def read_book_rules(book: Any) -> BookRules:
    """What holds for the whole book; the defaults where nothing is said."""
    if not isinstance(book, dict):
        return BookRules()
    budget = number_of(book.get("token_budget"), 0)
    return BookRules(
        scan_depth=_count(book.get("scan_depth"), BookRules().scan_depth),
        token_budget=_count(budget, 0, 100_000) or None,
        recursive=book.get("recursive_scanning") is True,
    )


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
    rules = _rules(entry)
    kept = None if rules == LoreRules(order=rules.order, priority=rules.priority) else rules
    return Lore(title=title, keys=keys, text=text, constant=entry.get("constant") is True, rules=kept)


def _rules(entry: dict[str, Any]) -> LoreRules:
    """The rules of an entry: where a card has them, under `extensions` where SillyTavern does, or as in world info."""
    said = {**entry, **part_of(entry, "extensions")}
    secondary = texts_of(entry.get("secondary_keys") or entry.get("keysecondary"))
    depth = said.get("scan_depth", said.get("scanDepth"))
    likely = said.get("useProbability", True) is not False
    return LoreRules(
        secondary_keys=secondary if entry.get("selective", bool(secondary)) else (),
        logic=_LOGIC.get(_count(said.get("selectiveLogic"), 0), "any"),
        case_sensitive=bool(said.get("case_sensitive") or said.get("caseSensitive")),
        whole_words=_first_of(said, "match_whole_words", "matchWholeWords") is not False,
        scan_depth=None if depth is None else _count(depth, 4),
        order=_count(entry.get("insertion_order", entry.get("order")), 100, 1_000_000),
        priority=_count(entry.get("priority"), 0, 1_000_000),
        position="before" if entry.get("position") in ("before_char", 0) else "after",
        probability=min(100.0, max(0.0, number_of(said.get("probability"), 100))) if likely else 100,
        sticky=_count(said.get("sticky"), 0),
        cooldown=_count(said.get("cooldown"), 0),
        delay=_count(said.get("delay"), 0),
        exclude_recursion=bool(_first_of(said, "exclude_recursion", "excludeRecursion")),
        prevent_recursion=bool(_first_of(said, "prevent_recursion", "preventRecursion")),
    )


def _first_of(said: dict[str, Any], *names: str) -> Any:
    return next((said[name] for name in names if said.get(name) is not None), None)


def _count(value: Any, default: int, most: int = 1000) -> int:
    return int(min(most, max(0, number_of(value, default))))


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
