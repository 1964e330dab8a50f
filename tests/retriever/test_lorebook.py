"""Entries of a lorebook come when their author's rules say so, and no earlier, later or oftener."""

from typing import Any

from greenroom.model import BookRules, Character, CharacterId, Lore, LoreRules, Passage, Sheet
from greenroom.retriever.lorebook import Called, Lorebook


def entry(title: str, *keys: str, text: str = "", **rules: Any) -> Lore:
    return Lore(title=title, keys=keys, text=text or f"All of {title}.", rules=LoreRules(**rules))


def read(*lines: str, lore: tuple[Lore, ...], **book: Any) -> Called:
    sheet = Sheet(name="Ada", lore=lore, book=BookRules(**book))
    return Lorebook(Character(id=CharacterId("ada"), sheet=sheet, origin="database", version="1")).read(lines)


def titles(passages: list[Passage]) -> list[str]:
    return [passage.title for passage in passages]


def test_a_key_calls_for_its_entry_as_a_whole_word_and_by_case_where_that_is_said() -> None:
    lore = (entry("cat", "cat"), entry("part", "cat", whole_words=False), entry("case", "Cat", case_sensitive=True))
    assert titles(read("A catalogue", lore=lore).passages) == ["part"]
    assert titles(read("the cat", lore=lore).passages) == ["cat", "part"]
    assert titles(read("Cat!", lore=lore).passages) == ["cat", "part", "case"]
    assert read("the cat", lore=lore).passages[0].reason == "its key 'cat' is spoken of"


def test_secondary_keys_agree_or_object() -> None:
    logics = ("any", "all", "not_all", "none")
    lore = tuple(entry(logic, "sea", secondary_keys=("salt", "gull"), logic=logic) for logic in logics)
    assert titles(read("sea", lore=lore).passages) == ["not_all", "none"]
    assert titles(read("sea salt", lore=lore).passages) == ["any", "not_all"]
    assert titles(read("sea salt gull", lore=lore).passages) == ["any", "all"]


def test_only_the_last_lines_are_read() -> None:
    lore = (entry("near", "sea"), entry("far", "sea", scan_depth=3))
    assert titles(read("sea", "a", "b", lore=lore, scan_depth=2).passages) == ["far"]
    assert titles(read("sea", "a", lore=lore, scan_depth=2).passages) == ["near", "far"]


def test_where_there_is_no_room_the_lowest_priority_goes_and_says_so() -> None:
    lore = (
        entry("low", "sea", text="x" * 80, priority=1),
        entry("high", "sea", text="y" * 80, priority=9, order=50),
        entry("short", "sea", text="z", priority=5, order=10),
    )
    found = read("sea", lore=lore, token_budget=25)
    assert titles(found.passages) == ["short", "high"]
    assert [(p.title, p.reason) for p in found.cut] == [("low", "no room left in the lorebook's budget")]


def test_entries_call_for_others_in_a_recursive_book() -> None:
    lore = (
        entry("harbour", "harbour", text="The harbour has a crane."),
        entry("crane", "crane", text="The crane has a winch."),
        entry("winch", "winch", prevent_recursion=True, text="It needs oil."),
        entry("oil", "oil"),
        entry("deaf", "crane", exclude_recursion=True),
    )
    assert titles(read("harbour", lore=lore).passages) == ["harbour"]
    assert titles(read("harbour", lore=lore, recursive=True).passages) == ["harbour", "crane", "winch"]


def test_chance_is_drawn_from_the_line_and_the_same_each_time() -> None:
    lore = (entry("rare", "sea", probability=30),)
    came = [bool(read(f"sea {n}", lore=lore).passages) for n in range(400)]
    assert 80 < sum(came) < 160
    assert came == [bool(read(f"sea {n}", lore=lore).passages) for n in range(400)]
    assert (
        read("sea", lore=(entry("never", "sea", probability=0),)).cut[0].reason.startswith("comes with a chance of 0 %")
    )


def test_an_entry_stays_for_some_lines_and_then_rests() -> None:
    lore = (entry("song", "sing", sticky=2, cooldown=2, scan_depth=1),)
    lines = ["sing", "a", "b", "c", "sing", "sing", "d", "sing"]
    came = [bool(read(*lines[: count + 1], lore=lore).passages) for count in range(len(lines))]
    assert came == [True, True, True, False, False, True, True, True]
    assert read(*lines[:5], lore=lore).cut[0].reason == "rests for 2 lines after it was used"


def test_an_entry_waits_until_enough_was_said() -> None:
    lore = (entry("late", "sea", delay=2),)
    assert read("sea", "sea", lore=lore).passages == []
    assert titles(read("sea", "sea", "sea", lore=lore).passages) == ["late"]


def test_position_and_constancy_are_kept() -> None:
    lore = (
        entry("above", "sea", position="before"),
        Lore(title="ever", text="Always.", constant=True, rules=LoreRules(sticky=1)),
    )
    found = read("sea", lore=lore).passages
    assert [(p.title, p.position, p.reason) for p in found] == [
        ("above", "before", "its key 'sea' is spoken of"),
        ("ever", "after", "always in mind"),
    ]
