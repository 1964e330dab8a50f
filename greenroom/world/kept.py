"""The fold of a world that is kept between its changes, so that most of them need not fold all events anew."""

import asyncio
from collections.abc import Iterable

from greenroom.model import Entity, WorldEvent
from greenroom.world.fold import Folding, WorldState, order

_Order = tuple[int, bool, int, int]


class Kept:
    """The fold of a world up to the event `sequence`, and the entities as the table has them.

    `without` are the numbers of events that count and are left out of it, since they are about to be taken out;
    `returned` those of events that are in it and do not count yet, since they are about to come back.
    """

    def __init__(
        self,
        world_id: str,
        sequence: int,
        entities: dict[str, Entity],
        without: frozenset[int] = frozenset(),
        returned: frozenset[int] = frozenset(),
    ) -> None:
        self.world_id, self.sequence, self.entities = world_id, sequence, entities
        self.without, self.returned = without, returned
        self.is_open = False
        self.state = WorldState()
        self._folding = Folding(world_id)
        self._last: _Order = (-1, False, 0, 0)

    async def refold(self, events: Iterable[WorldEvent]) -> None:
        """Fold all events anew, in a thread: they may be many."""
        self._folding, self._last = Folding(self.world_id), (-1, False, 0, 0)
        left = [event for event in events if event.number not in self.without]
        await asyncio.to_thread(self._take, sorted(left, key=order))

    def become(self, foreseen: "Kept") -> None:
        """Take over a fold that was made before; the entities stay those of the table."""
        self.state, self._folding, self._last = foreseen.state, foreseen._folding, foreseen._last

    def fold_in(self, events: Iterable[WorldEvent]) -> bool:
        """Fold new events in; not where one of them belongs before what is folded in already."""
        ordered = sorted(events, key=order)
        if ordered and order(ordered[0]) < self._last:
            return False
        self._take(ordered)
        return True

    def _take(self, ordered: list[WorldEvent]) -> None:
        for event in ordered:
            self._folding.take(event)
            self._last = order(event)
        self.state = self._folding.state()
