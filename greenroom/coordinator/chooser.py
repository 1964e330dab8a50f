"""What a choice of a speaker rests on, brought together: the channel, the cast, the weights in force, and interest."""

from collections.abc import Iterable, Mapping, Sequence

from greenroom.clock import Clock
from greenroom.config import CoordinatorSettings
from greenroom.coordinator.interest import Interests
from greenroom.coordinator.occasion import Occasion
from greenroom.coordinator.selection import Chances, Situation, situation_of, weighed
from greenroom.coordinator.tie_break import TieBreak
from greenroom.coordinator.weight_book import WeightBook
from greenroom.model import ChannelRequest, Character, Conversation, Message, Nothing
from greenroom.ports import Characters, Turns

_LINES = 60


class Chooser:
    """Finds out who would speak next, in a channel or in a conversation that it is told."""

    def __init__(
        self,
        turns: Turns,
        characters: Characters,
        book: WeightBook,
        interests: Interests,
        tie_break: TieBreak,
        settings: CoordinatorSettings,
        clock: Clock,
    ) -> None:
        self._turns = turns
        self._characters = characters
        self._book = book
        self._interests = interests
        self._tie_break = tie_break
        self._settings = settings
        self._clock = clock

    async def occasion(self, channel_id: str, cast: Iterable[Character] | None = None) -> Occasion:
        """A channel as it is now. `cast` are the characters that may speak; the whole cast, unless it is given.

        Who did not witness what was said last cannot answer it.
        """
        conversation = await self._turns.recall(ChannelRequest(channel_id=channel_id, limit=_LINES))
        return await self.told(conversation, cast)

    async def told(self, conversation: Conversation, cast: Iterable[Character] | None = None) -> Occasion:
        """The same of a conversation that is told."""
        there = (await self._characters.cast(Nothing())).characters if cast is None else cast
        witnesses = conversation.turns[-1].present if conversation.turns else None
        of_name = {c.name: c for c in there if witnesses is None or c.id in witnesses}
        interest = await self._interests.of(conversation.messages, of_name)
        weights = await self._book.in_force()
        return Occasion(conversation, of_name, self._settings, self._clock.now(), weights, interest)

    async def chances(
        self,
        history: Sequence[Message],
        candidates: Sequence[str],
        people: Sequence[str],
        cast: Mapping[str, Character],
        unasked: int,
    ) -> Chances:
        """The chances of candidates of whom some may have no sheet."""
        interest = await self._interests.of(history, cast)
        return weighed(situation_of(history, candidates, people, cast, unasked, interest), await self._book.in_force())

    async def situation(
        self, conversation: Conversation, candidates: Sequence[str], people: Sequence[str]
    ) -> Situation:
        """The numbers of a moment that is over. Without `candidates` it is the cast, without `people` who was there."""
        cast = {c.name: c for c in (await self._characters.cast(Nothing())).characters}
        occasion = Occasion(conversation, cast, self._settings, self._clock.now())
        interest = await self._interests.of(conversation.messages, cast)
        return situation_of(
            conversation.messages,
            candidates or [*cast],
            people or occasion.people,
            cast,
            occasion.budget.unasked,
            interest,
        )

    async def tie_broken(self, occasion: Occasion) -> str | None:
        """The one whom the model names, where two are about equally likely and it may be asked."""
        if not occasion.free or not occasion.history:
            return None
        return await self._tie_break.choose(occasion.shared, occasion.chances, occasion.free)
