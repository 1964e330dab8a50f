"""Turns of a conversation, for the tests of worlds."""

from datetime import UTC, datetime, timedelta
from typing import Any

from greenroom.model import ChannelId, CharacterId, PersonId, Receipt, Turn, TurnId

BEGUN = datetime(2026, 1, 1, 11, tzinfo=UTC)


def said(turn_id: str, line: str, reply: str | None = None, **more: Any) -> Receipt:
    """A turn in which Sam says a line to Peter, and Peter answers."""
    turn = Turn(
        id=TurnId(turn_id),
        position=0,
        channel_id=ChannelId(more.pop("channel_id", "den")),
        character=CharacterId("peter"),
        character_name="Peter",
        user_id=PersonId("sam"),
        user_name="Sam",
        message_type="direct",
        input_text=line,
        reply=reply,
        state=more.pop("state", "answered" if reply is not None else "heard"),
        begun_at=BEGUN,
        ended_at=BEGUN + timedelta(seconds=2),
        **more,
    )
    return Receipt(turn=turn)
