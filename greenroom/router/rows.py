"""The rows of the log of turns: how they are found, changed and read."""

from typing import Any

import msgspec
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    or_,
    select,
    update,
)

from greenroom.model import Message, Turn
from greenroom.router.tables import turn_counter, turns

_ESCAPE = "/"

TURN_COLUMNS = [turns.c[name] for name in Turn.model_fields]

OWN = turns.alias("own")
"""The row of a turn beside those that it is compared with. Made once: an alias copies all its columns."""

_STEP = update(turn_counter).values(position=turn_counter.c.position + 1).returning(turn_counter.c.position)
_ONE = update(turns).where(turns.c.id == bindparam("which"))
IS_BEGUN = turns.c.state == "begun"
IS_THERE = turns.c.state != "withdrawn"
STANDS = and_(IS_THERE, turns.c.superseded.is_(False), or_(turns.c.replaces.is_(None), turns.c.state == "answered"))
"""What belongs to the conversation: not what was taken back or replaced, nor a replacement without an answer."""


def turn_of(row: Row[Any]) -> Turn:
    """A row as the turn that it is."""
    found = dict(zip(row._fields, row, strict=True))  # several times as fast as to ask the row for each
    return Turn.model_validate({name: found[name] for name in Turn.model_fields})


def said(turn: Turn) -> list[Message]:
    """What was said in a turn: the person's line, the answer, or both."""
    lines = []
    if turn.message_type == "direct":
        lines.append(Message(author=turn.user_name, content=turn.input_text, turn_id=turn.id, said_at=turn.begun_at))
    if turn.reply is not None:
        answer = Message(author=turn.character_name, content=turn.reply, turn_id=turn.id, said_at=turn.ended_at)
        lines.append(answer.model_copy(update={"from_character": True}))
    return lines


def next_position(connection: Connection) -> int:
    """Take the next position, and with it the log: until the transaction ends nobody else changes a turn."""
    return int(connection.execute(_STEP).scalar_one())


def change(connection: Connection, turn_id: str, *conditions: ColumnElement[bool], **changes: Any) -> bool:
    """Change a turn, if the conditions hold once nobody else can change it; return whether they did."""
    values = {"which": turn_id, "position": next_position(connection), **changes}
    return bool(connection.execute(_ONE.where(*conditions), values).rowcount)


def same_rank(turn_id: str | BindParameter[str]) -> Select[tuple[str]]:
    """The turns that have the same place in the conversation: it, what it replaces, what replaces it."""
    same = and_(OWN.c.channel_id == turns.c.channel_id, OWN.c.rank == turns.c.rank)
    return select(turns.c.id).join(OWN, same).where(OWN.c.id == turn_id)


def witnessed_by(parameter: str) -> ColumnElement[bool]:
    """What the character witnessed that this parameter of the statement names, as `as_witness` writes it."""
    # The column is JSON text on both databases; an id in it stands between quotation marks.
    there = cast(turns.c.present, Text).like(bindparam(parameter), escape=_ESCAPE)
    return or_(turns.c.present.is_(None), there)


def as_witness(character: str) -> str:
    """A character's id as the value of a parameter of `witnessed_by`."""
    named = msgspec.json.encode(character).decode()
    for mark in (_ESCAPE, "%", "_"):
        named = named.replace(mark, _ESCAPE + mark)
    return f"%{named}%"


def fit_for(hearers: int | None) -> ColumnElement[bool]:
    """What may be spoken of before so many characters (None is the whole cast): of what was said in private, only that
    which all of them witnessed. Their parameters are `hearer0` and so on."""
    is_public = turns.c.place != "private"
    if not hearers:
        return is_public
    return or_(is_public, and_(*(witnessed_by(f"hearer{number}") for number in range(hearers))))
