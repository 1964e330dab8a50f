"""Changes that wait to be made: each is a row, and a task that names it, so that no words stand in the queue."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.background import TaskQueue
from greenroom.lane import step
from greenroom.model import ProposedChange, Task, Told
from greenroom.storage.database import Database
from greenroom.storage.upsert import add_new
from greenroom.world.fold import WorldState
from greenroom.world.ledger import Ledger
from greenroom.world.occasion import Occasion
from greenroom.world.tables import world_proposals

CREATE, UPDATE = "CREATE_ENTITY", "UPDATE_NOTE"
PRIORITY, PRIORITY_OF_SIMULATION = 40, 80
_AT_ONCE = 2


class Proposals:
    """The table of proposals, and the two kinds of tasks that make events of them."""

    def __init__(self, database: Database, ledger: Ledger, queue: TaskQueue) -> None:
        self._database, self._ledger, self._queue = database, ledger, queue
        for kind in (CREATE, UPDATE):
            queue.handle(kind, self._apply, at_once=_AT_ONCE)

    async def leave(
        self, connection: AsyncConnection, changes: Sequence[ProposedChange], state: WorldState, why: str
    ) -> int:
        """Leave changes in a transaction of the caller, which they share; how many tasks are new.

        What they speak of and is not in the `state` of their world is to be created.
        """
        rows = [
            {"effect_key": c.effect_key, "turn_id": c.turn_id, "change": c.model_dump(mode="json")} for c in changes
        ]
        if not rows:
            return 0
        await add_new(connection, world_proposals, rows)
        return await self._queue.enqueue_within(connection, [_task(change, state, why) for change in changes])

    async def _apply(self, task: Task) -> None:
        """Make a change that was proposed. One that is not there any more was made, or its words were taken back."""
        key = str(task.payload["effect_key"])
        async with step():
            wanted = select(world_proposals.c.change).where(world_proposals.c.effect_key == key)
            kept: dict[str, Any] | None = await self._database.value(wanted)
        if kept is None:
            return
        change = ProposedChange.model_validate(kept)
        async with step():
            if await self._ledger.has(change.world_id):
                await self._ledger.apply(change)
        async with step(), self._database.write() as connection:
            await connection.execute(delete(world_proposals).where(world_proposals.c.effect_key == key))


def _task(change: ProposedChange, state: WorldState, why: str) -> Task:
    is_new = bool(change.told.type) and state.names.find(change.told.name, change.told.type) is None
    kind = CREATE if is_new else UPDATE
    return Task(
        kind=kind,
        key=f"{kind}:{change.effect_key}",
        payload={"effect_key": change.effect_key},
        priority=PRIORITY_OF_SIMULATION if change.kind == "acted" else PRIORITY,
        cause=why,
    )


def proposed(occasion: Occasion, told: Told, ordinal: int, evidence: str, **more: Any) -> ProposedChange:
    """What a turn says as a change to its world. The same words read again give the same key."""
    turn, invented = occasion.turn, bool(more.get("invented"))
    says = told.model_dump(exclude={"entity_id", "sources"})
    content = [turn.id, occasion.wording, more.get("kind", "told"), says, invented]
    key = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:40]
    return ProposedChange.model_validate(
        {
            "kind": "told",
            "world_id": occasion.world_id,
            "cause": "turn",
            "effect_key": key,
            "told": told,
            "turn_id": turn.id,
            "wording": occasion.wording,
            "place": turn.rank,
            "ordinal": ordinal,
            "channel_id": turn.channel_id,
            "evidence": evidence[:2000],
            "said_by": turn.character_name if invented else occasion.speaker,
            "known_to": occasion.known_to,
            "private": occasion.private,
            **more,
        }
    )
