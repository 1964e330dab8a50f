import json
from typing import Any, cast

from greenroom.discord.acts import Acts, Asker
from greenroom.model import Receipt
from greenroom.testing import FixedTurns
from tests.discord.stage import turn_of

_LONG = "x" * 20_000


async def test_who_said_more_than_a_file_on_discord_holds_gets_the_oldest_of_it_and_is_told_so() -> None:
    turns = FixedTurns()
    acts = Acts(*(cast("Any", None), turns, *(cast("Any", None),) * 5))
    for count, all_of_it in ((3, True), (250, False)):
        for number in range(count):
            turns.add(Receipt(turn=turn_of(f"t{number:03}", _LONG, input_text=_LONG)))
        content, is_all = await acts.export(Asker(user_id=1, channel_id=5, moderates=False))
        kept = [turn["id"] for turn in json.loads(content)]
        assert is_all == all_of_it
        assert kept == [f"t{number:03}" for number in range(len(kept))]
        assert len(content) < 8_000_000
    assert 100 < len(kept) < 250
