"""The log of turns: written before a reply is returned, followed by those who work after it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, insert, or_, select, update

from greenroom.clock import Clock
from greenroom.errors import Conflict, Interrupted, Overtaken, UnknownTurn
from greenroom.ids import RANDOM_IDS, Ids
from greenroom.journey import current_trace
from greenroom.model import (
    Cause,
    Character,
    CharacterId,
    Forgotten,
    HeardLine,
    LineEdit,
    LineRef,
    OrganicNotice,
    PersonRef,
    Receipt,
    Turn,
    TurnId,
    TurnRequest,
)
from greenroom.router.copies import kept_of
from greenroom.router.drafting import speaker_of
from greenroom.router.forgetting import Forgetting
from greenroom.router.lines import Lines
from greenroom.router.record import Record
from greenroom.router.rows import (
    IS_BEGUN,
    IS_THERE,
    STANDS,
    TURN_COLUMNS,
    change,
    next_position,
    same_rank,
    turn_of,
)
from greenroom.router.tables import dead_letters, turns
from greenroom.router.witnesses import settled, witnesses
from greenroom.storage.database import Database

_GRACE_S = 30.0
_INTERRUPTED = Interrupted()


class Buried(NamedTuple):
    """A turn that was lost. `is_asked` tells whether a person waits for it."""

    letter_id: str
    begun_at: datetime
    is_asked: bool


class TurnLog(Record):
    """The port `Turns`: the table of turns, and with it the dead letters that failed turns leave.

    `owner` is this process's name: turns that a process of that name left unfinished are known to be lost when the
    next one starts, without waiting for them to expire.
    """

    def __init__(self, database: Database, clock: Clock, owner: str, deadline_s: float, ids: Ids = RANDOM_IDS) -> None:
        super().__init__(database)
        self._clock = clock
        self._owner = owner
        self._ids = ids
        self._lives_s = deadline_s + _GRACE_S
        self._lines = Lines(database, clock)
        self.forgetting = Forgetting(database, self._lines, clock, ids)

    async def hear(self, line: HeardLine) -> Turn:
        """Write a line down that nobody is asked to answer; the same request again is the same line."""
        row = self._row(line, CharacterId(""), "")
        row |= {"message_type": "direct", "input_text": line.text, "state": "heard", "present": witnesses(line, None)}
        if line.said_at is not None:
            row["begun_at"] = min(line.said_at, row["begun_at"])  # on another's clock it may be said in our future
        return await self._keep_once(row)

    async def note(self, notice: OrganicNotice, character: Character) -> Turn:
        """Write a character's line down that was said elsewhere; the same request again is the same line."""
        told = {
            "message_type": "organic",
            "input_text": "",
            "reply": notice.text,
            "state": "answered",
            "present": witnesses(notice, character.id),
        }
        return await self._keep_once(self._row(notice, character.id, character.name) | told)

    async def _keep_once(self, row: dict[str, Any]) -> Turn:
        """Keep what is over already, unless its request was kept before."""
        request_id = row["request_id"]
        if request_id and (known := await self.of_request(request_id)):
            return known[0]
        try:
            return await self._keep(row | {"ended_at": row["begun_at"], "request": {}})
        except Conflict:
            if request_id and (known := await self.of_request(request_id)):
                return known[0]  # another process heard it at the same moment
            raise

    async def _keep(self, row: dict[str, Any]) -> Turn:
        return await self._database.change(_keep, row)

    async def settle(self, request: TurnRequest, character: Character) -> TurnRequest:
        """The request with who witnesses it. Raises: UnknownTurn, when it builds on one that is not there; Conflict."""
        before = request.replaces or request.follows
        if before is None:
            return settled(request, character, None)
        here = and_(turns.c.id == before, turns.c.channel_id == request.channel_id)
        earlier = await self._database.rows(select(*TURN_COLUMNS, turns.c.request).where(here))
        if not earlier:
            raise UnknownTurn(f"unknown turn {before!r} in channel {request.channel_id!r}")
        found = settled(request, character, turn_of(earlier[0]))
        cause = earlier[0].request.get("cause") if request.replaces else None
        return found.model_copy(update={"cause": Cause.model_validate(cause)}) if cause else found

    async def begin(self, request: TurnRequest, character: Character, knows_from: int | None = None) -> Turn:
        """Write down that a settled request is being answered. `knows_from` is the rank of the first line that it
        knows of, None when it knows of none.

        Raises: UnknownTurn, when it replaces one that is not there; Overtaken, when the turn that it follows is not the
        last any more; Conflict, when the request was begun elsewhere.
        """
        try:
            row = self._first_row(request, character)
            return await self._database.change(_begin, request, row, knows_from)
        except Overtaken:
            raise
        except Conflict as exc:
            raise Conflict(f"request {request.request_id!r} is being answered already") from exc

    def _first_row(self, request: TurnRequest, character: Character) -> dict[str, Any]:
        return self._row(request, character.id, character.name) | {
            "message_type": request.message_type,
            "input_text": request.input_text,
            "state": "begun",
            "present": request.present,
            "replaces": request.replaces,
            "follows": request.follows,
            "request": request.model_dump(mode="json"),
        }

    def _row(
        self, line: TurnRequest | HeardLine | OrganicNotice, character: CharacterId, character_name: str
    ) -> dict[str, Any]:
        """What an entry of either kind begins with."""
        now = self._clock.now()
        return {
            "id": self._ids.new(),
            "channel_id": line.channel_id,
            "character": character,
            "character_name": character_name,
            "user_id": f"character:{character}" if isinstance(line, OrganicNotice) else line.user_id,
            "user_name": character_name if isinstance(line, OrganicNotice) else speaker_of(line),
            "begun_at": now,
            "superseded": False,
            "trace_id": current_trace().trace_id,
            "request_id": line.request_id,
            "owner": self._owner,
            "expires_at": now + timedelta(seconds=self._lives_s),
            "place": line.place,
            "parent_id": line.parent_id,
            "message_id": line.message_id,
        }

    async def finish(self, turn: Turn, receipt: Receipt) -> None:
        """Write the reply down, and put away what stood in its place and the dead letter of it: all or nothing.

        Raises: Conflict, when the line was taken back meanwhile.
        """
        await self._database.change(self._finish, turn, receipt)

    def _finish(self, connection: Connection, turn: Turn, receipt: Receipt) -> None:
        kept, outdated = kept_of(connection, turn, receipt, self._clock.now())
        ended = self._end(
            connection,
            turn.id,
            IS_THERE,
            state="answered",
            reply=receipt.turn.reply,
            quality_score=receipt.turn.quality_score,
            error=None,
            superseded=False,
            outdated=outdated,
            receipt=kept,
        )
        if not ended:
            raise Conflict("this was taken back before it was answered")
        for other in connection.scalars(_OTHERS_HERE, {"turn": turn.id}).all():
            change(connection, other, superseded=True)
        connection.execute(_LETTERS_HERE, {"turn": turn.id})

    async def fail(self, turn: Turn, receipt: Receipt, error: str, detail: str) -> str | None:
        """Write the failure down, and return the id of its dead letter; None for a line that was taken back."""
        return await self._database.change(self._fail, turn, receipt, error, detail)

    def _fail(self, connection: Connection, turn: Turn, receipt: Receipt, error: str, detail: str) -> str | None:
        kept, _ = kept_of(connection, turn, receipt, self._clock.now())
        if not self._end(connection, turn.id, IS_THERE, state="failed", error=detail, receipt=kept):
            return None
        return self._post(connection, turn.id, error, detail, len(receipt.attempts))

    async def leave(self, turn: Turn) -> None:
        """Write down that the person went away, unless the turn has ended; the same request may come again."""
        await self._database.change(self._leave, turn)

    def _leave(self, connection: Connection, turn: Turn) -> None:
        self._end(connection, turn.id, IS_BEGUN, state="left", request_id=None)

    async def bury_the_lost(self, own_too: bool, alive: Collection[TurnId] = ()) -> Sequence[Buried]:
        """Fail the turns that nobody answers any more: expired ones, and at the start this process's own.

        Turns in `alive` are being answered, whatever the clock says.
        """
        lost = and_(turns.c.expires_at < self._clock.now(), turns.c.id.not_in(alive))
        if own_too:
            lost = or_(lost, turns.c.owner == self._owner)
        return await self._database.change(self._bury, lost)

    def _bury(self, connection: Connection, lost: ColumnElement[bool]) -> Sequence[Buried]:
        buried = []
        wanted = select(turns.c.id, turns.c.begun_at, turns.c.message_type).where(IS_BEGUN, lost)
        for turn in connection.execute(wanted.order_by(turns.c.rank)).all():
            # Another process may have buried it, or finished it, since it was found.
            if self._end(connection, turn.id, IS_BEGUN, state="failed", error=_INTERRUPTED.detail):
                letter = self._post(connection, turn.id, type(_INTERRUPTED).__name__, _INTERRUPTED.detail, 0)
                buried.append(Buried(letter, turn.begun_at, turn.message_type == "direct"))
        return buried

    async def edit(self, which: LineEdit, /) -> Turn:
        """Put other words in the place of a line."""
        return await self._lines.edit(which)

    async def withdraw(self, which: LineRef, /) -> Turn:
        """Take a line back, and the answers to it."""
        return await self._lines.withdraw(which)

    async def forget(self, who: PersonRef, /) -> Forgotten:
        """Take back all that a person said."""
        return await self.forgetting.forget(who)

    def _end(self, connection: Connection, turn_id: str, *conditions: ColumnElement[bool], **changes: Any) -> bool:
        return change(connection, turn_id, *conditions, ended_at=self._clock.now(), **changes)

    def _post(self, connection: Connection, turn_id: str, error: str, detail: str, attempts: int) -> str:
        """Leave a dead letter. There is one for each place: a replay that failed counts on that which is there."""
        request = connection.execute(select(turns.c.request).where(turns.c.id == turn_id)).scalar_one()
        asked = {"request": request, "error": error, "detail": detail}
        waiting = select(dead_letters).where(dead_letters.c.turn_id.in_(same_rank(turn_id)))
        letter = connection.execute(waiting).first()
        if letter is not None:
            counted = update(dead_letters).where(dead_letters.c.id == letter.id)
            replays = letter.replays + (letter.turn_id != turn_id)
            connection.execute(counted.values(replays=replays, **asked))
            return str(letter.id)
        new_id = self._ids.new()
        new = {"id": new_id, "turn_id": turn_id, "failed_at": self._clock.now(), "attempts": attempts, "replays": 0}
        connection.execute(insert(dead_letters).values(**new, **asked))
        return new_id


