"""Forgetting a person: what they wrote into the worlds by hand is undone, and nothing of it is kept."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from greenroom.model import Entity, WorldEvent
from greenroom.storage.database import Database
from greenroom.world.book import WRITTEN, done_by
from greenroom.world.ledger import Ledger
from greenroom.world.tables import world_events


class Forgetting:
    """Goes through all worlds in which a person did something by hand."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._database, self._ledger = database, ledger

    async def forget(self, user_id: str, until: datetime) -> None:
        """Forget what a person did up to a moment. Again is no harm."""
        if not user_id:
            return  # nobody has signed what was done without a name
        theirs = select(world_events.c.world_id).where(*done_by(user_id, until)).distinct()
        async with self._database.read() as connection:
            world_ids = list(await connection.scalars(theirs))
        for world_id in world_ids:
            await self._forget_in(world_id, user_id, until)

    async def _forget_in(self, world_id: str, user_id: str, until: datetime) -> None:
        def going(events: Sequence[WorldEvent], _: Mapping[str, Entity]) -> Iterator[int]:
            own = [e for e in events if e.kind in WRITTEN and e.user_id == user_id and e.made_at <= until]
            touched = {event.told.entity_id for event in own}
            quoting = (e for e in events if e.kind == "rewritten" and e.told.entity_id in touched)
            return (event.number for event in (*own, *quoting))

        async with self._ledger.opened(world_id, going) as book:
            await book.forget(user_id, until)
