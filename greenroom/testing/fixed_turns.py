"""A log of turns that is held in memory."""

from datetime import UTC, datetime, timedelta
from typing import Any

from greenroom.errors import Forbidden, GreenroomError, UnknownTurn
from greenroom.model import (
    ChannelId,
    ChannelRequest,
    Conversation,
    FollowRequest,
    Forgotten,
    LineEdit,
    LineRef,
    Message,
    PersonRef,
    Receipt,
    SaidRequest,
    Turn,
    TurnPage,
    TurnRef,
    WitnessedRequest,
)

_EDITED_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


class FixedTurns:
    """A `Turns` for tests: the test adds receipts, and takes the log away by setting `away` to an error."""

    def __init__(self, *receipts: Receipt) -> None:
        self.receipts: dict[str, Receipt] = {}
        self.away: GreenroomError | None = None
        self._position = 0
        for receipt in receipts:
            self.add(receipt)

    def add(self, receipt: Receipt) -> None:
        """Write a turn at the end of the log, under a new position; one with the same id has changed."""
        self._position += 1
        earlier = self.receipts.pop(receipt.turn.id, None)
        rank = receipt.turn.rank or (earlier.turn.rank if earlier else self._position)
        turn = receipt.turn.model_copy(update={"position": self._position, "rank": rank})
        self.receipts[turn.id] = receipt.model_copy(update={"turn": turn})

    async def explain(self, which: TurnRef, /) -> Receipt:
        """Return the receipt that was added."""
        self._answer()
        if which.id not in self.receipts:
            raise UnknownTurn(f"unknown turn {which.id!r}")
        return self.receipts[which.id]

    async def follow(self, request: FollowRequest, /) -> TurnPage:
        """Return the turns after the cursor, in the order in which they were added."""
        self._answer()
        later = [r.turn for r in self.receipts.values() if r.turn.position > request.after]
        page = [t for t in later if request.channel_id is None or t.channel_id == request.channel_id][: request.limit]
        return TurnPage(turns=tuple(page), cursor=page[-1].position if page else request.after)

    async def recall(self, request: ChannelRequest, /) -> Conversation:
        """Return what was said in a channel: each input, and the reply to it."""
        self._answer()
        there = [r.turn for r in self.receipts.values() if r.turn.state != "withdrawn"]
        witness = request.witness
        heard = [turn for turn in there if witness is None or turn.present is None or witness in turn.present]
        turns = [turn for turn in heard if turn.channel_id == request.channel_id]
        turns = turns[-request.limit :]
        messages = [message for turn in turns for message in _messages(turn)][-request.limit :]
        return Conversation(channel_id=ChannelId(request.channel_id), messages=tuple(messages), turns=tuple(turns))

    async def edit(self, change: LineEdit, /) -> Turn:
        """Put other words in the place of a line, each time a second later."""
        edited_at = _EDITED_AT + timedelta(seconds=self._position)
        return self._change(change, input_text=change.text, edited_at=edited_at, outdated=True)

    async def withdraw(self, which: LineRef, /) -> Turn:
        """Leave a tombstone of a line."""
        return self._change(which, state="withdrawn", input_text="", reply=None)

    async def witnessed(self, request: WitnessedRequest, /) -> TurnPage:
        """Return what the character witnessed; words are not looked at."""
        page = await self.follow(FollowRequest(after=request.after, limit=request.limit, channel_id=request.channel_id))
        there = tuple(t for t in page.turns if t.present is None or request.character in t.present)
        return page.model_copy(update={"turns": there})

    async def export(self, request: SaidRequest, /) -> TurnPage:
        """Return what a person said."""
        page = await self.follow(FollowRequest(after=request.after, limit=request.limit))
        return page.model_copy(update={"turns": tuple(t for t in page.turns if t.user_id == request.user_id)})

    async def forget(self, who: PersonRef, /) -> Forgotten:
        """Leave tombstones of what a person said."""
        said = [r.turn.id for r in self.receipts.values() if r.turn.user_id == who.user_id]
        for turn_id in said:
            await self.withdraw(LineRef(turn_id=turn_id))
        return Forgotten(turns=len(said))

    def _change(self, which: LineRef, **changes: Any) -> Turn:
        self._answer()
        by_message = which.message_id is not None
        found = [
            r
            for r in self.receipts.values()
            if (r.turn.message_id == which.message_id if by_message else r.turn.id == which.turn_id)
        ]
        if not found:
            raise UnknownTurn(f"there is no line {which.message_id or which.turn_id!r}")
        if which.user_id not in {None, found[0].turn.user_id}:
            raise Forbidden("only who said a line can change it or take it back")
        turn = found[0].turn.model_copy(update=changes)
        self.add(Receipt(turn=turn))
        return self.receipts[turn.id].turn

    async def ping(self) -> None:
        """Is well unless it is away."""
        self._answer()

    def _answer(self) -> None:
        if self.away is not None:
            raise self.away


def _messages(turn: Turn) -> list[Message]:
    said = [Message(author=turn.user_name, content=turn.input_text, turn_id=turn.id, said_at=turn.begun_at)]
    if turn.reply is not None:
        reply = Message(
            author=turn.character_name,
            content=turn.reply,
            turn_id=turn.id,
            from_character=True,
            said_at=turn.ended_at,
        )
        said.append(reply)
    return said
