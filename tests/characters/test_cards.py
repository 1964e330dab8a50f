"""Cards of every version go in and come out, and nothing that they hold is lost."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenroom.characters.cards import is_card, read_card, write_card
from greenroom.errors import BadCard
from greenroom.model import BookRules, Example, Interest, Lore, LoreRules, Relationship, Sheet, Speaking, Timing
from tests.characters.cards import FULL

anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
names = st.text(st.characters(min_codepoint=33, exclude_categories=["C", "Z"]), min_size=1, max_size=20)
texts = st.text(max_size=40)
said = texts.filter(str.strip)
part = st.floats(0, 1)
sheets = st.builds(
    Sheet,
    name=names,
    full_name=texts,
    aliases=st.lists(names, max_size=2).map(tuple),
    description=texts,
    prompt=texts,
    greetings=st.lists(texts, max_size=3).map(tuple),
    traits=st.dictionaries(texts, part, max_size=2),
    speaking=st.builds(Speaking, catchphrases=st.lists(texts, max_size=2).map(tuple)),
    interests=st.lists(st.builds(Interest, topic=said, weight=part), max_size=2).map(tuple),
    relationships=st.lists(st.builds(Relationship, who=said, how=texts), max_size=2).map(tuple),
    timing=st.builds(Timing, talkativeness=part),
    examples=st.lists(st.builds(Example, reply=said, prompt=texts, author=texts), max_size=3).map(tuple),
    lore=st.lists(st.builds(Lore, text=said, title=texts, keys=st.lists(texts, max_size=2).map(tuple)), max_size=3).map(
        tuple
    ),
    tags=st.lists(texts, max_size=2).map(tuple),
)
DOUBTFUL = (
    *("description", "personality", "scenario", "first_mes", "mes_example", "alternate_greetings", "system_prompt"),
    *("tags", "extensions", "character_book", "group_only_greetings", "creator", "assets", "unheard_of"),
)
card_data = st.fixed_dictionaries({"name": names}, optional=dict.fromkeys(DOUBTFUL, anything))


def test_every_field_of_a_card_finds_its_place() -> None:
    sheet = read_card(FULL)

    assert (sheet.name, sheet.full_name) == ("Mira", "Mira of the Mill")
    assert sheet.greetings == ("Mind the step.", "You again?")
    assert sheet.examples == (
        Example(prompt="Busy?", reply="Always.\nCome in."),
        Example(reply="Flour gets everywhere."),
    )
    assert sheet.prompt == "{{original}} Speak in short sentences."
    assert sheet.closing_prompt == "Stay dry. {{original}}"
    assert sheet.timing.talkativeness == 0.8
    assert sheet.tags == ("TAGGED", "mill")
    assert sheet.book == BookRules(scan_depth=5)
    assert sheet.lore == (
        Lore(
            title="Wheel",
            keys=("wheel", "water"),
            text="The wheel stands still at night.",
            rules=LoreRules(secondary_keys=("night",), order=7, priority=3, probability=50, sticky=3),
        ),
        Lore(title="Age", text="Mira is forty.", constant=True),
    )


def test_an_unchanged_card_comes_out_as_it_went_in() -> None:
    assert write_card(read_card(FULL), FULL, "3") == FULL


def test_only_what_was_changed_is_different_in_the_card() -> None:
    changed = read_card(FULL).model_copy(update={"description": "New.", "traits": {"dry": 0.9}})

    expected = copy.deepcopy(FULL)
    expected["data"]["description"] = "New."
    expected["data"]["extensions"]["greenroom"] = {"traits": {"dry": 0.9}}
    assert write_card(changed, FULL, "3") == expected


def test_a_changed_entry_of_the_lorebook_keeps_its_rules_and_one_that_is_off_stays() -> None:
    wheel, _ = read_card(FULL).lore
    new = Lore(title="Roof", keys=("roof",), text="It leaks.")
    lore = (wheel.model_copy(update={"text": "The wheel turns."}), new)

    book = write_card(read_card(FULL).model_copy(update={"lore": lore}), FULL, "3")["data"]["character_book"]

    before = FULL["data"]["character_book"]
    assert book["entries"][0] == before["entries"][0] | {
        "content": "@@depth 4\n@@role system\nThe wheel turns.",
        "constant": False,
    }
    assert (book["entries"][1]["name"], book["entries"][1]["content"]) == ("Roof", "It leaks.")
    assert book["entries"][2] == before["entries"][1]
    assert len(book["entries"]) == 3
    assert {k: v for k, v in book.items() if k != "entries"} == {k: v for k, v in before.items() if k != "entries"}


def test_a_new_name_is_also_written_where_a_program_repeats_it() -> None:
    renamed = read_card(FULL).model_copy(update={"name": "Mirabel", "full_name": "Mirabel of the Mill"})

    card = write_card(renamed, FULL, "2")

    assert (card["name"], card["data"]["name"], card["data"]["nickname"]) == (*["Mirabel of the Mill"] * 2, "Mirabel")
    assert (card["spec"], card["spec_version"], card["create_date"]) == ("chara_card_v2", "2.0", "2024-1-1")


def test_a_card_of_version_1_becomes_one_of_version_2_with_all_that_it_needs() -> None:
    card = write_card(read_card({"name": "Al", "first_mes": "Hi", "custom": 1}), {"name": "Al", "custom": 1}, "2")

    assert card["data"]["custom"] == 1
    assert {"creator_notes", "system_prompt", "alternate_greetings", "tags", "extensions"} <= card["data"].keys()


@pytest.mark.parametrize(
    ("fields", "attribute", "value"),
    [
        ({"character_book": None}, "lore", ()),
        ({"character_book": {"entries": {"0": {"key": "a", "content": "b"}}}}, "lore", (Lore(keys=("a",), text="b"),)),
        ({"character_book": {"entries": [None, {"content": None}, 5]}}, "lore", ()),
        ({"extensions": {"talkativeness": ""}}, "timing", Timing()),
        ({"extensions": {"talkativeness": 7}}, "timing", Timing(talkativeness=1)),
        ({"extensions": None, "tags": "a, b"}, "tags", ("a", "b")),
        ({"description": None}, "description", ""),
        ({"description": "half \ud83e"}, "description", "half \ufffd"),
        ({"alternate_greetings": None, "first_mes": None}, "greetings", ()),
        ({"mes_example": "He hums."}, "examples", (Example(reply="He hums."),)),
        ({"mes_example": "al: Hm.\nKim: Why?\nKim: Hm?\nAl: So."}, "examples",
         (Example(reply="Hm."), Example(reply="So.", prompt="Why?\nHm?", author="Kim"))),
        ({"spec": "chara_card_v9", "data": {"name": "Al", "description": "new"}}, "description", "new"),
    ],
)  # fmt: skip
def test_what_other_programs_write_is_read_leniently(fields: dict[str, Any], attribute: str, value: object) -> None:
    assert getattr(read_card({"name": "Al", **fields}), attribute) == value


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ({"spec": "chara_card_v2", "data": {"name": "  "}}, "the card has no name"),
        ({"spec": "chara_card_v2", "data": None}, "the card has no 'data'"),
        ({"spec": "chara_card_v2"}, "the card has no 'data'"),
        ({"name": "x" * 201, "first_mes": ""}, "longer than 200"),
        ({"name": "Al", "extensions": {"greenroom": {"traits": {"wit": 3}}}}, "traits.wit"),
    ],
)
def test_a_card_that_cannot_be_used_says_why(card: dict[str, Any], said: str) -> None:
    with pytest.raises(BadCard, match=said):
        read_card(card)


def test_cards_and_sheets_are_told_apart_by_their_fields() -> None:
    assert is_card(FULL)
    assert is_card(FULL["data"])
    assert is_card({"name": "Al", "first_mes": "Hi"})
    assert not is_card({"name": "Al", "description": "x", "speaking": {}})


@settings(max_examples=150, deadline=None)
@given(sheets)
def test_any_sheet_comes_back_from_a_card_as_it_was(sheet: Sheet) -> None:
    for version in ("2", "3"):
        assert read_card(json.loads(json.dumps(write_card(sheet, None, version)))) == sheet


@settings(max_examples=150, deadline=None)
@given(sheets)
def test_any_change_of_an_imported_character_can_be_exported_without_losing_what_is_unknown(sheet: Sheet) -> None:
    card = write_card(sheet, FULL, "3")

    assert read_card(card) == sheet
    before, after = FULL["data"], card["data"]
    known = {"name", "nickname", "description", "personality", "scenario", "first_mes", "alternate_greetings"}
    known |= {"mes_example", "system_prompt", "post_history_instructions", "tags", "character_book", "extensions"}
    assert {k: after[k] for k in before if k not in known} == {k: v for k, v in before.items() if k not in known}
    assert before["extensions"].items() <= {**after["extensions"], "talkativeness": "0.8"}.items()


@settings(max_examples=200, deadline=None)
@given(card_data)
def test_any_card_is_read_or_refused_and_comes_out_as_it_went_in(data: dict[str, Any]) -> None:
    try:
        sheet = read_card(data)
    except BadCard:
        return
    out = write_card(sheet, data, "3")["data"]
    assert {k: out[k] for k, v in data.items() if v is not None} == {k: v for k, v in data.items() if v is not None}
