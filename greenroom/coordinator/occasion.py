"""A channel at one moment: what was said, who is there, what the floor budget leaves, and so who might speak."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property

from greenroom.config import CoordinatorSettings
from greenroom.coordinator.floor import FloorBudget
from greenroom.coordinator.pauses import momentum, mood_of, pause_s
from greenroom.coordinator.selection import SHIPPED, Chances, Situation, Weights, situation_of, weighed
from greenroom.coordinator.tie_break import REASON
from greenroom.model import Character, Conversation, Message, Opportunity, Turn

_WORTH_A_SECOND = 0.15
"""The chance from which somebody answers a line although another does so at the same time."""


class Occasion:
    """Weighs whether a character should speak unasked. `cast` maps names to the characters that may; `now` is in UTC.

    `interest` 0–1 is how much each cares for what is talked of, where embeddings tell.
    """

    def __init__(
        self,
        conversation: Conversation,
        cast: Mapping[str, Character],
        settings: CoordinatorSettings,
        now: datetime,
        weights: Weights = SHIPPED,
        interest: Mapping[str, float] | None = None,
    ) -> None:
        self.budget = FloorBudget(settings, conversation.turns, now)
        self.history: Sequence[Message] = conversation.messages
        self._settings = settings
        self._turns = conversation.turns
        self._cast = cast
        self._now = now
        self._weights = weights
        self._interest = interest

    @property
    def last_turn(self) -> Turn | None:
        """The turn that was last in the channel."""
        return self._turns[-1] if self._turns else None

    @property
    def quiet_s(self) -> float | None:
        """For how long nothing has been said, in seconds; None where nothing ever was."""
        if self.last_turn is None:
            return None
        return (self._now - (self.last_turn.ended_at or self.last_turn.begun_at)).total_seconds()

    @property
    def people(self) -> tuple[str, ...]:
        """The people who spoke, by the names under which they did, the first one first."""
        return tuple(dict.fromkeys(turn.user_name for turn in self._turns if turn.message_type == "direct"))

    @property
    def weights(self) -> str:
        """The version of the weights."""
        return self._weights.version

    @property
    def momentum(self) -> float:
        """How lively it is, 0–1."""
        return momentum(self.history, self._now)

    @cached_property
    def free(self) -> dict[str, Character]:
        """Those who may speak, without the one who has just spoken."""
        resting = self.budget.resting()
        last = self.history[-1].author.casefold() if self.history else ""
        return {n: c for n, c in self._cast.items() if c.id not in resting and n.casefold() != last}

    @property
    def shared(self) -> tuple[Message, ...]:
        """The lines that all who may speak witnessed, without what was said in private to others than who is there."""
        kept_from = {turn.id for turn in self._turns if not self._is_shared(turn)}
        return tuple(line for line in self.history if line.turn_id not in kept_from)

    @cached_property
    def situation(self) -> Situation:
        """The numbers of those who may speak, of whom there must be one."""
        return situation_of(self.history, [*self.free], self.people, self._cast, self.budget.unasked, self._interest)

    @cached_property
    def chances(self) -> Chances:
        """Their chances."""
        return weighed(self.situation, self._weights)

    def opportunities(self, seed: str, chosen: str | None = None) -> list[Opportunity]:
        """Who might speak, drawn by `seed`; the first says why not when nobody should. There are more of them where
        several may answer one line at the same time. `chosen` is the one that the model named.
        """
        held = self._held_back(seed) or ("" if self.free and self.history else "nobody is free to speak")
        if held:
            return [Opportunity(should_respond=False, why_not=held)]
        first = self._opportunity(chosen or self.chances.first, seed)
        if chosen:
            first = first.model_copy(update={"reasons": (*first.reasons, REASON)})
        if self.chances.draw(seed) is None:
            why_not = f"silence was drawn, at {self.chances.silence:.0%}"
            return [first.model_copy(update={"should_respond": False, "why_not": why_not})]
        beside = [name for name in self._likely() if name != first.character]
        at_most = self._settings.simultaneous if self.budget.is_for_anybody else 1
        return [first, *(self._opportunity(name, f"{seed} {name}") for name in beside[: at_most - 1])]

    def opportunity(self, seed: str) -> Opportunity:
        """The first of them."""
        return self.opportunities(seed)[0]

    def _opportunity(self, name: str, seed: str) -> Opportunity:
        found = self.chances
        mood = mood_of(self.free[name], self.history[-1])
        return Opportunity(
            should_respond=True,
            character=name,
            confidence=round(found.of[name], 4),
            reasons=found.reasons[name],
            mood=mood,
            delay_s=pause_s(self.free[name], mood, self.momentum, seed),
            chances={one: round(chance, 4) for one, chance in found.of.items()},
            silence=round(found.silence, 4),
            weights=self._weights.version,
        )

    def _is_shared(self, turn: Turn) -> bool:
        """Whether a turn may be spoken of by all who may speak, before all who witness the last one."""
        if turn.present is None:
            return True
        here = self._turns[-1].present
        hearers = {character.id for character in self.free.values()}
        if turn.place != "private":
            return hearers.issubset(turn.present)
        return here is not None and hearers.union(here).issubset(turn.present)

    def _likely(self) -> list[str]:
        """Those who have something to say beside the first, the likeliest first."""
        of = self.chances.of
        least = max(_WORTH_A_SECOND, self.chances.silence)
        return sorted((name for name in of if of[name] >= least), key=lambda name: -of[name])

    def _held_back(self, seed: str) -> str:
        setting = "open_floor" if self.budget.is_for_anybody else "organic"
        if not getattr(self._settings, setting):
            return f"the setting coordinator.{setting} is off"
        if self.quiet_s is not None and self.quiet_s > self._settings.stale_after_s:
            return "what was said last is too long ago"
        return self.budget.why_not(seed)
