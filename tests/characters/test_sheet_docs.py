"""What docs/characters.md says of sheets is what the code reads."""

import re
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from greenroom.characters.documents import read_page, read_sheet
from greenroom.characters.folder import Folder
from greenroom.model import (
    Example,
    Interest,
    Lore,
    Options,
    Relationship,
    Sheet,
    SheetProblem,
    Speaking,
    Timing,
    Value,
)

DOCUMENT = (Path(__file__).parents[2] / "docs" / "characters.md").read_text("utf-8")
PARTS: dict[str, type[Value]] = {
    "speaking": Speaking,
    "interests": Interest,
    "relationships": Relationship,
    "timing": Timing,
    "examples": Example,
    "lore": Lore,
    "settings": Options,
}


def test_the_tables_name_every_field_of_a_sheet_in_the_order_of_the_model() -> None:
    assert list(documented()) == list(fields())


def test_the_tables_tell_what_is_needed_and_every_default_that_is_a_value() -> None:
    said = documented()
    assert {path: said[path] for path in fields()} == {path: left_out(path, field) for path, field in fields().items()}


def test_the_example_of_a_sheet_is_one() -> None:
    sheet = read_sheet("ada.toml", block("toml").encode())
    assert sheet.name == "Ada"
    assert sheet.interests[0].keywords


def test_the_example_of_a_page_of_lore_is_one() -> None:
    page = read_page("lore/foghorn.md", block("markdown").encode())
    assert page.who == ("ada",)
    assert page.lore.keys


def test_the_problem_shown_is_the_one_that_a_slip_in_the_example_gives(tmp_path: Path) -> None:
    (tmp_path / "ada.toml").write_text(block("toml"), "utf-8")
    good = Folder(tmp_path).look()
    (tmp_path / "ada.toml").write_text(block("toml").replace("catchphrases =", "catchphrase ="), "utf-8")
    assert good.look().problems() == (SheetProblem.model_validate_json(block("json")),)


def documented() -> dict[str, str]:
    """Field and what the third column says of leaving it out, in the order of the document."""
    rows = re.findall(r"^\| `([a-z_.]+)` \| [^|]+ \|([^|\n]*)\|$", DOCUMENT, re.MULTILINE)
    assert len(rows) == len({field for field, _ in rows})
    return {field: said.strip() for field, said in rows}


def fields() -> dict[str, FieldInfo]:
    """Every field that an author can write, by its path."""
    parts = ((f"{part}.{name}", field) for part, kind in PARTS.items() for name, field in kind.model_fields.items())
    return {**Sheet.model_fields, **dict(parts)}


def left_out(path: str, field: FieldInfo) -> str:
    """What the document has to say of leaving a field out."""
    if field.is_required():
        return "needed"
    if path == "settings":
        return "the model's role decides"
    return _in_words(field.default)


def _in_words(default: Any) -> str:
    match default:
        case "":
            return "empty"
        case () | {}:
            return "none"
        case bool():
            return f"`{str(default).lower()}`"
        case int() | float():
            return f"`{default:g}`"
        case str():
            return f"`{default}`"
        case _:
            return ""


def block(language: str) -> str:
    """The first block of that language."""
    found = re.search(rf"^```{language}\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]
