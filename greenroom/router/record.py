"""The log of turns as it is read: a line explained, a conversation recalled, what somebody said or witnessed."""

from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, or_, select

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
from greenroom.router.rows import (
    IS_THERE,
    STANDS,
    TURN_COLUMNS,
    as_witness,
    fit_for,
    said,
    same_rank,
    turn_of,
    witnessed_by,
)
from greenroom.router.tables import turns
from greenroom.storage.database import Database

_NEVER = 2**62
_SHAPES = 64
"""Of statements, by how many may hear what is said."""


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
        return await self._one(_OF_REQUEST, request=request_id)

    async def standing(self, turn_id: TurnId) -> tuple[Turn, Receipt] | None:
        """The answered turn that stands in the place of this one, if there is one."""
        here = turns.c.id.in_(same_rank(turn_id))
        return await self._one(select(turns).where(here, STANDS, turns.c.state == "answered"))

    async def explain(self, which: TurnRef, /) -> Receipt:
        """Everything that made a line. Raises: UnknownTurn."""
        found = await self._one(_BY_ID, turn=which.id)
        if found is None:
            raise UnknownTurn(f"unknown turn {which.id!r}")
        return found[1]

    async def follow(self, request: FollowRequest, /) -> TurnPage:
        """The turns that changed after the cursor, each as it is now."""
        query = _CHANGES
        if request.channel_id is not None:
            query = query.where(turns.c.channel_id == request.channel_id)
        return await self._page(query, request.after, request.limit)

    async def export(self, request: SaidRequest, /) -> TurnPage:
        """The turns in which a person said something, with what was answered."""
        query = _CHANGES.where(turns.c.user_id == request.user_id, IS_THERE)
        return await self._page(query, request.after, request.limit)

    async def witnessed(self, request: WitnessedRequest, /) -> TurnPage:
        """The turns that a character witnessed, as they stand."""
        query = _CHANGES.where(witnessed_by("witness"), STANDS)
        if request.channel_id is not None:
            query = query.where(turns.c.channel_id == request.channel_id)
        for word in request.words.split():
            query = query.where(
                or_(turns.c.input_text.icontains(word, autoescape=True), turns.c.reply.icontains(word, autoescape=True))
            )
        witness = as_witness(request.character.casefold())
        return await self._page(query, request.after, request.limit, witness=witness)

    async def recall(self, request: ChannelRequest, /) -> Conversation:
        """The conversation of a channel as it stands."""
        values = {"channel": request.channel_id, "most": request.limit}
        if request.witness is None:
            found, _ = await self._newest(_IN_CHANNEL, **values)
        else:
            found, _ = await self._newest(_WITNESSED, **values, witness=as_witness(request.witness.casefold()))
        messages = tuple(message for turn in found for message in said(turn))[-request.limit :]
        return Conversation(channel_id=ChannelId(request.channel_id), messages=messages, turns=found)

    async def known(
        self, request: TurnRequest, character: Character, limit: int, before: TurnId | None = None
    ) -> Known:
        """What the character may know when it answers a settled request: what it witnessed there, and before whom it
        may speak of it. A thread goes on from what was said before it. `before` leaves that turn and later ones out.
        """
        hearers = None if request.present is None else len(request.present)
        values = {f"hearer{number}": as_witness(who) for number, who in enumerate(request.present or ())}
        values["witness"] = as_witness(character.id)
        here = {"channel": request.channel_id, "most": limit, **({} if before is None else {"before": before})}
        found, ranks = await self._newest(_known_here(hearers, before is not None), **values, **here)
        if request.parent_id is not None and len(found) < limit:
            there = {"channel": request.parent_id, "thread": request.channel_id, "most": limit - len(found)}
            earlier, earlier_ranks = await self._newest(_known_before_thread(hearers), **values, **there)
            found, ranks = earlier + found, earlier_ranks + ranks
        messages = tuple(message for turn in found for message in said(turn))[-limit:]
        return Known(messages, ranks[0] if ranks else None)

    async def _page(self, query: Select[Any], after: int, limit: int, **values: Any) -> TurnPage:
        """The turns of a query after a position."""
        found = tuple(map(turn_of, await self._database.rows(query, **values, after=after, most=limit)))
        return TurnPage(turns=found, cursor=found[-1].position if found else after)

    async def _newest(self, query: Select[Any], **values: Any) -> tuple[tuple[Turn, ...], tuple[int, ...]]:
        """What a query gives that asks for the newest first, oldest first, with the ranks."""
        rows = (await self._database.rows(query, **values))[::-1]
        return tuple(map(turn_of, rows)), tuple(row.rank for row in rows)

    async def _one(self, query: Select[Any], **values: Any) -> tuple[Turn, Receipt] | None:
        rows = await self._database.rows(query, **values)
        if not rows:
            return None
        row, turn = rows[0], turn_of(rows[0])
        return turn, Receipt.model_validate({**(row.receipt or {}), "request": row.request or None, "turn": turn})


_CHANGES = (
    select(*TURN_COLUMNS)
    .where(turns.c.position > bindparam("after"))
    .order_by(turns.c.position)
    .limit(bindparam("most"))
)
"""What changed after a position, the oldest change first."""
_BY_ID = select(turns).where(turns.c.id == bindparam("turn"))
_OF_REQUEST = select(turns).where(turns.c.request_id == bindparam("request"))
_IN_CHANNEL = (
    select(*TURN_COLUMNS, turns.c.rank)
    .where(turns.c.channel_id == bindparam("channel"), STANDS)
    .order_by(turns.c.rank.desc())
    .limit(bindparam("most"))
)
"""The newest of a channel."""
_WITNESSED = _IN_CHANNEL.where(witnessed_by("witness"))


@lru_cache(_SHAPES)
def _known_here(hearers: int | None, is_replacement: bool) -> Select[Any]:
    """What a character may speak of in a channel, all of it or what was said before a turn."""
    known = _WITNESSED.where(fit_for(hearers))
    if not is_replacement:
        return known
    return known.where(turns.c.rank < select(turns.c.rank).where(turns.c.id == bindparam("before")).scalar_subquery())


@lru_cache(_SHAPES)
def _known_before_thread(hearers: int | None) -> Select[Any]:
    """The same of a channel that a thread goes on from."""
    began = select(func.min(turns.c.rank)).where(turns.c.channel_id == bindparam("thread")).scalar_subquery()
    return _WITNESSED.where(fit_for(hearers), turns.c.rank < func.coalesce(began, _NEVER))
