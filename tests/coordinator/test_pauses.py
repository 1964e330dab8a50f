import pytest

from greenroom.coordinator.pauses import LONGEST_S, SHORTEST_S, momentum, mood_of, pause_s
from greenroom.model import Mood
from tests.coordinator.lines import NOON, character, lines

BO = character("Bo", "fish", dislikes="Ada")


@pytest.mark.parametrize(
    ("line", "mood"),
    [
        ("Ann: I have caught a fish.", "excited"),
        ("Ann: LOOK AT THAT", "excited"),
        ("Ada: It is raining.", "annoyed"),
        ("Ann: Shall we plot revenge?", "plotting"),
        ("Ann: Why is it raining?", "thoughtful"),
        ("Ann: It is raining.", "bored"),
    ],
)
def test_the_mood_is_that_of_what_was_said_and_by_whom(line: str, mood: Mood) -> None:
    assert mood_of(BO, lines(line)[0]) == mood


def test_a_character_without_plots_does_not_plot() -> None:
    peaceful = BO.model_copy(update={"sheet": BO.sheet.model_copy(update={"timing": character("x").sheet.timing})})
    plain = peaceful.sheet.timing.model_copy(update={"delays_s": {}})
    peaceful = peaceful.model_copy(update={"sheet": peaceful.sheet.model_copy(update={"timing": plain})})
    assert mood_of(peaceful, lines("Ann: A plot.")[0]) == "bored"


@pytest.mark.parametrize("mood", ["excited", "annoyed", "bored", "thoughtful", "plotting"])
def test_a_pause_is_in_character_between_one_and_twelve_seconds_and_always_the_same(mood: Mood) -> None:
    pauses = [pause_s(BO, mood, 0.0, f"turn {n}") for n in range(200)]
    assert SHORTEST_S <= min(pauses) < max(pauses) <= LONGEST_S
    assert pauses == [pause_s(BO, mood, 0.0, f"turn {n}") for n in range(200)]
    if mood in BO.sheet.timing.delays_s:
        shortest, longest = BO.sheet.timing.delays_s[mood]
        assert shortest <= min(pauses) < max(pauses) <= longest


def test_in_a_lively_conversation_pauses_are_shorter() -> None:
    assert pause_s(BO, "plotting", 1.0, "x") < pause_s(BO, "plotting", 0.2, "x") < pause_s(BO, "plotting", 0.0, "x")


def test_a_conversation_is_lively_by_the_lines_of_the_last_minute() -> None:
    assert momentum((), NOON) == 0
    assert momentum(lines("Ann: One."), NOON) < momentum(lines(*["Ann: More."] * 5), NOON) < 1
    assert momentum(lines(*["Ann: More."] * 30), NOON) == momentum(lines(*["Ann: More."] * 90), NOON)
