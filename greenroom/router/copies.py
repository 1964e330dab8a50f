"""The copies of a line: receipts and requests hold what the model was shown, and so the lines before it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select, update

from greenroom.model import Attempt, Receipt, Turn
from greenroom.router.answers import note_answers
from greenroom.router.rows import IS_THERE, OWN
from greenroom.router.tables import quotes, turns

_MOST_QUOTED = 1000


def kept_of(connection: Connection, turn: Turn, receipt: Receipt, now: datetime) -> tuple[dict[str, Any], bool]:
    """What the log keeps of a receipt, and whether the turn's own line was changed or taken back since it began.

    Turn and request have columns of their own. Where any line that the turn knew of has changed, texts are not kept.
    """
    kept = receipt.model_dump(mode="json", exclude={"turn", "request"})
    quoted = _quoted(receipt)
    lost, own_too = _lost(connection, turn, quoted)
    if not lost:
        _note_quotes(connection, turn.id, quoted)
        return kept, False
    note_answers(connection, kept, now)
    return redacted(kept), own_too


def redacted(receipt: dict[str, Any]) -> dict[str, Any]:
    """A stored receipt without any text that the model was shown or wrote: the figures stay."""
    attempts = [_figures(Attempt.model_validate(a)).model_dump(mode="json") for a in receipt.get("attempts", ())]
    gone = {"attempts": attempts, "passages": [], "passages_cut": [], "guidance": [], "redacted": True}
    return {name: value for name, value in receipt.items() if name != "request"} | gone


def _figures(attempt: Attempt) -> Attempt:
    verdict = attempt.verdict and attempt.verdict.model_copy(
        update={
            "violations": tuple(v.model_copy(update={"detail": "", "advice": ""}) for v in attempt.verdict.violations),
            "recommendations": (),
        }
    )
    return attempt.model_copy(update={"prompt": (), "draft": "", "verdict": verdict, "decision": None})


def _quoted(receipt: Receipt) -> list[str]:
    """The turns that the passages of a receipt were made of, as their metadata says."""
    named = [p.metadata.get("turn_ids") for p in (*receipt.passages, *receipt.passages_cut)]
    found = [one for ids in named if isinstance(ids, list) for one in ids if isinstance(one, str)]
    return list(dict.fromkeys(found))[:_MOST_QUOTED]


def _note_quotes(connection: Connection, turn_id: str, quoted: Iterable[str]) -> None:
    """Note what a receipt quotes, in the place of what it quoted at an earlier try."""
    connection.execute(delete(quotes).where(quotes.c.turn_id == turn_id))
    if rows := [{"turn_id": turn_id, "of_turn": one} for one in quoted]:
        connection.execute(insert(quotes).values(rows))


def _lost(connection: Connection, turn: Turn, quoted: Sequence[str]) -> tuple[bool, bool]:
    """Whether a line that this turn knew of was changed or taken back since it began; and whether its own was."""
    near = or_(turns.c.channel_id == turn.channel_id, turns.c.channel_id == (turn.parent_id or turn.channel_id))
    known = and_(OWN.c.id == turn.id, turns.c.rank >= OWN.c.knows_from, turns.c.rank <= OWN.c.rank)
    erased = select(turns.c.rank == OWN.c.rank).join(OWN, known).where(near, turns.c.erased_at > turn.position)
    lost = connection.scalars(erased).all()
    return bool(lost) or _are_gone(connection, turn, quoted), any(lost)


def _are_gone(connection: Connection, turn: Turn, quoted: Sequence[str]) -> bool:
    """Whether one of the quoted lines was changed or taken back since the turn began."""
    if not quoted:
        return False
    gone = or_(turns.c.erased_at > turn.position, turns.c.state == "withdrawn")
    return connection.scalar(select(turns.c.id).where(turns.c.id.in_(quoted), gone).limit(1)) is not None


def erase(connection: Connection, line: Row[Any], texts: Iterable[str], now: datetime) -> None:
    """Take `texts`, which were said in a line, out of what other turns keep of them: receipts, and histories of doors.

    What the log told a turn is known by its rank; in what a door told, the texts are looked for. What quotes a memory
    of the line may be anywhere.
    """
    near = or_(turns.c.channel_id == line.channel_id, turns.c.parent_id == line.channel_id)
    knew = and_(turns.c.knows_from <= line.rank, turns.c.rank >= line.rank, IS_THERE)
    columns = turns.c.id, turns.c.rank, turns.c.knows_from, turns.c.request, turns.c.receipt
    found = connection.execute(select(*columns).where(near, knew)).all()
    sought = [plain for text in texts if (plain := _plain(text))]
    for row in found:
        if row.knows_from or row.rank == line.rank or _hold([row.request, row.receipt], sought):
            _clean(connection, row, now)
    quoting = select(quotes.c.turn_id).where(quotes.c.of_turn == line.id)
    for row in connection.execute(select(*columns).where(turns.c.id.in_(quoting), IS_THERE)).all():
        _clean(connection, row, now)
    connection.execute(delete(quotes).where((quotes.c.of_turn == line.id) | (quotes.c.turn_id == line.id)))


def _clean(connection: Connection, row: Any, now: datetime) -> None:
    note_answers(connection, row.receipt, now)
    request = {**row.request, "conversation_history": [], "request_metadata": {}} if row.request else {}
    receipt = redacted(row.receipt) if row.receipt else None
    connection.execute(update(turns).where(turns.c.id == row.id).values(request=request, receipt=receipt))


def _hold(value: Any, sought: Iterable[str]) -> bool:
    """Whether one of the texts stands somewhere in a JSON value."""
    if isinstance(value, str):
        plain = _plain(value)
        return any(text in plain for text in sought)
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_hold(part, sought) for part in inside)


def _plain(text: str) -> str:
    return " ".join(text.split())
