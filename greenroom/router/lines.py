"""Lines that people change and take back, with everything that was made from them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, or_, select, update

from greenroom.clock import Clock
from greenroom.errors import Conflict, Forbidden, UnknownTurn
from greenroom.model import LineEdit, LineRef, Turn
from greenroom.router.copies import erase
from greenroom.router.rows import change, next_position, same_rank, turn_of
from greenroom.router.tables import dead_letters, turns
from greenroom.storage.database import Database

Rows = Sequence[Row[Any]]


class Lines:
    """Changes lines in the table of turns: each change is one transaction, and done again it changes nothing more."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def edit(self, wanted: LineEdit) -> Turn:
        """Put other words in the place of a line. Raises: UnknownTurn, Forbidden, Conflict."""
        return await self._database.change(self._edit, wanted)

    def _edit(self, connection: Connection, wanted: LineEdit) -> Turn:
        said = _said(connection, wanted)
        if any(row.state == "withdrawn" for row in said):
            raise Conflict("this line was taken back; say it anew")
        for row in said:
            if row.input_text != wanted.text:
                self._reword(connection, row, wanted.text)
        return _standing(connection, said)

    async def withdraw(self, which: LineRef) -> Turn:
        """Take a line back, and the answers to it. Raises: UnknownTurn, Forbidden."""
        return await self._database.change(self._withdraw, which)

    def _withdraw(self, connection: Connection, which: LineRef) -> Turn:
        said = _said(connection, which)
        self.take_back(connection, said)
        return _standing(connection, said)

    def _reword(self, connection: Connection, row: Row[Any], text: str) -> None:
        erase(connection, row, [row.input_text], self._clock.now())
        answers = [a for a in _followers(connection, row) if a.input_text == row.input_text]
        for one in (row, *answers):
            request = {**one.request, "input_text": text, "conversation_history": []} if one.request else {}
            marks = {"edited_at": self._clock.now(), "erased_at": next_position(connection)}
            outdated = one.reply is not None
            change(connection, one.id, input_text=text, request=request, outdated=outdated, **marks)
            letter = update(dead_letters).where(dead_letters.c.turn_id == one.id)
            connection.execute(letter.values(request=request))

    def take_back(self, connection: Connection, said: Rows) -> None:
        """Leave tombstones of these turns and of the answers to their lines. What follows their answers stays, but no
        longer holds what it answered."""
        for row in said:
            if row.state == "withdrawn":
                continue
            followers = _followers(connection, row)
            erase(connection, row, filter(None, [row.input_text, row.reply]), self._clock.now())
            self._bury(connection, row)
            self.take_back(connection, [f for f in followers if f.input_text == row.input_text])
            for follower in followers:
                if follower.input_text != row.input_text:
                    change(connection, follower.id, input_text="", request={}, outdated=True)

    def _bury(self, connection: Connection, row: Row[Any]) -> None:
        connection.execute(delete(dead_letters).where(dead_letters.c.turn_id == row.id))
        emptied: dict[str, Any] = {"input_text": "", "reply": None, "error": None, "request": {}, "receipt": None}
        position = next_position(connection)
        change(connection, row.id, state="withdrawn", ended_at=self._clock.now(), erased_at=position, **emptied)


def _said(connection: Connection, which: LineRef) -> Rows:
    """All turns that hold a line: variants of its answer, answers of several characters to one message.

    Raises: UnknownTurn; Forbidden.
    """
    next_position(connection)  # nobody else changes a turn from here on
    named = turns.c.message_id == which.message_id if which.message_id else turns.c.id == which.turn_id
    found = connection.execute(select(turns).where(named)).all()
    if not found:
        raise UnknownTurn(f"there is no line {which.message_id or which.turn_id!r}")
    if which.user_id is not None and any(row.user_id != which.user_id for row in found):
        raise Forbidden("only who said a line can change it or take it back")
    places = or_(*(turns.c.id.in_(same_rank(row.id)) for row in found))
    return connection.execute(select(turns).where(places).order_by(turns.c.position)).all()


def _followers(connection: Connection, row: Row[Any]) -> Rows:
    """The unprompted lines that answer a turn."""
    return connection.execute(select(turns).where(turns.c.follows == row.id)).all()


def _standing(connection: Connection, said: Rows) -> Turn:
    """Of the turns that hold a line, the one that stands in the conversation, as it is now."""
    ids: ColumnElement[bool] = turns.c.id.in_([row.id for row in said])
    newest = select(turns).where(ids).order_by(turns.c.superseded, turns.c.position.desc()).limit(1)
    return turn_of(connection.execute(newest).one())
