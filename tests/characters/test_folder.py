import os
from pathlib import Path

import pytest

from greenroom.characters.folder import MAX_FILE_BYTES
from greenroom.characters.service import CharactersService
from greenroom.errors import UnknownCharacter
from greenroom.model import Cast, Character, CharacterRef, Nothing, SheetOrCard, SheetProblem
from greenroom.testing import FrozenClock
from tests.characters.conftest import ADA, one_database

pytestmark = one_database


async def look(service: CharactersService, clock: FrozenClock) -> Cast:
    """The cast as it is a second later."""
    clock.advance(1)
    return await service.cast(Nothing())


async def ada(service: CharactersService) -> Character:
    return await service.get(CharacterRef(character="ada"))


async def test_a_changed_file_is_in_force_within_a_second(
    service: CharactersService, folder: Path, clock: FrozenClock
) -> None:
    (folder / "ada.toml").write_text(ADA + "words_typical = 9\n", "utf-8")

    assert (await ada(service)).sheet.speaking.words_typical == 40
    await look(service, clock)
    assert (await ada(service)).sheet.speaking.words_typical == 9


async def test_a_new_file_is_a_new_character(service: CharactersService, folder: Path, clock: FrozenClock) -> None:
    (folder / "cy.toml").write_text('name = "Cy"', "utf-8")

    assert [c.id for c in (await look(service, clock)).characters] == ["ada", "bo", "cy"]


@pytest.mark.parametrize(
    ("broken", "line", "said"),
    [
        (ADA.replace('"Quite so!"]', '"Quite so!"'), 8, "is not TOML: Unclosed array"),
        (ADA + 'name = "x\n', 10, "is not TOML: Illegal character '\\n' (column 10)"),
        (ADA.replace("catchphrases", "catchphrase"), 7, "unknown key 'catchphrase'; did you mean 'catchphrases'?"),
        (
            ADA.replace("words_max = 20", 'words_max = "20"'),
            9,
            "words_max: should be a valid integer, not '20'",
        ),
        (ADA.replace("words_max = 20", "words_max = 0"), 9, "should be greater than or equal to 1, not 0"),
        (ADA + 'tags = ["x"]\n', 10, "unknown key 'tags'; it belongs at the top, above the first [table]"),
        (ADA + "\n[traits]\nwit = 2\n", 12, "traits.wit: should be less than or equal to 1, not 2"),
        (ADA + "\n[timing.delays_s]\nexicted = [1.0, 2.0]\n", 12, "unknown mood 'exicted'; did you mean 'excited'?"),
        (ADA + "\n[settings]\ntemperatur = 1\n", 12, "unknown option 'temperatur'; did you mean 'temperature'?"),
        (ADA.replace('name = "Ada"\n', "", 1), 1, "name: is missing"),
        (ADA + '\n[[lore]]\ntext = "a"\n\n[[lore]]\nkeys = ["a",\n 2]\ntext = "b"\n', 16, "lore.1.keys.1: should be"),
        (ADA + '\n[[interests]]\ntopic = "tea"\n\n[[interests]]\nweight = 1\n', 14, "interests.1.topic: is missing"),
        ("a = " + "[" * 5000 + "]" * 5000, None, "is nested too deeply"),
    ],
)
async def test_a_broken_file_is_reported_by_line_while_the_last_good_one_stays(
    service: CharactersService, folder: Path, clock: FrozenClock, broken: str, line: int | None, said: str
) -> None:
    before = await ada(service)
    (folder / "ada.toml").write_text(broken, "utf-8")

    (problem,) = [p for p in (await look(service, clock)).problems if said in p.problem]
    assert (problem.file, problem.line, problem.last_good_in_use) == ("ada.toml", line, True)
    assert await ada(service) == before

    (folder / "ada.toml").write_text(ADA.replace("A mathematician", "Mended"), "utf-8")
    assert (await look(service, clock)).problems == ()
    assert (await ada(service)).sheet.description == "Mended."


async def test_a_file_that_is_not_utf8_is_reported_by_line(
    service: CharactersService, folder: Path, clock: FrozenClock
) -> None:
    (folder / "cy.toml").write_bytes(b'name = "Cy"\ntagline = "\xe9"\n')

    (problem,) = (await look(service, clock)).problems
    assert (problem.file, problem.line, problem.last_good_in_use) == ("cy.toml", 2, False)


async def test_a_removed_file_takes_its_character_along_and_the_error_says_so(
    service: CharactersService, folder: Path, clock: FrozenClock
) -> None:
    (folder / "ada.toml").unlink()
    await look(service, clock)

    with pytest.raises(UnknownCharacter, match=r"known: 'bo'; its file 'ada.toml' was removed from the cast folder"):
        await service.get(CharacterRef(character="Ada Byron"))

    (folder / "ada.toml").write_text(ADA, "utf-8")
    await look(service, clock)
    assert (await ada(service)).name == "Ada"


