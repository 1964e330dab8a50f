"""The log of turns as it is read: a line explained, a conversation recalled, what somebody said or witnessed."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from greenroom.errors import UnknownTurn
from greenroom.model import (
    ChannelId,
    ChannelRequest,
    Character,
    Conversation,
    FollowRequest,
    Message,
    Receipt,
    SaidRequest,
    Turn,
    TurnId,
    TurnPage,
    TurnRef,
    TurnRequest,
    WitnessedRequest,
)
from greenroom.router.rows import IS_THERE, TURN_COLUMNS, fit_for, said, same_rank, stands, turn_of, witnessed_by
from greenroom.router.tables import turns
from greenroom.storage.database import Database

_NEVER = 2**62


class Known(NamedTuple):
    """What a character knows of a conversation, oldest line first, and the rank of the first; None without lines."""

    messages: tuple[Message, ...] = ()
    from_rank: int | None = None


class Record:
    """The table of turns, for those who only read it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_request(self, request_id: str) -> tuple[Turn, Receipt] | None:
        """The turn that a request with this id has begun already."""
        return await self._one(turns.c.request_id == request_id)

    async def standing(self, turn_id: TurnId) -> tuple[Turn, Receipt] | None:
        """The answered turn that stands in the place of this one, if there is one."""
        return await self._one(turns.c.id.in_(same_rank(turn_id)) & stands() & (turns.c.state == "answered"))

    async def explain(self, which: TurnRef, /) -> Receipt:
        """Everything that made a line. Raises: UnknownTurn."""
        found = await self._one(turns.c.id == which.id)
        if found is None:
            raise UnknownTurn(f"unknown turn {which.id!r}")
        return found[1]

    async def follow(self, request: FollowRequest, /) -> TurnPage:
        """The turns that changed after the cursor, each as it is now."""
        query = select(*TURN_COLUMNS)
        if request.channel_id is not None:
            query = query.where(turns.c.channel_id == request.channel_id)
        return await self._page(query, request.after, request.limit)

    async def export(self, request: SaidRequest, /) -> TurnPage:
        """The turns in which a person said something, with what was answered."""
        query = select(*TURN_COLUMNS).where(turns.c.user_id == request.user_id, IS_THERE)
        return await self._page(query, request.after, request.limit)

    async def witnessed(self, request: WitnessedRequest, /) -> TurnPage:
        """The turns that a character witnessed, as they stand."""
        query = select(*TURN_COLUMNS).where(witnessed_by(request.character.casefold()), stands())
        if request.channel_id is not None:
            query = query.where(turns.c.channel_id == request.channel_id)
        for word in request.words.split():
            query = query.where(
                or_(turns.c.input_text.icontains(word, autoescape=True), turns.c.reply.icontains(word, autoescape=True))
            )
        return await self._page(query, request.after, request.limit)

    async def recall(self, request: ChannelRequest, /) -> Conversation:
        """The conversation of a channel as it stands."""
        query = _of_channel(request.channel_id)
        if request.witness is not None:
            query = query.where(witnessed_by(request.witness.casefold()))
        found, _ = await self._newest(query, request.limit)
        messages = tuple(message for turn in found for message in said(turn))[-request.limit :]
        return Conversation(channel_id=ChannelId(request.channel_id), messages=messages, turns=found)

    async def known(
        self, request: TurnRequest, character: Character, limit: int, before: TurnId | None = None
    ) -> Known:
        """What the character may know when it answers a settled request: what it witnessed there, and before whom it
        may speak of it. A thread goes on from what was said before it. `before` leaves that turn and later ones out.
        """
        may_know = and_(witnessed_by(character.id), fit_for(request.present))
        query = _of_channel(request.channel_id).where(may_know)
        if before is not None:
            query = query.where(turns.c.rank < select(turns.c.rank).where(turns.c.id == before).scalar_subquery())
        found, ranks = await self._newest(query, limit)
        if request.parent_id is not None and len(found) < limit:
            began = select(func.min(turns.c.rank)).where(turns.c.channel_id == request.channel_id).scalar_subquery()
            parents = _of_channel(request.parent_id).where(may_know, turns.c.rank < func.coalesce(began, _NEVER))
            earlier, earlier_ranks = await self._newest(parents, limit - len(found))
            found, ranks = earlier + found, earlier_ranks + ranks
        messages = tuple(message for turn in found for message in said(turn))[-limit:]
        return Known(messages, ranks[0] if ranks else None)

    async def _page(self, query: Select[Any], after: int, limit: int) -> TurnPage:
        """The turns of a query after a position, the oldest change first."""
        query = query.where(turns.c.position > after).order_by(turns.c.position).limit(limit)
        found = tuple(map(turn_of, await self._database.rows(query)))
        return TurnPage(turns=found, cursor=found[-1].position if found else after)

    async def _newest(self, query: Select[Any], limit: int) -> tuple[tuple[Turn, ...], tuple[int, ...]]:
        """The last turns of a query, oldest first, with their ranks."""
        rows = (await self._database.rows(query.order_by(turns.c.rank.desc()).limit(limit)))[::-1]
        return tuple(map(turn_of, rows)), tuple(row.rank for row in rows)

    async def _one(self, which: ColumnElement[bool]) -> tuple[Turn, Receipt] | None:
        rows = await self._database.rows(select(turns).where(which))
        if not rows:
            return None
        row, turn = rows[0], turn_of(rows[0])
        return turn, Receipt.model_validate({**(row.receipt or {}), "request": row.request or None, "turn": turn})


def _of_channel(channel_id: str) -> Select[Any]:
    return select(*TURN_COLUMNS, turns.c.rank).where(turns.c.channel_id == channel_id, stands())
