"""What the log says of a turn, taken into the book of its world: what was read of words that are gone goes out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.model import Entity, Turn, TurnToAnalyze, WorldEvent
from greenroom.storage.upsert import put
from greenroom.world.book import REMARKS, Book, told_by
from greenroom.world.tables import world_events, world_proposals, world_turns
from greenroom.world.wording import stands, wording_of


async def observe(book: Book, turn: Turn) -> TurnToAnalyze | None:
    """The turn, if its words are to be read."""
    stood = await row_of(book.connection, turn.id)
    is_there, wording = stands(turn), wording_of(turn)
    row = {
        "turn_id": turn.id,
        "world_id": book.world_id,
        "channel_id": turn.channel_id,
        "rank": turn.rank,
        "character": turn.character,
        "present": turn.present,
        "wording": wording,
        "stands": is_there,
        "out": stood.out if stood else "",
        "read": stood.read if stood else "",
    }
    await put(book.connection, world_turns, row)
    book.place = max(book.place, turn.rank)
    mine, cause = world_events.c.turn_id == turn.id, {"turn_id": turn.id, "channel_id": turn.channel_id}
    if says_other(stood, turn):
        await book.connection.execute(delete(world_proposals).where(world_proposals.c.turn_id == turn.id))
        await book.erase_notes(told_by(turn.id, book.state.entities))
        await book.undo_what_came_of({turn.id}, **cause)
    if turn.state == "withdrawn":
        await book.revoke("the line was taken back", mine, **cause)
        await book.erase(mine)
    elif not is_there:
        await book.revoke("another answer stands in its place", mine, **cause)
    else:
        await book.revoke("the line says something else now", mine, world_events.c.wording != wording, **cause)
        await book.erase(mine, world_events.c.wording != wording)
        if stands_again(stood, turn):
            await book.restore("this answer stands again", *own(turn), **cause)
    if not is_there or wording in (row["out"], row["read"]):
        return None
    again = stood is not None and not stood.stands
    return TurnToAnalyze(turn_id=turn.id, wording=wording, again=str(turn.position) if again else "")


def says_other(stood: Any, turn: Turn) -> bool:
    """Whether a turn, of which this row is what was heard last, does not stand any more as it was heard."""
    return stood is not None and (stood.wording != wording_of(turn) or not stands(turn))


def stands_again(stood: Any, turn: Turn) -> bool:
    """Whether a turn, of which this row is what was heard last, did not stand then, and does now."""
    return stood is not None and not stood.stands and stands(turn) and bool(stood.out != wording_of(turn))


def own(turn: Turn) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """What was read of the words of a turn."""
    return world_events.c.turn_id == turn.id, world_events.c.wording == wording_of(turn)


def going(turn: Turn, events: Sequence[WorldEvent], entities: Mapping[str, Entity]) -> Iterator[int]:
    """What `observe` is going to take out."""
    quoting, wording = told_by(turn.id, entities), wording_of(turn) if stands(turn) else None
    for event in events:
        is_own = event.turn_id == turn.id and event.kind not in REMARKS and event.wording != wording
        is_rewritten = event.kind == "rewritten" and event.told.entity_id in quoting
        if is_own or is_rewritten or turn.id in event.told.sources:
            yield event.number


async def row_of(connection: AsyncConnection, turn_id: str) -> Any:
    """What was heard last of a turn; None where nothing was."""
    return (await connection.execute(select(world_turns).where(world_turns.c.turn_id == turn_id))).one_or_none()
