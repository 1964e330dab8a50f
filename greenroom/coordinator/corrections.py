"""What an owner says of a choice: "Brian should have answered that". Its moment is found again, and kept with it."""

import hashlib

from greenroom.coordinator.chooser import Chooser
from greenroom.coordinator.fitting import Correction
from greenroom.coordinator.weight_book import WeightBook
from greenroom.errors import InvalidInput, UnknownCharacter, UnknownTurn
from greenroom.model import ChannelId, ChannelRequest, Conversation, SpeakerCorrection, TurnRef, WeightsReport
from greenroom.ports import Turns

_LINES = 1000


class Corrections:
    """Takes corrections in."""

    def __init__(self, turns: Turns, chooser: Chooser, book: WeightBook) -> None:
        self._turns = turns
        self._chooser = chooser
        self._book = book

    async def keep(self, correction: SpeakerCorrection) -> WeightsReport:
        """Keep a correction. Raises: UnknownTurn; UnknownCharacter, for one who could not have spoken."""
        conversation, chosen = await self._moment(correction)
        situation = await self._chooser.situation(conversation, correction.candidates, correction.people)
        names = {name.casefold(): name for name in situation.features}
        should = names.get(correction.should.casefold()) if correction.should else None
        if correction.should and should is None:
            known = ", ".join(map(repr, names.values()))
            raise UnknownCharacter(f"{correction.should!r} could not have spoken here; who could: {known or 'nobody'}")
        about = correction.turn_id or hashlib.sha256(repr(conversation.messages).encode()).hexdigest()
        return await self._book.keep(Correction(about, should, situation), conversation.channel_id, chosen)

    async def _moment(self, correction: SpeakerCorrection) -> tuple[Conversation, str | None]:
        """What had been said, and who then spoke."""
        if correction.turn_id is None:
            history = correction.conversation_history
            return Conversation(channel_id=ChannelId(correction.channel_id), messages=history), None
        turn = (await self._turns.explain(TurnRef(id=correction.turn_id))).turn
        recent = await self._turns.recall(ChannelRequest(channel_id=turn.channel_id, limit=_LINES))
        places = [at for at, line in enumerate(recent.messages) if line.turn_id == turn.id]
        if not places:
            raise UnknownTurn(f"turn {turn.id!r} is not among the last {_LINES} lines of its channel any more")
        until = places[-1] if recent.messages[places[-1]].from_character else places[-1] + 1
        if not until:
            raise InvalidInput("this was the first line of its channel: nothing says who should have spoken instead")
        place = [t.id for t in recent.turns].index(turn.id) + (turn.message_type == "direct")
        told = Conversation(channel_id=turn.channel_id, messages=recent.messages[:until], turns=recent.turns[:place])
        return told, turn.character_name or None
