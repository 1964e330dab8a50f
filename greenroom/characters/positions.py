"""On which line each key and value of a TOML document stands, for messages to authors.

Reads only documents that `tomllib` has accepted; the values themselves come from there.
"""

import re
import tomllib
from collections.abc import Iterator
from typing import NamedTuple

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""
    (?P<skip>[ \t\r]+|\#[^\n]*)
    | (?P<newline>\n)
    | (?P<string>\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*')
    | (?P<mark>[\[\]{},=.])
    | (?P<bare>[^\s\[\]{},=.\#"']+)
    """,
    re.VERBOSE | re.DOTALL,
)


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


def lines_of(text: str) -> dict[Path, int]:
    """Map the path of each key, table and array element to its line, counted from 1.

    Example: `[[lore]]` on line 3 with `keys = ["a",` on line 4 and `"b"]` on line 5 gives
    {("lore", 0): 3, ("lore", 0, "keys"): 4, ("lore", 0, "keys", 0): 4, ("lore", 0, "keys", 1): 5}.
    """
    return _Reader(text).document()


def nearest_line(lines: dict[Path, int], path: Path) -> int:
    """The line of a path, or of the innermost part of it that is written down; else 1."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = [*_tokens(text), _Token("end", "", 0)]
        self._at = 0
        self._lines: dict[Path, int] = {}
        self._tables: dict[Path, int] = {}

    def document(self) -> dict[Path, int]:
        table: Path = ()
        while self._next.kind != "end":
            if self._next.kind == "newline":
                self._take()
            elif self._next.text == "[":
                table = self._header()
            else:
                self._pair(table)
        return self._lines

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _header(self) -> Path:
        """Read `[a.b]` or `[[a.b]]`; a name that is a list of tables means the last table of it."""
        line = self._take().line
        is_list = self._next.text == "["
        if is_list:
            self._take()
        *parents, last = self._key()
        path: Path = ()
        for name in parents:
            path = self._entry((*path, name))
        path = (*path, last)
        if is_list:
            self._tables[path] = self._tables.get(path, -1) + 1
        path = self._entry(path)
        self._lines.setdefault(path, line)
        self._at += 1 + is_list
        return path

    def _entry(self, path: Path) -> Path:
        return (*path, self._tables[path]) if path in self._tables else path

    def _pair(self, table: Path) -> None:
        line = self._next.line
        path = (*table, *self._key())
        self._take()
        self._lines[path] = line
        self._value(path)

    def _key(self) -> list[str]:
        names = [_name(self._take())]
        while self._next.text == ".":
            self._take()
            names.append(_name(self._take()))
        return names

    def _value(self, path: Path) -> None:
        if self._next.text == "[":
            self._take()
            self._array(path)
        elif self._next.text == "{":
            self._take()
            self._inline_table(path)
        else:
            while self._next.kind not in {"newline", "end"} and self._next.text not in {",", "]", "}"}:
                self._take()

    def _array(self, path: Path) -> None:
        index = 0
        while self._next.text != "]":
            if self._next.kind == "newline" or self._next.text == ",":
                self._take()
                continue
            self._lines[(*path, index)] = self._next.line
            self._value((*path, index))
            index += 1
        self._take()

    def _inline_table(self, path: Path) -> None:
        while self._next.text != "}":
            if self._next.kind == "newline" or self._next.text == ",":
                self._take()
            else:
                self._pair(path)
        self._take()


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind != "skip":
            yield _Token(kind, match[0], line)
        line += match[0].count("\n")


def _name(token: _Token) -> str:
    return next(iter(tomllib.loads(f"{token.text} = 0")))
