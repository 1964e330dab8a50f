"""The task of reading a turn: what it says becomes proposals, off everybody's path."""

import asyncio
from collections.abc import Sequence
from importlib import import_module

import structlog

from greenroom.background import TaskQueue
from greenroom.following import receipt_of
from greenroom.lane import step
from greenroom.model import Nothing, ProposedChange, Receipt, Task, TurnToAnalyze
from greenroom.ports import Characters, Llm, Turns
from greenroom.storage.database import Database
from greenroom.world.conversations import Conversations
from greenroom.world.fold import WorldState
from greenroom.world.ledger import Ledger
from greenroom.world.occasion import Occasion, known_by
from greenroom.world.proposals import Proposals
from greenroom.world.wording import stands, wording_of

ANALYZE = "ANALYZE_TURN"
_PRIORITY = 30
_AT_ONCE = 2
_ATTEMPTS = 10
"""With the pauses between them, four minutes: for so long a model server may take to come back."""

log = structlog.get_logger(__name__)


class Analyst:
    """Does the tasks of reading turns."""

    def __init__(
        self,
        turns: Turns,
        characters: Characters,
        llm: Llm,
        conversations: Conversations,
        ledger: Ledger,
        proposals: Proposals,
        database: Database,
        queue: TaskQueue,
    ) -> None:
        self._turns, self._characters, self._llm = turns, characters, llm
        self._conversations, self._ledger, self._proposals = conversations, ledger, proposals
        self._database = database
        queue.handle(ANALYZE, self._analyze, at_once=_AT_ONCE, attempts=_ATTEMPTS)

    async def _analyze(self, task: Task) -> None:
        """Read a turn, unless it says something else by now: then another task does."""
        order = TurnToAnalyze.model_validate(task.payload)
        async with step():
            found = await self._occasion(order)
        if found is None:
            return
        occasion, state = found
        changes = await self._read(occasion)
        async with step(), self._database.write() as connection:
            await self._proposals.leave(connection, _each_once(changes), state, f"turn {order.turn_id}")
            await self._conversations.mark_read(connection, order)
        log.info("turn_read", turn=order.turn_id, changes=len(changes))

    async def _occasion(self, order: TurnToAnalyze) -> tuple[Occasion, WorldState] | None:
        """What is to be read, and the world to which it belongs; None where nothing is."""
        world_id = await self._conversations.world_of(order)
        receipt = await self._receipt(order) if world_id else None
        if world_id is None or receipt is None:
            return None
        cast = (await self._characters.cast(Nothing())).characters
        state = await self._ledger.state(world_id)
        present = receipt.turn.present
        known = [found for entity in state.entities.values() if (found := known_by(entity, present))]
        return Occasion(world_id, receipt.turn, cast, known, receipt.passages), state

    async def _read(self, occasion: Occasion) -> list[ProposedChange]:
        """What a turn changes. The readers are imported in a thread, when the first turn is read: the patterns of the
        rules take a while to compile."""
        by_rules = await asyncio.to_thread(import_module, "greenroom.world.by_rules")
        from greenroom.world.by_model import ModelReader

        return [*by_rules.setting(occasion), *await ModelReader(self._llm).read(occasion)]

    async def _receipt(self, order: TurnToAnalyze) -> Receipt | None:
        """The turn as it is now; None where it has other words than those that were to be read."""
        receipt = await receipt_of(self._turns, order.turn_id)
        same = receipt is not None and stands(receipt.turn) and wording_of(receipt.turn) == order.wording
        return receipt if same else None


def task_of(order: TurnToAnalyze) -> Task:
    """The task of reading a turn; one for each wording of it."""
    return Task(
        kind=ANALYZE,
        key=":".join(filter(None, [ANALYZE, order.turn_id[:120], order.wording, order.again])),
        payload=order.model_dump(),
        priority=_PRIORITY,
        cause=f"turn {order.turn_id}"[:200],
    )


def _each_once(changes: Sequence[ProposedChange]) -> list[ProposedChange]:
    return list({change.effect_key: change for change in changes}.values())
