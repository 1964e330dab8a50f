"""The line of everything in a TOML document."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.characters.positions import Path, lines_of, nearest_line

DOCUMENT = '''\
name = "a [b] = 'c' # d"  # e = 1
"quoted key" = 1.5
long = """
x = 1
[no]
"""""

list = [  # one
  "a", 'b',
  { c = 1, d.e = [2,
    3] },
]
date = 1979-05-27 07:32:00
[one.two]
three.four = 0x1F

[[many]]
x = 1
[[many.inner]]
y = 1
[[many.inner]]
y = 2
[[many]]
[many.table]
z = \'\'\'
\'\'\'
'''


def paths(value: Any, path: Path = ()) -> list[Path]:
    """Every path in a document, as tomllib reads it."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, entry in inner for found in [(*path, key), *paths(entry, (*path, key))]]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("name",), 1),
        (("quoted key",), 2),
        (("long",), 3),
        (("list",), 8),
        (("list", 1), 9),
        (("list", 2), 10),
        (("list", 2, "d", "e"), 10),
        (("list", 2, "d", "e", 1), 11),
        (("date",), 13),
        (("one", "two"), 14),
        (("one", "two", "three", "four"), 15),
        (("many", 0), 17),
        (("many", 0, "inner", 1, "y"), 22),
        (("many", 1, "table", "z"), 25),
    ],
)
def test_each_key_table_and_element_has_its_line(path: Path, line: int) -> None:
    assert lines_of(DOCUMENT)[path] == line


def test_what_is_not_written_down_has_the_line_of_what_is_around_it() -> None:
    lines = lines_of(DOCUMENT)
    assert nearest_line(lines, ("many", 1, "table", "missing")) == 24
    assert nearest_line(lines, ("missing",)) == 1


def test_nothing_is_found_that_tomllib_does_not_find() -> None:
    assert set(lines_of(DOCUMENT)) <= set(paths(tomllib.loads(DOCUMENT)))


@given(st.text(st.sampled_from("a=\"'[]{}.,#\n 1\\"), max_size=30))
def test_every_document_that_tomllib_accepts_can_be_read(text: str) -> None:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert set(lines_of(text)) <= set(paths(content))
