"""The panel of a conversation: where it is, who is there, the mood, who has what, and what happened of late."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from greenroom.model import Panel, PanelRequest, WorldEvent
from greenroom.storage.database import Database
from greenroom.world.conversations import MAIN
from greenroom.world.fold import said
from greenroom.world.names import key_of
from greenroom.world.rows import event_of
from greenroom.world.tables import world_events, world_sessions, world_turns

_EVENTS = 60
_TURNS = 12
_MOOD_LASTS = 4
_NOTES = 5


class Panels:
    """Makes panels from the last events of a channel, as far as all who are present know them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def panel(self, request: PanelRequest) -> Panel:
        """The panel of a channel; empty where nobody has talked."""
        found = await self._database.look(_happened, request.channel_id)
        if found is None:
            return Panel(world_id=MAIN)
        world_id, spoke, events = found
        told = [event for event in events[::-1] if _may_tell(event, request)]
        ranks = [row.rank for row in spoke]
        there = request.present if request.present is not None else sorted({r.character for r in spoke if r.character})
        return Panel(
            world_id=world_id,
            scene=next((e.told.name for e in told[::-1] if e.kind == "scene" and e.told.name), ""),
            present=tuple(there),
            mood=_mood(told, ranks[:_MOOD_LASTS]),
            items=_items(told),
            notes=_notes(told),
        )


class _Happened(NamedTuple):
    """What a panel is made of, newest first."""

    world_id: str
    spoke: Sequence[Any]
    events: list[WorldEvent]


def _happened(connection: Connection, channel_id: str) -> _Happened | None:
    """What happened in a channel; None where nobody has talked."""
    world_id = connection.scalar(select(world_sessions.c.world_id).where(world_sessions.c.id == channel_id))
    if world_id is None:
        return None
    turns, events = world_turns.c, world_events.c
    last = select(turns.rank, turns.character).where(turns.channel_id == channel_id, turns.stands)
    spoke = connection.execute(last.order_by(turns.rank.desc()).limit(_TURNS)).all()
    which = events.channel_id == channel_id, events.revoked_by.is_(None), events.kind.in_(("told", "scene"))
    newest = select(world_events).where(*which).order_by(events.place.desc(), events.ordinal.desc())
    found = connection.execute(newest.limit(_EVENTS)).all()
    return _Happened(world_id, spoke, list(map(event_of, found)))


def _may_tell(event: WorldEvent, request: PanelRequest) -> bool:
    """Whether all who are present know of an event, and it may be spoken of where they are."""
    if event.private and request.place != "private":
        return False
    if event.known_to is None:
        return not event.private
    return bool(request.present) and set(request.present or ()) <= set(event.known_to)


def _mood(told: Sequence[WorldEvent], last: Sequence[int]) -> str:
    """The mood of the last turns; a mood passes."""
    moods = (e.told.mood for e in told[::-1] if e.kind == "scene" and e.told.mood and e.place >= min(last, default=0))
    return next(moods, "")


def _notes(told: Sequence[WorldEvent]) -> tuple[str, ...]:
    """What happened last, each thing once, however many have said it, in the words that were used first."""
    last = [e.told.information for e in told if e.kind == "told" and e.told.information]
    first = {said(text): text for text in last[::-1]}
    return tuple(first[words] for words in dict.fromkeys(map(said, last[::-1])))[:_NOTES][::-1]


def _items(told: Sequence[WorldEvent]) -> tuple[str, ...]:
    """Who has what, by what was said last of each thing."""
    held = {key_of(e.told.name): e.told.information for e in told if e.told.slot == "holder" and e.told.type == "item"}
    return tuple(held.values())
