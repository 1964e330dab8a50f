"""The cast that ships: complete, consistent with itself, and three different voices."""

import re
import tomllib
from itertools import combinations
from pathlib import Path

import pytest

import greenroom
from greenroom.characters.documents import LorePage, read_page, read_sheet
from greenroom.characters.folder import Folder
from greenroom.model import Sheet
from greenroom.text import content_words, jaccard, mentions, shingles, words

FOLDER = Path(greenroom.__file__).parent / "casts" / "family-guy"
SHEETS = {file.stem: read_sheet(file.name, file.read_bytes()) for file in sorted(FOLDER.glob("*.toml"))}
PAGES = {file.stem: read_page(file.name, file.read_bytes()) for file in sorted((FOLDER / "lore").glob("*.md"))}
NAMES = tuple(sheet.name for sheet in SHEETS.values())

ASSISTANT_TALK = (
    "as an AI",
    "language model",
    "AI assistant",
    "how can I assist",
    "I'd be happy to help",
    "training data",
)

each_sheet = pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
each_page = pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)


def test_the_cast_is_brian_peter_and_stewie_and_their_folder_has_no_problem() -> None:
    folder = Folder(FOLDER).look()
    assert [c.id for c in folder.characters()] == ["brian", "peter", "stewie"]
    assert folder.problems() == ()


@each_sheet
def test_a_sheet_has_no_key_that_the_model_would_overlook(sheet: Sheet) -> None:
    content = tomllib.loads((FOLDER / f"{sheet.name.casefold()}.toml").read_text("utf-8"))
    assert Sheet.model_validate(content, extra="forbid") == sheet


@each_sheet
def test_a_sheet_is_complete(sheet: Sheet) -> None:
    not_used = {"is_machine", "lore"}
    assert [name for name in Sheet.model_fields if name not in not_used and not getattr(sheet, name)] == []
    assert 120 <= len(words(sheet.prompt)) <= 250
    assert len(sheet.greetings) >= 3
    assert 6 <= len(sheet.traits) <= 10
    assert all(0 <= strength <= 1 for strength in sheet.traits.values())
    assert 6 <= len(sheet.speaking.patterns) <= 10
    assert 6 <= len(sheet.speaking.catchphrases) <= 10
    assert sheet.settings.temperature is not None
    assert sheet.settings.num_predict is not None


@each_sheet
def test_each_interest_is_recognised_by_single_words_in_lower_case(sheet: Sheet) -> None:
    assert 7 <= len(sheet.interests) <= 10
    for interest in sheet.interests:
        assert 8 <= len(set(interest.keywords)) == len(interest.keywords) <= 15
        assert [k for k in interest.keywords if k != k.casefold() or " " in k] == []


@each_sheet
def test_each_character_has_feelings_for_the_other_two_and_the_people_around_them(sheet: Sheet) -> None:
    known = {relationship.who for relationship in sheet.relationships}
    others = {other.name for other in SHEETS.values()} - {sheet.name}
    assert known >= others | {"Lois", "Chris", "Meg", "Quagmire", "Cleveland", "Joe"}


@each_sheet
def test_pauses_lie_between_one_and_twelve_seconds(sheet: Sheet) -> None:
    assert {"excited", "thoughtful", "plotting", "annoyed", "bored"} <= sheet.timing.delays_s.keys()
    assert all(1 <= shortest < longest <= 12 for shortest, longest in sheet.timing.delays_s.values())


@each_sheet
def test_exchanges_show_the_manner_and_short_lines_fit_anywhere(sheet: Sheet) -> None:
    exchanges = [example for example in sheet.examples if example.prompt]
    anywhere = [example for example in sheet.examples if not example.prompt]
    assert 14 <= len(exchanges) <= 18
    assert len(anywhere) >= 12
    assert [e.reply for e in exchanges if not 15 <= len(words(e.reply)) <= 60] == []
    assert [e.reply for e in anywhere if len(words(e.reply)) > 25] == []
    assert any(example.author in NAMES for example in exchanges)


@each_sheet
def test_every_line_keeps_to_the_sheet(sheet: Sheet) -> None:
    for line in lines_of(sheet):
        assert mentions(line, [*sheet.speaking.forbidden_phrases, *ASSISTANT_TALK]) == []
        assert len(words(line)) <= sheet.speaking.words_max
        assert line == line.strip()
        assert line[-1] in ".!?…"
        assert not re.match(rf"({'|'.join(NAMES)}):", line)


def test_no_line_is_there_twice_or_nearly() -> None:
    lines = [line for sheet in SHEETS.values() for line in lines_of(sheet) if len(words(line)) > 4]
    pairs = combinations(lines, 2)
    assert [(a, b) for a, b in pairs if jaccard(shingles(words(a), 3), shingles(words(b), 3)) > 0.3] == []


def test_nobody_says_the_catchphrase_of_another() -> None:
    for own, other in combinations(SHEETS.values(), 2):
        for speaker, owner in ((own, other), (other, own)):
            said = " ".join(lines_of(speaker)).casefold()
            assert [phrase for phrase in owner.speaking.catchphrases if phrase.casefold() in said] == []


@each_sheet
def test_the_colour_can_be_read_on_white_and_on_dark(sheet: Sheet) -> None:
    assert contrast(sheet.colour, "#ffffff") >= 3.5
    assert contrast(sheet.colour, "#121212") >= 3.5


@each_sheet
def test_the_prompt_speaks_to_the_character_and_the_description_about_it(sheet: Sheet) -> None:
    assert {"you", "your"} <= set(words(sheet.prompt))
    assert not {"you", "your", "i"} & set(words(sheet.description + sheet.personality + sheet.scenario))


def test_there_are_pages_of_lore_about_different_things() -> None:
    titles = [page.lore.title for page in PAGES.values()]
    assert len(set(titles)) == len(titles) >= 8
    texts = [shingles(content_words(page.lore.text), 2) for page in PAGES.values()]
    assert all(jaccard(a, b) < 0.1 for a, b in combinations(texts, 2))


@each_page
def test_a_page_of_lore_has_a_title_keys_and_plain_facts_in_the_third_person(page: LorePage) -> None:
    assert page.lore.title
    assert page.lore.keys
    assert all(key.strip() for key in page.lore.keys)
    assert 80 <= len(words(page.lore.text)) <= 200
    assert not {"i", "i'm", "my", "me", "you", "your", "we", "our"} & set(words(page.lore.text))
    assert mentions(page.lore.text, ASSISTANT_TALK) == []


@each_page
def test_a_page_of_lore_is_recognised_by_a_word_of_its_own_text(page: LorePage) -> None:
    assert mentions(f"{page.lore.title} {page.lore.text}", page.lore.keys)


def lines_of(sheet: Sheet) -> list[str]:
    """Everything that the sheet has the character say."""
    return [*sheet.greetings, *sheet.speaking.catchphrases, *(example.reply for example in sheet.examples)]


def contrast(one: str, other: str) -> float:
    """How well two colours can be told apart, 1–21. Source: WCAG 2.2, "contrast ratio"."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """How bright a colour is, 0–1. Source: WCAG 2.2, "relative luminance"."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
