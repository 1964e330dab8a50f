"""Rows of the world's tables as values, and back."""

import asyncio
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.model import Entity, ProposedChange, WorldEvent, WorldSummary
from greenroom.world.tables import world_entities, world_events

GONE = "gone"
"""The basis of an entity that is no more, until the library has heard of it."""


def event_of(row: Row[Any]) -> WorldEvent:
    """A row as the event that it is."""
    found = dict(zip(row._fields, row, strict=True))  # several times as fast as to ask the row for each
    return WorldEvent.model_validate({name: found[name] for name in WorldEvent.model_fields})


def event_row(change: ProposedChange, number: int, place: int, now: datetime) -> dict[str, Any]:
    """An event as a row."""
    values = change.model_dump(mode="json") | {"number": number, "place": place, "made_at": now, "revoked_by": None}
    return {column.name: values[column.name] for column in world_events.columns}


def summary_of(row: Row[Any]) -> WorldSummary:
    """A row of `worlds`."""
    return WorldSummary.model_validate({name: getattr(row, name) for name in WorldSummary.model_fields})


async def events_of(
    connection: AsyncConnection, world_id: str, *, back: ColumnElement[bool] | None = None
) -> list[WorldEvent]:
    """The events of a world that count, and those that are to come `back`, in the order of their numbers."""
    counts = world_events.c.revoked_by.is_(None)
    standing = world_events.c.world_id == world_id, counts if back is None else counts | back
    rows = (await connection.execute(select(world_events).where(*standing).order_by(world_events.c.number))).all()
    return await asyncio.to_thread(lambda: [event_of(row) for row in rows])  # they may be many


async def entities_of(connection: AsyncConnection, world_id: str) -> dict[str, Entity]:
    """The entities of a world as they are kept."""
    there = world_entities.c.world_id == world_id, world_entities.c.basis != GONE
    wanted = select(world_entities.c.entity).where(*there)
    kept = [Entity.model_validate(value) for value in await connection.scalars(wanted)]
    return {entity.id: entity for entity in kept}
