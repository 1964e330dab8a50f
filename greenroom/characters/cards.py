"""Character cards of version 1, 2 and 3 as sheets, and sheets as cards.

A card is read leniently and kept whole. Writing changes only the fields in which the sheet differs from what the card
says; everything else, known to us or not, comes out as it went in. What a card has no field for travels under
`extensions.greenroom`. Source: character-card-spec-v2 (`spec_v2.md`), character-card-spec-v3 (`SPEC_V3.md`).
"""

import copy
from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic import ValidationError

from greenroom.characters.card_text import number_of, part_of, text_of, texts_of
from greenroom.characters.dialogue import read_dialogue, write_dialogue
from greenroom.characters.lorebook import read_book, read_book_rules, write_book
from greenroom.errors import BadCard
from greenroom.model import Sheet, Timing

OUR_EXTENSION = "greenroom"

_V1_FIELDS = ("name", "description", "personality", "scenario", "first_mes", "mes_example")
_V2_TEXTS = ("creator_notes", "system_prompt", "post_history_instructions", "creator", "character_version")
_CARD_FIELDS = frozenset(
    {
        "first_mes",
        "mes_example",
        "alternate_greetings",
        "group_only_greetings",
        "character_book",
        "extensions",
        *_V2_TEXTS,
    }
)
"""Fields that cards have and sheets have not; one of them tells the two apart."""

_EMPTY: dict[str, Any] = {
    **dict.fromkeys((*_V1_FIELDS, *_V2_TEXTS), ""),
    "alternate_greetings": [],
    "tags": [],
    "extensions": {},
}
_NEVER_NULL = frozenset({*_EMPTY, "character_book", "group_only_greetings"})


def is_card(content: Mapping[str, Any]) -> bool:
    """Whether this is a card, or a card's `data`, rather than a sheet."""
    return "spec" in content or isinstance(content.get("data"), dict) or not _CARD_FIELDS.isdisjoint(content)


def creator_of(card: Mapping[str, Any]) -> str:
    """Who made the card."""
    return text_of(_data(card).get("creator")).strip()[:200]


def read_card(card: Mapping[str, Any]) -> Sheet:
    """Read a card of any version, whole or only its `data`. Raises: BadCard."""
    data = _data(card)
    fields = _fields(data)
    ours = part_of(part_of(data, "extensions"), OUR_EXTENSION)
    try:
        return Sheet.model_validate({**fields, **{k: v for k, v in ours.items() if k in Sheet.model_fields}})
    except ValidationError as exc:
        first = exc.errors(include_url=False)[0]
        raise BadCard(f"the card cannot be used: {'.'.join(map(str, first['loc']))}: {first['msg']}") from exc


def write_card(sheet: Sheet, original: Mapping[str, Any] | None, version: Literal["2", "3"]) -> dict[str, Any]:
    """Write a sheet as a card; `original` is the card that it came from, if any."""
    before = _data(original) if original else {}
    data = copy.deepcopy(_EMPTY | {k: v for k, v in before.items() if v is not None or k not in _NEVER_NULL})
    _update(data, sheet, read_card(original) if original else None)
    _keep_the_rest(data, sheet)
    if version == "3":
        data.setdefault("group_only_greetings", [])
    spec = {"spec": f"chara_card_v{version}", "spec_version": f"{version}.0"}
    return {**_around(original, before, data), **spec, "data": data}