_KEEP = insert(turns)
_HERE = same_rank(bindparam("turn"))
_OTHERS_HERE = select(turns.c.id).where(turns.c.id.in_(_HERE), turns.c.id != bindparam("turn"), STANDS)
_LETTERS_HERE = delete(dead_letters).where(dead_letters.c.turn_id.in_(_HERE))


def _keep(connection: Connection, row: dict[str, Any]) -> Turn:
    row["position"] = row["rank"] = row["knows_from"] = next_position(connection)
    connection.execute(_KEEP, row)
    return Turn.model_validate({"reply": None, **row})


def _begin(connection: Connection, request: TurnRequest, row: dict[str, Any], knows_from: int | None) -> Turn:
    row["position"] = next_position(connection)
    _check_follows(connection, request)
    heard = _heard(connection, request)
    if heard is not None:
        row |= {"id": heard.id, "rank": heard.rank, "begun_at": heard.begun_at}
    else:
        row["rank"] = _rank(connection, request) if request.replaces else row["position"]
    row["knows_from"] = row["rank"] if knows_from is None else knows_from
    connection.execute(_KEEP if heard is None else update(turns).where(turns.c.id == heard.id), row)
    return Turn.model_validate({"reply": None, **row})


def _heard(connection: Connection, request: TurnRequest) -> Any:
    """The line of this request, if it was heard before anybody was asked to answer it."""
    if request.request_id is None:
        return None
    wanted = select(turns).where(turns.c.request_id == request.request_id, turns.c.state == "heard")
    return connection.execute(wanted).one_or_none()


