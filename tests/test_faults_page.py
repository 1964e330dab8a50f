"""The page of faults names tests that there are."""

import re

import pytest

from tests.documents import ROOT

PAGE = (ROOT / "docs" / "faults.md").read_text("utf-8")
NAMED = re.findall(r"`((?:[a-z_]+/)*test_[a-z_]+\.py)(?:::(test_\w+))?`", PAGE)


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED)))
def test_a_test_that_is_named_exists(file: str, name: str) -> None:
    assert f"def {name}" in (ROOT / "tests" / file).read_text("utf-8")


def test_every_row_names_what_tries_it() -> None:
    rows = [
        line
        for line in PAGE.partition("\n## Twenty")[0].splitlines()
        if line.startswith("| ") and not line.startswith(("| what h", "| who t"))
    ]
    assert len(rows) >= 30
    assert not [row for row in rows if not re.search(r"`[^`]*(test_|benchmarks)[^`]*` ?\|$", row)]
