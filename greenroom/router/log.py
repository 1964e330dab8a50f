"""The log of turns: written before a reply is returned, followed by those who work after it."""

import uuid
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.clock import Clock
from greenroom.errors import Conflict, Interrupted, UnknownTurn
from greenroom.journey import current_trace
from greenroom.model import (
    ChannelId,
    ChannelRequest,
    Character,
    Conversation,
    FollowRequest,
    Message,
    Receipt,
    Turn,
    TurnId,
    TurnPage,
    TurnRef,
    TurnRequest,
)
from greenroom.router.drafting import speaker_of
from greenroom.router.tables import dead_letters, turn_counter, turns
from greenroom.storage.database import Database

_TURN_COLUMNS = [turns.c[name] for name in Turn.model_fields]
_GRACE_S = 30.0
_IS_BEGUN = turns.c.state == "begun"
_INTERRUPTED = Interrupted()


class TurnLog:
    """The port `Turns`: the table of turns, and with it the dead letters that failed turns leave.

    `owner` is this process's name: turns that a process of that name left unfinished are known to be lost when the
    next one starts, without waiting for them to expire.
    """

    def __init__(self, database: Database, clock: Clock, owner: str, deadline_s: float) -> None:
        self._database = database
        self._clock = clock
        self._owner = owner
        self._lives_s = deadline_s + _GRACE_S

    async def begin(self, request: TurnRequest, character: Character) -> Turn:
        """Write down that this is being answered.

        Raises: UnknownTurn, when it replaces one that is not there; Conflict, when the request was begun elsewhere.
        """
        try:
            return await self._begin(request, character)
        except Conflict as exc:
            raise Conflict(f"request {request.request_id!r} is being answered already") from exc

    async def _begin(self, request: TurnRequest, character: Character) -> Turn:
        now = self._clock.now()
        async with self._database.write() as connection:
            position = await _next_position(connection)
            row = {
                "id": uuid.uuid4().hex,
                "position": position,
                "channel_id": request.channel_id,
                "character": character.id,
                "character_name": character.name,
                "user_id": request.user_id,
                "user_name": speaker_of(request),
                "message_type": request.message_type,
                "input_text": request.input_text,
                "state": "begun",
                "begun_at": now,
                "place": await _place(connection, request) if request.replaces else position,
                "replaces": request.replaces,
                "superseded": False,
                "trace_id": current_trace().trace_id,
                "request_id": request.request_id,
                "owner": self._owner,
                "expires_at": now + timedelta(seconds=self._lives_s),
                "request": request.model_dump(mode="json"),
            }
            await connection.execute(insert(turns).values(row))
        return Turn.model_validate({"reply": None, **row})

    async def finish(self, turn: Turn, receipt: Receipt) -> None:
        """Write the reply down, and put away what stood in its place and the dead letter of it: all or nothing."""
        async with self._database.write() as connection:
            await self._end(
                connection,
                turn.id,
                state="answered",
                reply=receipt.turn.reply,
                quality_score=receipt.turn.quality_score,
                error=None,
                superseded=False,
                receipt=_stored(receipt),
            )
            here = _in_the_place_of(turn.id)
            others = select(turns.c.id).where(turns.c.id.in_(here), turns.c.id != turn.id, _stands())
            for other in (await connection.scalars(others)).all():
                await self._change(connection, other, superseded=True)
            await connection.execute(delete(dead_letters).where(dead_letters.c.turn_id.in_(here)))

    async def fail(self, turn: Turn, receipt: Receipt, error: str, detail: str) -> str:
        """Write the failure down, and return the id of its dead letter."""
        async with self._database.write() as connection:
            await self._end(connection, turn.id, state="failed", error=detail, receipt=_stored(receipt))
            return await self._post(connection, turn.id, receipt.request, error, detail, len(receipt.attempts))

    async def leave(self, turn: Turn) -> None:
        """Write down that the person went away, unless the turn has ended; the same request may come again."""
        async with self._database.write() as connection:
            await self._end(connection, turn.id, _IS_BEGUN, state="left", request_id=None)

    async def bury_the_lost(self, own_too: bool, alive: Collection[TurnId] = ()) -> int:
        """Fail the turns that nobody answers any more: expired ones, and at the start this process's own.

        Turns in `alive` are being answered, whatever the clock says.
        """
        lost = and_(turns.c.expires_at < self._clock.now(), turns.c.id.not_in(alive))
        if own_too:
            lost = or_(lost, turns.c.owner == self._owner)
        buried = 0
        async with self._database.write() as connection:
            found = await connection.execute(select(turns.c.id, turns.c.request).where(_IS_BEGUN, lost))
            for row in found.all():
                # Another process may have buried it, or finished it, since it was found.
                if await self._end(connection, row.id, _IS_BEGUN, state="failed", error=_INTERRUPTED.detail):
                    request = TurnRequest.model_validate(row.request)
                    await self._post(connection, row.id, request, type(_INTERRUPTED).__name__, _INTERRUPTED.detail, 0)
                    buried += 1
        return buried

    async def of_request(self, request_id: str) -> tuple[Turn, Receipt] | None:
        """The turn that a request with this id has begun already."""
        return await self._one(turns.c.request_id == request_id)

    async def explain(self, which: TurnRef, /) -> Receipt:
        """Everything that made a line. Raises: UnknownTurn."""
        found = await self._one(turns.c.id == which.id)
        if found is None:
            raise UnknownTurn(f"unknown turn {which.id!r}")
        return found[1]

    async def follow(self, request: FollowRequest, /) -> TurnPage:
        """The turns that changed after the cursor, each as it is now."""
        query = select(*_TURN_COLUMNS).where(turns.c.position > request.after)
        if request.channel_id is not None:
            query = query.where(turns.c.channel_id == request.channel_id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(turns.c.position).limit(request.limit))).all()
        found = tuple(_turn(row) for row in rows)
        return TurnPage(turns=found, cursor=found[-1].position if found else request.after)

    async def recall(self, request: ChannelRequest, /) -> Conversation:
        """The conversation of a channel as it stands."""
        return await self.conversation(request)

    async def conversation(self, request: ChannelRequest, before: TurnId | None = None) -> Conversation:
        """The same, without the turn `before` and all that comes after it."""
        query = select(*_TURN_COLUMNS).where(turns.c.channel_id == request.channel_id, _stands())
        if before is not None:
            query = query.where(turns.c.place < select(turns.c.place).where(turns.c.id == before).scalar_subquery())
        async with self._database.read() as connection:
            newest = query.order_by(turns.c.place.desc()).limit(request.limit)
            found = tuple(_turn(row) for row in reversed((await connection.execute(newest)).all()))
        said = [message for turn in found for message in _said(turn)]
        return Conversation(
            channel_id=ChannelId(request.channel_id), messages=tuple(said[-request.limit :]), turns=found
        )

    async def _one(self, which: ColumnElement[bool]) -> tuple[Turn, Receipt] | None:
        async with self._database.read() as connection:
            row = (await connection.execute(select(turns).where(which))).one_or_none()
        if row is None:
            return None
        turn = _turn(row)
        stored: dict[str, Any] = row.receipt or {"request": row.request}
        return turn, Receipt.model_validate({**stored, "turn": turn})

    async def _end(
        self, connection: AsyncConnection, turn_id: str, *conditions: ColumnElement[bool], **changes: Any
    ) -> bool:
        return await self._change(connection, turn_id, *conditions, ended_at=self._clock.now(), **changes)

    async def _change(
        self, connection: AsyncConnection, turn_id: str, *conditions: ColumnElement[bool], **changes: Any
    ) -> bool:
        """Change a turn, if the conditions hold once nobody else can change it; return whether they did."""
        position = await _next_position(connection)
        change = update(turns).where(turns.c.id == turn_id, *conditions).values(position=position, **changes)
        return bool((await connection.execute(change)).rowcount)

    async def _post(
        self, connection: AsyncConnection, turn_id: str, request: TurnRequest, error: str, detail: str, attempts: int
    ) -> str:
        """Leave a dead letter. There is one for each place: a replay that failed counts on that which is there."""
        said = {"request": request.model_dump(mode="json"), "error": error, "detail": detail}
        waiting = select(dead_letters).where(dead_letters.c.turn_id.in_(_in_the_place_of(turn_id)))
        letter = (await connection.execute(waiting)).first()
        if letter is not None:
            counted = update(dead_letters).where(dead_letters.c.id == letter.id)
            replays = letter.replays + (letter.turn_id != turn_id)
            await connection.execute(counted.values(replays=replays, **said))
            return str(letter.id)
        new_id = uuid.uuid4().hex
        new = {"id": new_id, "turn_id": turn_id, "failed_at": self._clock.now(), "attempts": attempts, "replays": 0}
        await connection.execute(insert(dead_letters).values(**new, **said))
        return new_id