def _check_follows(connection: Connection, request: TurnRequest) -> None:
    """Raises: Overtaken. Asked while this transaction has the log, so that two processes cannot both be the next."""
    if request.follows is None:
        return
    followed = select(turns.c.rank).where(turns.c.id == request.follows).scalar_subquery()
    spoken = or_(turns.c.message_type == "direct", turns.c.state.not_in(("left", "failed")))
    wanted = select(turns.c.id, turns.c.follows).where(turns.c.rank >= followed, STANDS, spoken)
    found = connection.execute(wanted.where(turns.c.channel_id == request.channel_id)).all()
    since = [turn.follows for turn in found if turn.id != request.follows]
    beside = request.side_by_side and all(follows == request.follows for follows in since)
    if len(since) == len(found) or (since and not beside):
        raise Overtaken(f"somebody has spoken since turn {request.follows!r}")


def _rank(connection: Connection, request: TurnRequest) -> int:
    """The rank of the turn that is to be replaced."""
    wanted = and_(turns.c.id == request.replaces, turns.c.channel_id == request.channel_id)
    rank: int | None = connection.scalar(select(turns.c.rank).where(wanted))
    if rank is None:
        raise UnknownTurn(f"unknown turn {request.replaces!r} in channel {request.channel_id!r}")
    return rank
