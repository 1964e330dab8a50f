"""The log of turns: written before a reply is returned, followed by those who work after it."""

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.clock import Clock
from greenroom.errors import UnknownTurn
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
INTERRUPTED = "Greenroom stopped while this was being answered; replay it to get an answer."


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
        """Write down that this is being answered. Raises: UnknownTurn, when it replaces one that is not there."""
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

    async def finish(self, turn: Turn, receipt: Receipt, letter_id: str | None) -> None:
        """Write the reply down, put away what it replaces, and the dead letter that it came from: all or nothing."""
        async with self._database.write() as connection:
            await self._end(
                connection,
                turn.id,
                state="answered",
                reply=receipt.turn.reply,
                quality_score=receipt.turn.quality_score,
                receipt=_stored(receipt),
            )
            if turn.replaces:
                await self._change(connection, turn.replaces, superseded=True)
            if letter_id:
                await connection.execute(delete(dead_letters).where(dead_letters.c.id == letter_id))

    async def fail(self, turn: Turn, receipt: Receipt, error: str, detail: str, letter_id: str | None) -> str:
        """Write the failure down, with a dead letter; a replay that failed counts on its old letter instead."""
        async with self._database.write() as connection:
            await self._end(connection, turn.id, state="failed", error=detail, receipt=_stored(receipt))
            if letter_id is None:
                return await self._post(connection, turn.id, receipt.request, error, detail, len(receipt.attempts))
            counted = update(dead_letters).where(dead_letters.c.id == letter_id)
            await connection.execute(counted.values(replays=dead_letters.c.replays + 1, error=error, detail=detail))
            return letter_id

    async def leave(self, turn: Turn) -> None:
        """Write down that the person went away, unless the reply stands; the same request may come again."""
        async with self._database.write() as connection:
            still = select(turns.c.id).where(turns.c.id == turn.id, turns.c.state == "begun")
            if await connection.scalar(still):
                await self._end(connection, turn.id, state="left", request_id=None)

    async def bury_the_lost(self, own_too: bool) -> int:
        """Fail the turns that nobody answers any more: expired ones, and at the start this process's own."""
        lost = turns.c.expires_at < self._clock.now()
        if own_too:
            lost = or_(lost, turns.c.owner == self._owner)
        async with self._database.write() as connection:
            rows = (await connection.execute(select(turns).where(turns.c.state == "begun", lost))).all()
            for row in rows:
                await self._end(connection, row.id, state="failed", error=INTERRUPTED)
                request = TurnRequest.model_validate(row.request)
                await self._post(connection, row.id, request, "Interrupted", INTERRUPTED, 0)
        return len(rows)

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

    async def _end(self, connection: AsyncConnection, turn_id: str, **changes: Any) -> None:
        await self._change(connection, turn_id, ended_at=self._clock.now(), **changes)

    async def _change(self, connection: AsyncConnection, turn_id: str, **changes: Any) -> None:
        position = await _next_position(connection)
        await connection.execute(update(turns).where(turns.c.id == turn_id).values(position=position, **changes))

    async def _post(
        self, connection: AsyncConnection, turn_id: str, request: TurnRequest, error: str, detail: str, attempts: int
    ) -> str:
        letter = {
            "id": uuid.uuid4().hex,
            "turn_id": turn_id,
            "request": request.model_dump(mode="json"),
            "error": error,
            "detail": detail,
            "attempts": attempts,
            "failed_at": self._clock.now(),
            "replays": 0,
        }
        await connection.execute(insert(dead_letters).values(letter))
        return str(letter["id"])


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
