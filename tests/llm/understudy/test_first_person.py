"""What is written about a character, said by the character."""

import pytest

from greenroom.llm.understudy.feeling import feeling
from greenroom.llm.understudy.first_person import as_own

PEOPLE = ("Brian", "Lois", "Opie")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Stewie's time machine stands in his laboratory.", "My time machine stands in my laboratory."),
        ("Stewie drives a tricycle and lets people know it.", "I drive a tricycle and let people know it."),
        ("Stewie and Brian have visited wars.", "Brian and I have visited wars."),
        ("You are one year old.", "I am one year old."),
        ("Stewie sleeps where it suits him.", "I sleep where it suits me."),
        ("When Rupert is lost, Stewie drops everything.", "When Rupert is lost, I drop everything."),
        ("Quahog is a town.", "Quahog is a town."),
    ],
)
def test_a_sentence_about_the_character_is_turned_into_its_own(written: str, said: str) -> None:
    assert as_own(written, ("Stewie",), PEOPLE) == said


@pytest.mark.parametrize(
    "written",
    [
        "Stewie tells him his plans, reads to him, and hears his answers.",
        "Among his colleagues is Opie, who is rated above Stewie.",
        "To Stewie he is friend, adviser and accomplice.",
    ],
)
def test_a_sentence_that_would_mix_up_who_is_who_is_given_up(written: str) -> None:
    assert as_own(written, ("Stewie",), PEOPLE) == ""


@pytest.mark.parametrize(
    ("who", "how", "said"),
    [
        ("Lois", "your wife, whom you adore", "Lois? My wife, whom I adore."),
        ("Brian", "the dog; you mock him daily", "Brian? The dog. I mock him daily."),
        ("Tor", "fond of him", "Tor? I'm fond of him."),
        ("Bo", "loves him dearly", "Bo? I love him dearly."),
    ],
)
def test_a_feeling_is_told_in_a_sentence_or_two(who: str, how: str, said: str) -> None:
    assert feeling(who, how) == said
