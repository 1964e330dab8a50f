import asyncio
from pathlib import Path

import pytest
from pydantic import JsonValue

from greenroom.characters.service import CharactersService
from greenroom.config import CharactersSettings
from greenroom.errors import Conflict, InvalidInput, TooLarge, UnknownCharacter, WrongSetting
from greenroom.model import (
    CharacterRef,
    LineToCheck,
    Nothing,
    PromptRequest,
    SheetChange,
    SheetOrCard,
)
from greenroom.ports import Characters
from greenroom.storage.database import Database
from greenroom.testing import FrozenClock
from tests.characters.conftest import one_database


def sheet(name: str, **fields: JsonValue) -> SheetOrCard:
    return SheetOrCard({"name": name, **fields})


async def ids(characters: Characters) -> list[str]:
    return [c.id for c in (await characters.cast(Nothing())).characters]


@one_database
@pytest.mark.parametrize("name", ["ada", "ADA", "ada byron", "The  Countess", "Ａｄａ", " Ada Byron "])
async def test_a_character_is_found_by_every_name_it_has(characters: Characters, name: str) -> None:
    found = await characters.get(CharacterRef(character=name))

    assert (found.id, found.origin, found.source) == ("ada", "cast", "ada.toml")


async def test_an_unknown_character_is_answered_with_the_known_ones(characters: Characters) -> None:
    with pytest.raises(UnknownCharacter, match=r"^unknown character 'adda'; known: 'ada', 'bo'; did you mean 'ada'\?$"):
        await characters.get(CharacterRef(character="adda"))


async def test_a_made_character_is_listed_found_changed_and_deleted(characters: Characters) -> None:
    made = await characters.create(sheet("Cy Twombly", aliases=["Cy"]))
    assert (made.id, made.origin) == ("cy-twombly", "database")

    changed = await characters.change(SheetChange.model_validate({"character": "cy", "name": "Cy T.", "tagline": "x"}))
    assert (changed.id, changed.name, changed.sheet.tagline) == (made.id, "Cy T.", "x")
    assert changed.version != made.version
    assert await ids(characters) == ["ada", "bo", "cy-twombly"]
    assert (await characters.get(CharacterRef(character="cy t."))).id == made.id

    await characters.delete(CharacterRef(character=made.id))
    assert await ids(characters) == ["ada", "bo"]


@one_database
@pytest.mark.parametrize("fields", [{"name": "Ada"}, {"name": "the COUNTESS"}, {"name": "Eve", "aliases": ["bo"]}])
async def test_a_name_that_is_taken_is_refused_and_its_owner_named(
    characters: Characters, fields: dict[str, JsonValue]
) -> None:
    with pytest.raises(Conflict, match=r"already a name of the character '(ada|bo)' \(the file '(ada|bo).toml'") as no:
        await characters.create(SheetOrCard(fields))
    assert no.value.extra["character"] in {"ada", "bo"}
    assert await ids(characters) == ["ada", "bo"]


async def test_a_change_may_keep_its_own_names_but_take_no_other(characters: Characters) -> None:
    await characters.create(sheet("Cy"))
    await characters.create(sheet("Di"))

    await characters.change(SheetChange.model_validate({"character": "cy", "name": "CY"}))
    with pytest.raises(Conflict):
        await characters.change(SheetChange.model_validate({"character": "cy", "name": "Di"}))


async def test_a_character_of_the_cast_folder_is_changed_in_its_file_only(characters: Characters) -> None:
    with pytest.raises(Conflict, match=r"change or remove the file 'ada\.toml'"):
        await characters.change(SheetChange.model_validate({"character": "ada", "name": "Ada"}))
    with pytest.raises(Conflict, match=r"change or remove the file 'ada\.toml'"):
        await characters.delete(CharacterRef(character="ada"))


@one_database
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "Cy", "taglin": "x"}, "taglin: unknown key 'taglin'; did you mean 'tagline'?"),
        ({"name": "Cy", "catchphrases": ["x"]}, "it belongs in [speaking]"),
        ({"name": "Cy", "interests": [{"topic": "tea", "weight": 2}]}, "interests.0.weight: should be less than"),
        ({"tagline": "x"}, "name: is missing"),
    ],
)
async def test_a_wrong_sheet_is_refused_field_by_field(
    characters: Characters, fields: dict[str, JsonValue], said: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await characters.create(SheetOrCard(fields))
    assert said in refused.value.detail


async def test_a_sheet_that_is_too_large_is_refused(characters: Characters) -> None:
    with pytest.raises(TooLarge, match="at most 1,000,000"):
        await characters.create(sheet("Cy", description="x" * 1_000_001))


@one_database
@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("Dr. Zoë O'Neill", "dr-zoë-o-neill"),
        ("../../etc/passwd", "etc-passwd"),
        ("Пётр", "пётр"),
        ("हिन्दी", "हिन्दी"),
        ("???", "character-a03b221c"),
        ("x" * 200, "x" * 60),
    ],
)
async def test_an_id_is_safe_in_urls_and_file_names_and_finds_its_character(
    characters: Characters, name: str, id_: str
) -> None:
    made = await characters.create(sheet(name))

    assert made.id == id_
    assert (await characters.get(CharacterRef(character=made.id))).name == name


