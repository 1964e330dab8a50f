"""Watching over the workers: each shows that it lives, and the runs of one that does not are given to others.

Nobody's clock is compared with another's: a worker counts its beats, and each of the others measures for itself for
how long that count has stood still.
"""

from sqlalchemy import delete, select

from greenroom.background.tables import background_workers as table
from greenroom.clock import Clock
from greenroom.storage.database import Database
from greenroom.storage.upsert import put


class Watch:
    """The beats of all workers of a database. One whose beats have stood still for `lease_s` is dead.

    `worker` is this one, as `<owner>/<anything>`. An owner has one process at a time, so that another of its workers is
    dead for sure, and so is one that nobody has heard of: it took leave, or beat last an hour ago.
    """

    def __init__(self, database: Database, worker: str, lease_s: float, clock: Clock) -> None:
        self._database = database
        self._worker = worker
        self._owner = worker.rpartition("/")[0]
        self._lease_s = lease_s
        self._clock = clock
        self._beats = 0
        self._seen: dict[str, tuple[int, float]] = {}

    async def beat(self) -> None:
        """Show that this one lives, and look at the others. On SQLite there are none."""
        if self._database.is_file:
            return
        self._beats += 1
        row = {"id": self._worker, "beats": self._beats, "seen_at": self._clock.now()}
        async with self._database.write() as connection:
            await put(connection, table, row)
        async with self._database.read() as connection:
            rows = await connection.execute(select(table.c.id, table.c.beats))
            counts = {row.id: row.beats for row in rows}
        now_s = self._clock.monotonic_s()
        self._seen = {
            name: self._seen[name] if self._seen.get(name, (None,))[0] == beats else (beats, now_s)
            for name, beats in counts.items()
        }

    def is_dead(self, worker: str) -> bool:
        """Whether a worker is dead, as far as was seen at the last beat."""
        if worker == self._worker:
            return False
        if worker not in self._seen or worker.rpartition("/")[0] == self._owner:
            return True
        return self._clock.monotonic_s() - self._seen[worker][1] >= self._lease_s

    async def forget(self) -> None:
        """Strike out the workers that are dead; call it when nothing is theirs any more."""
        await self._strike([name for name in self._seen if self.is_dead(name)])

    async def leave(self) -> None:
        """Take leave: what is left undone is anybody's at once."""
        await self._strike([self._worker])

    async def _strike(self, workers: list[str]) -> None:
        if workers:
            async with self._database.write() as connection:
                await connection.execute(delete(table).where(table.c.id.in_(workers)))
