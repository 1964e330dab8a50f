import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenroom.coordinator.features import FEATURES
from greenroom.coordinator.selection import WEIGHTS
from greenroom.model import Message
from tests.coordinator.lines import FOUR, chances, character, lines

CAST = {c.name: c for c in FOUR}
NAMES = [*CAST]


def first(*said: str, candidates: list[str] | None = None, people: tuple[str, ...] = ("Ann",)) -> str | None:
    return chances(lines(*said), candidates or NAMES, people, CAST).likeliest


def test_every_feature_has_its_weights() -> None:
    assert list(WEIGHTS) == list(FEATURES)


@pytest.mark.parametrize("name", NAMES)
def test_who_is_called_by_name_speaks(name: str) -> None:
    assert first("Ada: Nice weather.", "Cy: Is it?", f"Ann: {name}, what do you think?") == name


def test_who_is_called_counts_for_more_than_who_is_spoken_of() -> None:
    assert first("Ann: Bo, have you seen Ada today?") == "Bo"


def test_who_cares_for_the_topic_falls_in() -> None:
    assert first("Ann: I caught a fish!", candidates=["Ada", "Bo", "Cy"]) == "Bo"


def test_who_was_spoken_with_goes_on() -> None:
    assert first("Ann: Hello there.", "Cy: Good day to you.", "Ann: How have you been?") == "Cy"


def test_nobody_answers_themselves() -> None:
    found = chances(lines("Ann: Who is there?", "Ada: Ada. Ada, I say."), NAMES, ["Ann"], CAST)
    assert "Ada" not in found.of


def test_one_to_one_the_only_candidate_answers() -> None:
    assert first("Ann: Well?", candidates=["Cy"]) == "Cy"


def test_what_people_say_to_each_other_is_left_alone() -> None:
    said = ("Ann: Hello, all.", "Ben: Hi, Ann.", "Ann: Ben, shall we have lunch?")
    assert first(*said, people=("Ann", "Ben")) is None


def test_in_an_empty_channel_there_is_silence() -> None:
    assert chances((), NAMES, (), CAST).likeliest is None


def test_the_longer_characters_talk_among_themselves_the_likelier_is_silence() -> None:
    said = lines("Ann: Good morning.", "Ada: Morning.", "Bo: Morning.")
    silences = [chances(said, NAMES, ["Ann"], CAST, unasked).silence for unasked in range(5)]
    assert silences == sorted(silences)
    assert silences[0] < 0.5 < silences[-1]


def test_each_candidate_is_told_why() -> None:
    found = chances(lines("Ann: Bo, any fish today?"), NAMES, ["Ann"], CAST)
    assert found.reasons["Bo"][:2] == ("was called by name", "cares for what is spoken of")


def test_in_a_crowd_who_was_asking_the_speaker_is_answered() -> None:
    crowd = ["kim", "lou", "max", "ned", "oli", "pat"]
    said = (
        "pat: gil, how do I mount a disk?",
        "lou: anybody with a printer?",
        "max: my sound is gone",
        "gil: with mount",
    )
    assert first(*said, candidates=crowd, people=("gil",)) == "pat"


def test_a_name_that_nobody_knows_takes_part_all_the_same() -> None:
    assert first("Ann: Zed, are you there?", candidates=["Zed", "Ada"]) == "Zed"


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([*NAMES, "Ann", "Ben"]), st.text(max_size=60)), max_size=12),
    st.integers(0, 5),
)
def test_chances_sum_to_one_and_are_the_same_each_time(said: list[tuple[str, str]], unasked: int) -> None:
    history = tuple(Message(author=author, content=content) for author, content in said)
    found = chances(history, NAMES, ["Ann", "Ben"], CAST, unasked)
    assert sum(found.of.values()) + found.silence == pytest.approx(1)
    assert found == chances(history, NAMES, ["Ann", "Ben"], CAST, unasked)


def test_silence_is_drawn_as_often_as_its_chance_says() -> None:
    found = chances(lines("Ann: Good morning.", "Ada: Morning."), ["Bo", "Cy"], ["Ann"], CAST, unasked=2)
    drawn = [found.draw(f"turn {number}") for number in range(2000)]
    assert drawn.count(None) / 2000 == pytest.approx(found.silence, abs=0.04)


def test_turns_are_shared_out_among_the_equally_talkative() -> None:
    """The Gini coefficient of 500 turns is at most .35."""
    cast = {name: character(name) for name in ("Ada", "Bo", "Cy", "Di")}
    said = list(lines("Ann: Good morning.", "Ada: Morning."))
    for _ in range(500):
        name = chances(said, [*cast], ["Ann"], cast).first
        said.append(Message(author=name, content="I see."))
    counts = sorted(sum(line.author == name for line in said) for name in cast)
    mean = sum(counts) / 4
    gini = sum(abs(a - b) for a in counts for b in counts) / (2 * 16 * mean)
    assert gini <= 0.35