async def test_a_folder_that_is_gone_leaves_its_characters_in_use(
    service: CharactersService, folder: Path, clock: FrozenClock
) -> None:
    os.rename(folder, folder.parent / "elsewhere")

    cast = await look(service, clock)
    assert [c.id for c in cast.characters] == ["ada", "bo"]
    assert cast.problems[0].last_good_in_use
    assert "the folder cannot be read" in cast.problems[0].problem

    os.rename(folder.parent / "elsewhere", folder)
    assert (await look(service, clock)).problems == ()


async def test_of_two_files_with_one_name_the_first_is_used(
    service: CharactersService, folder: Path, clock: FrozenClock
) -> None:
    (folder / "zz.toml").write_text('name = "ADA"', "utf-8")

    cast = await look(service, clock)
    assert [c.source for c in cast.characters] == ["ada.toml", "bo.toml"]
    (problem,) = cast.problems
    assert (problem.file, "(the file 'ada.toml' of the cast)" in problem.problem) == ("zz.toml", True)


async def test_a_file_does_not_push_a_made_character_aside(
    service: CharactersService, folder: Path, clock: FrozenClock
) -> None:
    await service.create(SheetOrCard({"name": "Cy", "tagline": "made"}))
    (folder / "cy.toml").write_text('name = "Cy"\ntagline = "filed"', "utf-8")

    cast = await look(service, clock)
    assert (await service.get(CharacterRef(character="cy"))).sheet.tagline == "made"
    assert [p.file for p in cast.problems] == ["cy.toml"]


async def test_links_out_of_the_folder_pipes_folders_and_huge_files_are_refused(
    service: CharactersService, folder: Path, clock: FrozenClock
) -> None:
    (folder.parent / "secret.toml").write_text('name = "Secret"', "utf-8")
    (folder / "link.toml").symlink_to(folder.parent / "secret.toml")
    (folder / "loop.toml").symlink_to("loop.toml")
    os.mkfifo(folder / "pipe.toml")
    (folder / "under.toml").mkdir()
    (folder / "huge.toml").write_text('name = "Huge"\n' + "#" * MAX_FILE_BYTES, "utf-8")
    (folder / ".#ada.toml").write_text("an editor's own", "utf-8")

    cast = await look(service, clock)
    assert [c.id for c in cast.characters] == ["ada", "bo"]
    assert {p.file: p.problem.split(" ")[0:2] for p in cast.problems} == {
        "link.toml": ["is", "a"],
        "loop.toml": ["cannot", "be"],
        "pipe.toml": ["is", "not"],
        "under.toml": ["is", "not"],
        "huge.toml": ["has", "256,014"],
    }


async def test_a_link_inside_the_folder_is_followed(
    service: CharactersService, folder: Path, clock: FrozenClock
) -> None:
    """Kubernetes mounts files that way."""
    (folder / "..data").mkdir()
    (folder / "..data" / "cy.toml").write_text('name = "Cy"', "utf-8")
    (folder / "cy.toml").symlink_to("..data/cy.toml")

    assert [c.id for c in (await look(service, clock)).characters] == ["ada", "bo", "cy"]


async def test_pages_of_lore_become_knowledge_of_those_they_name(
    service: CharactersService, folder: Path, clock: FrozenClock
) -> None:
    (folder / "lore").mkdir()
    (folder / "lore" / "a.md").write_text('+++\ntitle = "Engine"\nkeys = ["engine"]\n+++\nIt counts.\n', "utf-8")
    (folder / "lore" / "b.md").write_text('+++\r\nwho = ["Bo"]\r\n+++\r\nA secret.\r\n', "utf-8")

    first, second = (await look(service, clock)).characters
    assert [(piece.title, piece.keys, piece.text) for piece in first.sheet.lore] == [
        ("Engine", ("engine",), "It counts.")
    ]
    assert [piece.text for piece in second.sheet.lore] == ["It counts.", "A secret."]


@pytest.mark.parametrize(
    ("page", "line", "said"),
    [
        ("It counts.", 1, "begins with a line +++"),
        ("+++\nIt counts.", 1, "the second line +++ is missing"),
        ('+++\ntitle = "x"\n+++\n \n', 3, "there is no text below"),
        ('+++\ntitle = "x"\nkey = ["x"]\n+++\ntext', 3, "unknown key 'key'; did you mean 'keys'?"),
        ("+++\n\ntitle = \n+++\ntext", 3, "is not TOML: Invalid value"),
        ('+++\ntitle = "x"\nwho = ["ado"]\n+++\ntext', 3, "who: unknown character 'ado'; did you mean 'ada'?"),
    ],
)
async def test_a_broken_page_of_lore_is_reported_by_line(
    service: CharactersService, folder: Path, clock: FrozenClock, page: str, line: int, said: str
) -> None:
    (folder / "lore").mkdir()
    (folder / "lore" / "a.md").write_text(page, "utf-8")

    (problem,) = (await look(service, clock)).problems
    assert isinstance(problem, SheetProblem)
    assert (problem.file, problem.line) == ("lore/a.md", line)
    assert said in problem.problem
