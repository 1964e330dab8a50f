"""Reads what an author wrote into a sheet, and says of each mistake where it is and what to do."""

import hashlib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Literal, NamedTuple, TypeVar, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticSerializationError, to_json

from greenroom.characters.naming import one_line
from greenroom.characters.positions import Path
from greenroom.errors import InvalidInput, TooLarge
from greenroom.model import (
    Character,
    CharacterId,
    Example,
    Interest,
    Lore,
    Mood,
    Options,
    Relationship,
    Sheet,
    Speaking,
    Timing,
    Value,
)

MAX_SHEET_BYTES = 1_000_000
"""Largest sheet as JSON. The longest lorebooks that people share are about half of that."""

_PARTS: dict[str, type[Value]] = {
    "speaking": Speaking,
    "interests": Interest,
    "relationships": Relationship,
    "timing": Timing,
    "examples": Example,
    "lore": Lore,
    "settings": Options,
}
_MOODS = get_args(Mood)
_SURELY_MEANT = 0.85
"""Likeness from which a sampling option that we do not know counts as misspelt; others travel on to the model."""

V = TypeVar("V", bound=Value)


class Fault(NamedTuple):
    """What is wrong, and at which path of the document."""

    path: Path
    problem: str


def read(content: Mapping[str, Any], kind: type[V]) -> tuple[V | None, list[Fault]]:
    """Read a document: the value, or None and everything that is wrong with it."""
    faults = list(_unknown_keys(content, kind))
    try:
        value = kind.model_validate_json(to_json(content), strict=True)
    except ValidationError as exc:
        return None, faults + [_fault(details) for details in exc.errors(include_url=False)]
    except PydanticSerializationError:
        return None, [*faults, Fault((), "holds text that is not Unicode (half of a surrogate pair)")]
    return (None if faults else value), faults


def sheet_from(content: Mapping[str, Any]) -> Sheet:
    """Read a sheet that came over the API. Raises: InvalidInput, which names each field; TooLarge."""
    sheet, faults = read(content, Sheet)
    if sheet is None:
        named = [f"{'.'.join(map(str, f.path))}: {f.problem}" if f.path else f.problem for f in faults]
        raise InvalidInput("the sheet cannot be used: " + "; ".join(named[:10]))
    check_size(sheet)
    return sheet


def check_size(sheet: Sheet) -> None:
    """Raises: TooLarge."""
    size_bytes = len(sheet.model_dump_json())
    if size_bytes > MAX_SHEET_BYTES:
        raise TooLarge(
            f"the character {sheet.name!r} takes {size_bytes:,} bytes; at most {MAX_SHEET_BYTES:,}. Shorten its lore"
        )


def character_of(id_: CharacterId, sheet: Sheet, origin: Literal["cast", "database"], source: str) -> Character:
    """The character that a sheet describes. Its version is a digest: the same text, the same version."""
    version = hashlib.sha256(sheet.model_dump_json().encode()).hexdigest()[:12]
    return Character(id=id_, sheet=sheet, origin=origin, version=version, source=source)


def _unknown_keys(content: Mapping[str, Any], kind: type[Value], path: Path = ()) -> Iterator[Fault]:
    for key, value in content.items():
        if key not in kind.model_fields:
            yield from _unknown_key(key, kind, path)
        elif kind is Sheet and key in _PARTS:
            for place, part in _tables(value, (key,)):
                yield from _unknown_keys(part, _PARTS[key], place)
        elif kind is Timing and key == "delays_s":
            yield from _unknown_moods(value, (*path, key))


def _unknown_moods(delays: Any, path: Path) -> Iterator[Fault]:
    for mood in delays if isinstance(delays, Mapping) else ():
        if mood not in _MOODS:
            meant = get_close_matches(mood, _MOODS, 1)
            hint = f"did you mean {meant[0]!r}?" if meant else "known: " + ", ".join(map(repr, _MOODS))
            yield Fault((*path, mood), f"unknown mood {one_line(mood, 60)!r}; {hint}")


def _tables(value: Any, path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    if isinstance(value, Mapping):
        yield path, value
    elif isinstance(value, list):
        yield from (((*path, i), entry) for i, entry in enumerate(value) if isinstance(entry, Mapping))


def _unknown_key(key: str, kind: type[Value], path: Path) -> Iterator[Fault]:
    known = list(kind.model_fields)
    if kind is Options:
        meant = get_close_matches(key, known, 1, _SURELY_MEANT)
        if meant and key != "max_tokens":
            yield Fault((*path, key), f"unknown option {key!r}; did you mean {meant[0]!r}?")
        return
    yield Fault((*path, key), f"unknown key {one_line(key, 60)!r}; {_hint(key, kind, known)}")


def _hint(key: str, kind: type[Value], known: list[str]) -> str:
    meant = get_close_matches(key, known, 1)
    if meant:
        return f"did you mean {meant[0]!r}?"
    if kind is not Sheet and key in Sheet.model_fields:
        return "it belongs at the top, above the first [table]"
    for part, inner in _PARTS.items():
        if kind is Sheet and key in inner.model_fields:
            return (
                f"it belongs in [{part}]" if part in {"speaking", "timing", "settings"} else f"it belongs in [[{part}]]"
            )
    return "known: " + ", ".join(map(repr, known))


def _fault(details: ErrorDetails) -> Fault:
    kind, given = details["type"], details["input"]
    if kind == "missing":
        return Fault(details["loc"], "is missing")
    said = details["msg"].removeprefix("Value error, ").replace("Input should", "should", 1)
    shown = "" if isinstance(given, dict | list) else f", not {one_line(repr(given), 60)}"
    return Fault(details["loc"], said + shown)
