import pytest

from greenroom.coordinator.addressing import acted, forms, is_called, is_named, last_place, spoken

NAMES = ["Rosa Lind", "Tom Lind", "Professor Gale", "Al", "eve_42"]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Rosa, come here.", "Rosa Lind"),
        ("eve_42: try it again", "eve_42"),
        ("@eve_42 try it again", "eve_42"),
        ("Come here, Rosa!", "Rosa Lind"),
        ("You see, Gale, it works.", "Professor Gale"),
        ("“Tom?”", "Tom Lind"),
    ],
)
def test_a_name_that_is_set_off_calls_its_owner(line: str, name: str) -> None:
    called = forms(NAMES)
    assert [n for n in NAMES if is_called(spoken(line), called[n])] == [name]


@pytest.mark.parametrize("line", ["I saw Rosa yesterday.", "Rosa came home", "Give it to Rosa now"])
def test_a_name_within_a_sentence_only_names(line: str) -> None:
    called = forms(NAMES)["Rosa Lind"]
    assert is_named(spoken(line), called)
    assert not is_called(spoken(line), called)


def test_a_part_that_two_share_means_neither_and_a_title_means_nobody() -> None:
    called = forms(NAMES)
    assert not any(is_named(spoken("Lind, Professor!"), called[name]) for name in NAMES)


def test_a_word_that_only_holds_a_name_is_not_the_name() -> None:
    assert not is_named(spoken("Algebra, always."), forms(NAMES)["Al"])


def test_what_is_done_is_told_from_what_is_said() -> None:
    line = "(looks at Rosa) Hello *waves to Tom* there [Gale nods]"
    called = forms(NAMES)
    assert not any(is_named(spoken(line), called[name]) for name in NAMES)
    assert all(is_named(acted(line), called[name]) for name in ("Rosa Lind", "Tom Lind", "Professor Gale"))


def test_an_alias_is_a_name_too() -> None:
    assert is_called(spoken("Captain?"), forms(["Al"], {"Al": ["Captain"]})["Al"])


def test_the_place_of_a_name_is_where_it_stands_last() -> None:
    called = forms(NAMES)
    said = spoken("Tom saw Rosa, and then Tom left")
    assert (
        last_place(said, called["Tom Lind"])
        > last_place(said, called["Rosa Lind"])
        > 0
        > last_place(said, called["Al"])
    )


@pytest.mark.parametrize("line", ["(" * 5000, "*" * 5000, "Rosa, " * 3000])
def test_a_hostile_line_is_read_in_no_time(line: str) -> None:
    assert is_named(spoken(line), forms(NAMES)["Rosa Lind"]) == ("Rosa" in line)