async def _place(connection: AsyncConnection, request: TurnRequest) -> int:
    """The place of the turn that is to be replaced."""
    wanted = and_(turns.c.id == request.replaces, turns.c.channel_id == request.channel_id)
    place: int | None = await connection.scalar(select(turns.c.place).where(wanted))
    if place is None:
        raise UnknownTurn(f"unknown turn {request.replaces!r} in channel {request.channel_id!r}")
    return place


async def _next_position(connection: AsyncConnection) -> int:
    step = update(turn_counter).values(position=turn_counter.c.position + 1).returning(turn_counter.c.position)
    return int((await connection.execute(step)).scalar_one())


def _in_the_place_of(turn_id: str) -> Select[tuple[str]]:
    """The turns that have the same place in the conversation: it, what it replaces, what replaces it."""
    own = turns.alias()
    same = and_(own.c.channel_id == turns.c.channel_id, own.c.place == turns.c.place)
    return select(turns.c.id).join(own, same).where(own.c.id == turn_id)


def _stands() -> ColumnElement[bool]:
    """What belongs to the conversation: not what was replaced, nor a replacement that has not come to an answer."""
    return and_(turns.c.superseded.is_(False), or_(turns.c.replaces.is_(None), turns.c.state == "answered"))


def _stored(receipt: Receipt) -> dict[str, Any]:
    return receipt.model_dump(mode="json", exclude={"turn"})


def _turn(row: Row[Any]) -> Turn:
    return Turn.model_validate({name: getattr(row, name) for name in Turn.model_fields})


def _said(turn: Turn) -> list[Message]:
    said = []
    if turn.message_type == "direct":
        said.append(Message(author=turn.user_name, content=turn.input_text, turn_id=turn.id, said_at=turn.begun_at))
    if turn.reply is not None:
        said.append(
            Message(
                author=turn.character_name,
                content=turn.reply,
                turn_id=turn.id,
                from_character=True,
                said_at=turn.ended_at,
            )
        )
    return said