async def test_another_service_on_the_same_database_sees_the_change_within_a_second(
    characters: Characters, folder: Path, database: Database, clock: FrozenClock
) -> None:
    async with CharactersService(CharactersSettings(cast=str(folder)), database, clock) as other:
        await characters.create(sheet("Cy"))
        await characters.create(sheet("Di"))
        await characters.delete(CharacterRef(character="Cy"))
        clock.advance(1)
        assert await ids(other) == ["ada", "bo", "di"]
        with pytest.raises(Conflict):
            await other.create(sheet("di"))


async def test_a_name_given_elsewhere_a_moment_ago_is_not_given_twice(
    characters: Characters, folder: Path, database: Database, clock: FrozenClock
) -> None:
    async with CharactersService(CharactersSettings(cast=str(folder)), database, clock) as other:
        await characters.create(sheet("Cy", aliases=["the painter"]))
        with pytest.raises(Conflict, match="'cy' \\(made over the API\\)"):
            await other.create(sheet("Di", aliases=["The Painter"]))


async def test_characters_survive_a_restart(
    service: CharactersService, folder: Path, database: Database, clock: FrozenClock
) -> None:
    made = await service.create(sheet("Cy", description="null \0 and 🦊"))

    async with CharactersService(CharactersSettings(cast=str(folder)), database, clock) as again:
        assert await again.get(CharacterRef(character="cy")) == made


async def test_a_refused_change_leaves_nothing_behind_and_hides_nothing_that_follows(
    service: CharactersService, folder: Path, database: Database, clock: FrozenClock
) -> None:
    with pytest.raises(Conflict):
        await service.create(sheet("Ada"))
    async with CharactersService(CharactersSettings(cast=str(folder)), database, clock) as other:
        await other.create(sheet("Cy"))
    clock.advance(1)
    assert await ids(service) == ["ada", "bo", "cy"]


async def test_of_two_who_give_one_name_at_the_same_moment_one_gets_it(
    service: CharactersService, folder: Path, database: Database, clock: FrozenClock
) -> None:
    async with CharactersService(CharactersSettings(cast=str(folder)), database, clock) as other:
        made = await asyncio.gather(
            service.create(sheet("Cy", aliases=["the painter"])),
            other.create(sheet("Di", aliases=["the painter"])),
            return_exceptions=True,
        )
    assert sorted(type(one).__name__ for one in made) == ["Character", "Conflict"]


async def test_a_cast_that_does_not_exist_stops_the_start_and_names_those_that_ship(database: Database) -> None:
    service = CharactersService(CharactersSettings(cast="family-guys"), database, FrozenClock())
    with pytest.raises(WrongSetting, match=r"characters\.cast is 'family-guys'.*'family-guy'"):
        async with service:
            pass


async def test_a_prompt_is_made_for_the_occasion(characters: Characters) -> None:
    plain = await characters.prompt(CharacterRef(character="ada"))
    made = await characters.optimized_prompt(
        PromptRequest(
            character="ada", people=("Kim", "Bo"), guidance=("Be brief.",), particular=True, falls_in_on="B\no"
        )
    )

    assert (plain.character, plain.name, plain.cast) == ("ada", "Ada", ("Bo",))
    assert "## Guidance" not in plain.system
    assert "## Right now\nPresent, beside you: Kim, Bo.\nYou fall in on what B o said last. " in made.system
    assert "## Guidance\n- Be brief.\n" in made.system
    assert "say one of these: Quite so!" in made.system


async def test_traits_tell_every_name_of_the_others(characters: Characters) -> None:
    traits = await characters.traits(CharacterRef(character="bo"))

    assert traits.character.id == "bo"
    assert traits.others == ("Ada", "Ada Byron", "the countess")


async def test_a_line_is_checked_against_the_sheet(characters: Characters) -> None:
    good = await characters.validate_response(LineToCheck(character="ada", response="Quite so!"))
    bad = await characters.validate_response(LineToCheck(character="ada", response="I have NO IDEA.\n**Bo:** Hello!"))

    assert (good.valid, good.violations, good.matched_patterns) == (True, (), ("Quite so!",))
    assert (bad.valid, bad.violations) == (False, ("forbidden_phrase: 'no idea'", "speaks_for_other: 'Bo'"))
    assert good.score > bad.score


async def test_ping_asks_the_database(service: CharactersService) -> None:
    await service.ping()
