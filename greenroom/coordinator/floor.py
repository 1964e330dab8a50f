"""The floor budget: what holds characters back from talking for ever.

However the other rules fall out, a channel in which no person speaks gets no more than `chain_limit` unasked lines:
each follows the very last turn, which the router checks under the channel's lock, and each is in the log before the
next is considered, where only a person's line sets the count back. Cooldowns, rates and decay only make them fewer.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from greenroom.config import CoordinatorSettings
from greenroom.coordinator.dice import drawn
from greenroom.model import CharacterId, Turn

NARRATOR = "narrator"
"""The `user_id` of turns that nobody's line began: characters who start to talk in a quiet channel."""

_CHARACTERS_PER_TOKEN = 4


class FloorBudget:
    """What is left to the characters of one channel. `turns` are its last, oldest first; `now` is in UTC.

    `unasked` counts the lines said unasked since a person last spoke, or since the characters began by themselves. Who
    answers a line that a person said to nobody in particular is not counted: somebody was to answer it.
    """

    def __init__(self, settings: CoordinatorSettings, turns: Sequence[Turn], now: datetime) -> None:
        self._settings = settings
        self._turns = turns
        self._now = now
        self.unasked = _unasked(turns)

    @property
    def is_for_anybody(self) -> bool:
        """Whether a person spoke last, and to nobody in particular."""
        return bool(self._turns) and self._turns[-1].state == "heard"

    @property
    def lines_last_minute(self) -> int:
        """How many lines characters said within the last minute."""
        return len(self._spoken_within(60))

    def why_not(self, seed: str) -> str:
        """What holds everybody back now, in words; empty when nothing does. `seed` draws against the decay."""
        settings, lines = self._settings, self._spoken_within(60)
        tokens = sum(len(turn.reply or "") for turn in lines) // _CHARACTERS_PER_TOKEN
        if self.unasked >= settings.chain_limit and not self.is_for_anybody:
            return f"{self.unasked} unasked lines since a person spoke; the limit is {settings.chain_limit}"
        if len(lines) >= settings.lines_per_minute:
            return f"{len(lines)} lines within a minute; the limit is {settings.lines_per_minute}"
        if tokens >= settings.tokens_per_minute:
            return f"about {tokens} tokens within a minute; the limit is {settings.tokens_per_minute}"
        if drawn(f"decay {seed}") >= settings.decay**self.unasked:
            return f"the conversation dies down after {self.unasked} unasked lines"
        return ""

    def resting(self) -> set[CharacterId]:
        """The characters that say nothing unasked for a while: who has just spoken, and who has had it out with one.

        A person who speaks to nobody in particular may be answered by anybody.
        """
        if self.is_for_anybody:
            return set()
        resting = {turn.character for turn in self._spoken_within(self._settings.character_cooldown_s)}
        pair = [turn.character for turn in self._spoken_within(self._settings.pair_cooldown_s)][-3:]
        if len(pair) == 3 and pair[0] == pair[2]:
            resting |= set(pair)
        return resting

    def _spoken_within(self, seconds: float) -> list[Turn]:
        since = self._now - timedelta(seconds=seconds)
        return [turn for turn in self._turns if turn.reply and (turn.ended_at or turn.begun_at) > since]


def _unasked(turns: Sequence[Turn]) -> int:
    count = 0
    heard = {turn.id for turn in turns if turn.state == "heard"}
    for turn in reversed(turns):
        if turn.message_type == "direct" or turn.user_id == NARRATOR or turn.follows in heard:
            break
        count += 1
    return count
