"""The two kinds of files in a cast folder: `<character>.toml`, and pages of lore, `lore/<page>.md`.

A page begins with TOML between two lines `+++`; its text follows:

    +++
    title = "The Drunken Clam"
    keys = ["clam", "bar"]
    who = ["peter", "brian"]    # or absent: everyone of this cast
    +++
    The bar at the end of the street …
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from greenroom.characters.naming import id_of
from greenroom.characters.positions import Path, lines_of, nearest_line
from greenroom.characters.sheets import Fault, read
from greenroom.model import Lore, NonBlank, Sheet, SheetProblem, Value

_MOST_FAULTS = 20
"""Problems told of one file; whoever mends these sees the rest."""

_FENCE = "+++"

V = TypeVar("V", bound=Value)


class Broken(Exception):
    """A file cannot be used. Caught where the folder is read, where its problems join those of the other files."""

    def __init__(self, *problems: SheetProblem) -> None:
        self.problems = problems
        super().__init__(*problems)


class _Front(Value):
    title: str = ""
    keys: tuple[str, ...] = ()
    who: tuple[NonBlank, ...] | None = None
    constant: bool = False


@dataclass(frozen=True, slots=True)
class LorePage:
    """A page of lore. `who` holds ids of characters, None means all; `who_line` is where the file says so."""

    lore: Lore
    who: tuple[str, ...] | None
    who_line: int

    def is_for(self, id_: str) -> bool:
        """Whether this character knows the page."""
        return self.who is None or any(id_ == id_of(name) for name in self.who)


def read_sheet(file: str, content: bytes) -> Sheet:
    """Read a character's file. Raises: Broken."""
    return _read_toml(file, _text(file, content), Sheet)[0]


def read_page(file: str, content: bytes) -> LorePage:
    """Read a page of lore. Raises: Broken."""
    fence, *lines = _text(file, content).split("\n")
    if fence.strip() != _FENCE:
        raise Broken(SheetProblem(file=file, line=1, problem=f"a page of lore begins with a line {_FENCE}"))
    ends = [n for n, line in enumerate(lines) if line.strip() == _FENCE]
    if not ends:
        raise Broken(SheetProblem(file=file, line=1, problem=f"the second line {_FENCE} is missing"))
    front, places = _read_toml(file, "\n".join(lines[: ends[0]]), _Front, lines_above=1)
    text = "\n".join(lines[ends[0] + 1 :]).strip()
    if not text:
        raise Broken(SheetProblem(file=file, line=ends[0] + 2, problem=f"there is no text below the second {_FENCE}"))
    lore = Lore(title=front.title, keys=front.keys, text=text, constant=front.constant)
    return LorePage(lore=lore, who=front.who, who_line=nearest_line(places, ("who",)) + 1)


def _text(file: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        raise Broken(SheetProblem(file=file, line=line, problem="is not UTF-8; save the file as UTF-8")) from exc


def _read_toml(file: str, text: str, kind: type[V], lines_above: int = 0) -> tuple[V, dict[Path, int]]:
    content, places = _parse(file, text, lines_above)
    value, faults = read(content, kind)
    if value is None:
        raise Broken(*(_problem(file, fault, places, lines_above) for fault in faults[:_MOST_FAULTS]))
    return value, places


def _parse(file: str, text: str, lines_above: int) -> tuple[Mapping[str, Any], dict[Path, int]]:
    try:
        return tomllib.loads(text), lines_of(text)
    except RecursionError as exc:
        raise Broken(SheetProblem(file=file, line=None, problem="is nested too deeply")) from exc
    except ValueError as exc:
        said, line = _syntax_error(str(exc), text)
        raise Broken(SheetProblem(file=file, line=line + lines_above, problem=said)) from exc


def _syntax_error(said: str, text: str) -> tuple[str, int]:
    """Take tomllib's message apart: `Invalid value (at line 2, column 5)`, `… (at end of document)`."""
    match = re.search(r" \(at line (\d+), (column \d+)\)$", said)
    if match is None:
        return f"is not TOML: {said}", text.rstrip("\n").count("\n") + 1
    return f"is not TOML: {said[: match.start()]} ({match[2]})", int(match[1])


def _problem(file: str, fault: Fault, places: dict[Path, int], lines_above: int) -> SheetProblem:
    named = f"{'.'.join(map(str, fault.path))}: " if fault.path else ""
    line = nearest_line(places, fault.path) + lines_above
    return SheetProblem(file=file, line=line, problem=named + fault.problem)
