"""When two names mean the same."""

import pytest

from greenroom.world.names import Names, id_of


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ("the Rusty Anchor", "Rusty  anchor"),
        ("Rusty Anchor", "Rusty-Anchor's"),
        ("Café Noir", "cafe noir"),
        ("Katherine", "Catherine"),
        ("Philip", "Filip"),
        ("Harbour Inn", "Harbor Inn"),
        ("Quentin Marsh", "Quentni Marsh"),
        ("Rosa Delgado", "Rosa"),
        ("Captain Mora", "Mora"),
        ("Mora", "Captain Mora"),
    ],
)
def test_another_spelling_is_the_same_entity(known: str, said: str) -> None:
    names = Names()
    names.add("it", "character", [known])
    assert names.find(said, "character") == "it"


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ("Anna Berg", "Anna Borg"),
        ("Rosa Delgado", "Rosa Smith"),
        ("North Gate", "South Gate"),
        ("Captain Mora", "Captain Lee"),
        ("Tim", "Tom"),
    ],
)
def test_what_merely_looks_alike_is_another(known: str, said: str) -> None:
    names = Names()
    names.add("it", "character", [known])
    assert names.find(said, "character") is None


def test_a_part_that_two_have_means_neither() -> None:
    names = Names()
    names.add("one", "character", ["Rosa Delgado"])
    names.add("two", "character", ["Rosa Smith"])
    assert names.find("Rosa", "character") is None
    assert names.find("Delgado", "character") == "one"


def test_of_two_that_are_called_the_same_the_type_decides() -> None:
    names = Names()
    names.add("city", "location", ["Paris"])
    names.add("person", "character", ["Paris"])
    assert names.find("Paris", "character") == "person"
    names.remove("person")
    assert names.find("Paris", "character") == "city"


def test_ids_are_made_of_letters_of_any_script() -> None:
    assert [id_of(name) for name in ("The Rusty Anchor", "Жанна Д'Арк", "x/b\\c", "!!!")] == [
        "rusty-anchor",
        "жанна-д'арк",
        "x-b-c",
        "",
    ]