def _around(original: Mapping[str, Any] | None, before: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """What stands beside `data` in a whole card. Some programs repeat fields there; those must not grow stale."""
    if not original or not isinstance(original.get("data"), dict):
        return {}
    beside = {k: v for k, v in original.items() if k != "data"}
    changed = {k: data[k] for k in beside if k in data and data[k] != before.get(k)}
    return beside | changed


def _data(card: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(card.get("data"), dict):
        return dict(card["data"])
    if "data" in card or ("spec" in card and "name" not in card):
        raise BadCard("the card has no 'data': export it again from the program that made it")
    return {k: v for k, v in card.items() if k not in {"spec", "spec_version"}}


def _fields(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a sheet for which a card has one."""
    name, full_name = _names(data)
    greetings = (text_of(data.get("first_mes")), *_listed(data.get("alternate_greetings")))
    extensions = part_of(dict(data), "extensions")
    talkativeness = number_of(extensions.get("talkativeness"), Timing().talkativeness)
    return {
        "name": name,
        "full_name": full_name,
        "description": text_of(data.get("description")),
        "personality": text_of(data.get("personality")),
        "scenario": text_of(data.get("scenario")),
        "prompt": text_of(data.get("system_prompt")),
        "closing_prompt": text_of(data.get("post_history_instructions")),
        "greetings": tuple(g for g in greetings if g.strip()),
        "examples": read_dialogue(text_of(data.get("mes_example")), (name, full_name)),
        "lore": read_book(data.get("character_book")),
        "book": read_book_rules(data.get("character_book")),
        "timing": Timing(talkativeness=min(1.0, max(0.0, talkativeness))),
        "tags": texts_of(data.get("tags")),
    }


def _names(data: Mapping[str, Any]) -> tuple[str, str]:
    """What the character is called by, and its full name: a V3 card's nickname is what others call it."""
    name, nickname = (" ".join(text_of(data.get(key)).split()) for key in ("name", "nickname"))
    if not name and not nickname:
        raise BadCard("the card has no name; write one into its field 'name'")
    if max(len(name), len(nickname)) > 200:
        raise BadCard("the card's name is longer than 200 characters; shorten its field 'name'")
    return (nickname, name) if nickname and name != nickname else (name or nickname, "")


def _listed(value: Any) -> tuple[str, ...]:
    return tuple(map(text_of, value)) if isinstance(value, list) else (text_of(value),)


def _update(data: dict[str, Any], sheet: Sheet, before: Sheet | None) -> None:
    """Write those fields of the sheet that are not what the card says already."""
    for field, write in _WRITERS.items():
        if before is None or getattr(sheet, field) != getattr(before, field):
            write(data, sheet)


def _keep_the_rest(data: dict[str, Any], sheet: Sheet) -> None:
    """Put under our extension what would otherwise be read differently, and nothing else of a sheet."""
    extensions = part_of(data, "extensions")
    others = {k: v for k, v in part_of(extensions, OUR_EXTENSION).items() if k not in Sheet.model_fields}
    plain = {k: v for k, v in extensions.items() if k != OUR_EXTENSION}
    read = read_card({**data, "extensions": plain})
    dumped = sheet.model_dump(mode="json")
    ours = others | {k: dumped[k] for k in Sheet.model_fields if getattr(read, k) != getattr(sheet, k)}
    if ours or plain != extensions:
        data["extensions"] = plain | {OUR_EXTENSION: ours} if ours else plain


def _write_names(data: dict[str, Any], sheet: Sheet) -> None:
    if data.get("nickname"):
        data["nickname"], data["name"] = sheet.name, sheet.full_name or sheet.name
    else:
        data["name"] = sheet.name


def _write_greetings(data: dict[str, Any], sheet: Sheet) -> None:
    first, *others = sheet.greetings or ("",)
    data["first_mes"], data["alternate_greetings"] = first, list(others)


def _write_timing(data: dict[str, Any], sheet: Sheet) -> None:
    data["extensions"] = part_of(data, "extensions") | {"talkativeness": sheet.timing.talkativeness}


def _write_lore(data: dict[str, Any], sheet: Sheet) -> None:
    if sheet.lore or data.get("character_book"):
        data["character_book"] = write_book(data.get("character_book"), sheet.lore)


def _writer(card_field: str, value: Callable[[Sheet], Any]) -> Callable[[dict[str, Any], Sheet], None]:
    def write(data: dict[str, Any], sheet: Sheet) -> None:
        data[card_field] = value(sheet)

    return write


_WRITERS: dict[str, Callable[[dict[str, Any], Sheet], None]] = {
    "name": _write_names,
    "full_name": _write_names,
    "description": _writer("description", lambda s: s.description),
    "personality": _writer("personality", lambda s: s.personality),
    "scenario": _writer("scenario", lambda s: s.scenario),
    "prompt": _writer("system_prompt", lambda s: s.prompt),
    "closing_prompt": _writer("post_history_instructions", lambda s: s.closing_prompt),
    "greetings": _write_greetings,
    "examples": _writer("mes_example", lambda s: write_dialogue(s.examples)),
    "lore": _write_lore,
    "timing": _write_timing,
    "tags": _writer("tags", lambda s: list(s.tags)),
}
