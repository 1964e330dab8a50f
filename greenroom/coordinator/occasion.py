"""A channel at one moment: what was said, who is there, what the floor budget leaves, and so who might fall in."""

from collections.abc import Mapping
from datetime import datetime

from greenroom.config import CoordinatorSettings
from greenroom.coordinator.floor import FloorBudget
from greenroom.coordinator.pauses import momentum, mood_of, pause_s
from greenroom.coordinator.selection import chances
from greenroom.model import Character, Conversation, Opportunity, Turn


class Occasion:
    """Weighs whether a character should fall in. `cast` maps names to the characters that may; `now` is in UTC."""

    def __init__(
        self, conversation: Conversation, cast: Mapping[str, Character], settings: CoordinatorSettings, now: datetime
    ) -> None:
        self.budget = FloorBudget(settings, conversation.turns, now)
        self._settings = settings
        self._history = conversation.messages
        self._turns = conversation.turns
        self._cast = cast
        self._now = now

    @property
    def last_turn(self) -> Turn | None:
        """The turn that was last in the channel."""
        return self._turns[-1] if self._turns else None

    @property
    def people(self) -> tuple[str, ...]:
        """The people who spoke, by the names under which they did, the first one first."""
        return tuple(dict.fromkeys(turn.user_name for turn in self._turns if turn.message_type == "direct"))

    @property
    def momentum(self) -> float:
        """How lively it is, 0–1."""
        return momentum(self._history, self._now)

    def opportunity(self, seed: str) -> Opportunity:
        """Who might fall in, drawn by `seed`; nobody should when silence is drawn or the budget is used up."""
        last = self._history[-1] if self._history else None
        free = self._free()
        held = self._held_back(seed) or ("" if free and last else "nobody is free to speak")
        if held:
            return Opportunity(should_respond=False, why_not=held)
        found = chances(self._history, [*free], self.people, self._cast, self.budget.unasked)
        name, drawn = found.first, found.draw(seed)
        mood = mood_of(free[name], last)
        return Opportunity(
            should_respond=drawn is not None,
            character=name,
            confidence=round(found.of[name], 4),
            reasons=found.reasons[name],
            mood=mood,
            delay_s=pause_s(free[name], mood, self.momentum, seed),
            why_not="" if drawn else f"silence was drawn, at {found.silence:.0%}",
        )

    def _free(self) -> dict[str, Character]:
        """Those who may speak, without the one who has just spoken."""
        resting = self.budget.resting()
        last = self._history[-1].author.casefold() if self._history else ""
        return {n: c for n, c in self._cast.items() if c.id not in resting and n.casefold() != last}

    def _held_back(self, seed: str) -> str:
        if not self._settings.organic:
            return "the setting coordinator.organic is off"
        said = self.last_turn and (self.last_turn.ended_at or self.last_turn.begun_at)
        if said and (self._now - said).total_seconds() > self._settings.stale_after_s:
            return "what was said last is too long ago"
        return self.budget.why_not(seed)
