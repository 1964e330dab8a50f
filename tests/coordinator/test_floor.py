from datetime import datetime, timedelta

import pytest

from greenroom.config import CoordinatorSettings
from greenroom.coordinator.floor import NARRATOR, FloorBudget
from greenroom.coordinator.occasion import Occasion
from greenroom.model import ChannelId, Conversation, Message, PersonId, Turn
from tests.coordinator.lines import FOUR, NOON, turn

STEADY = CoordinatorSettings(decay=1)


def budget(*turns: Turn, settings: CoordinatorSettings = STEADY) -> FloorBudget:
    return FloorBudget(settings, turns, NOON)


def test_a_person_who_speaks_gives_the_characters_the_floor_again() -> None:
    chatter = [turn(n, "Bo", "organic", seconds_ago=100 - n) for n in range(3)]
    assert "the limit is 3" in budget(turn(0), *chatter).why_not("x")
    assert budget(turn(0), *chatter, turn(9, seconds_ago=70)).why_not("x") == ""


def test_characters_who_began_by_themselves_have_the_whole_limit() -> None:
    began = turn(1, "Bo", "organic", seconds_ago=90).model_copy(update={"user_id": PersonId(NARRATOR)})
    assert budget(turn(0), began, turn(2, "Cy", "organic", seconds_ago=80)).unasked == 1


def test_too_many_lines_within_a_minute_are_enough() -> None:
    turns = [turn(n, seconds_ago=n) for n in range(6)]
    assert "6 lines within a minute" in budget(*turns).why_not("x")
    assert budget(*turns[:5]).why_not("x") == ""


def test_long_lines_use_the_budget_up_sooner() -> None:
    assert "tokens within a minute" in budget(turn(0, reply="word " * 1000)).why_not("x")


def test_each_further_line_is_less_likely() -> None:
    settings = CoordinatorSettings(decay=0.5, chain_limit=9, lines_per_minute=99)
    turns = [turn(0), *(turn(n, "Bo", "organic") for n in (1, 2))]
    held = [bool(budget(*turns, settings=settings).why_not(f"turn {n}")) for n in range(2000)]
    assert sum(held) / 2000 == pytest.approx(1 - 0.5**2, abs=0.04)


def test_who_has_just_spoken_rests_and_so_do_two_who_have_answered_each_other() -> None:
    assert budget(turn(0, "Ada", seconds_ago=2), turn(1, "Bo", seconds_ago=9)).resting() == {"ada"}
    pair = [turn(0, "Ada", seconds_ago=18), turn(1, "Bo", seconds_ago=12), turn(2, "Ada", seconds_ago=6)]
    assert budget(*pair).resting() == {"ada", "bo"}


@pytest.mark.parametrize("limit", [0, 1, 3, 6])
def test_four_characters_whom_nobody_talks_to_fall_silent_within_the_limit(limit: int) -> None:
    """1,000 conversations in all; everything but the limit is set so that they would talk for ever."""
    settings = CoordinatorSettings(
        chain_limit=limit, decay=1, lines_per_minute=1000, tokens_per_minute=10**6, pair_cooldown_s=0
    )
    longest = 0
    for number in range(250):
        now, turns = NOON, [turn(number, FOUR[number % 4].name)]
        while (found := _occasion(turns, settings, now).opportunity(f"{number} {len(turns)}")).should_respond:
            now += timedelta(seconds=found.delay_s)
            turns.append(turn(len(turns), found.character or "", "organic", reply=f"Bo, Ada, Di, Cy? {now}", now=now))
            assert len(turns) <= 1 + limit
        longest = max(longest, len(turns) - 1)
    assert longest == limit


def test_with_the_settings_as_they_come_most_conversations_end_before_the_limit() -> None:
    counts = [0, 0, 0, 0]
    for number in range(300):
        now, turns = NOON, [turn(number, FOUR[number % 4].name)]
        while (
            found := _occasion(turns, CoordinatorSettings(), now).opportunity(f"{number} {len(turns)}")
        ).should_respond:
            now += timedelta(seconds=found.delay_s)
            turns.append(turn(len(turns), found.character or "", "organic", now=now))
        counts[len(turns) - 1] += 1
    assert sum(counts) == 300
    assert counts[3] < 150


def _occasion(turns: list[Turn], settings: CoordinatorSettings, now: datetime) -> Occasion:
    messages = [Message(author="Ann", content="Well?", said_at=turns[0].begun_at)]
    messages += [Message(author=t.character_name, content=t.reply or "", said_at=t.ended_at) for t in turns]
    conversation = Conversation(channel_id=ChannelId("den"), messages=tuple(messages), turns=tuple(turns))
    return Occasion(conversation, {c.name: c for c in FOUR}, settings, now)


def test_who_is_called_by_name_is_the_only_one_to_answer() -> None:
    """500 lines to nobody's door that call one of four: that one answers, even where several may, and nobody else."""
    settings = CoordinatorSettings(simultaneous=1)
    for number in range(500):
        called = FOUR[number % 4].name
        text = (f"{called}, what is that?", f"What do you think, {called}?", f"Hey {called}! Look!")[number % 3]
        line = turn(number, "").model_copy(update={"state": "heard", "input_text": text, "reply": None})
        said = Message(author="Ann", content=text, said_at=NOON)
        conversation = Conversation(channel_id=ChannelId("den"), messages=(said,), turns=(line,))
        occasion = Occasion(conversation, {c.name: c for c in FOUR}, settings, NOON)
        answering = [one.character for one in occasion.opportunities(str(number)) if one.should_respond]
        assert answering == [called]
