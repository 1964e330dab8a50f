"""Reads what is left after a day of accidents, and says what should not be so.

Only what holds for the whole is looked at: nothing is lost, nothing has happened twice, nothing is still open.
"""

from collections import Counter
from collections.abc import Collection

from sqlalchemy import select

from greenroom.background.tables import background_tasks
from greenroom.storage.database import Database
from tests.background.workers import effects, effects_counted


async def complaints(database: Database, left: Collection[str]) -> list[str]:
    """What is wrong, when the tasks of these keys were left and are to be done."""
    async with database.read() as connection:
        rows = (await connection.execute(select(background_tasks))).all()
        counted = await connection.scalar(select(effects_counted.c.count))
    had = Counter(await effects(database))
    known = {row.key for row in rows}
    return [
        *(f"{key} was left and nobody knows of it" for key in sorted(set(left) - known)),
        *(f"{key} is known and nobody left it" for key in sorted(known - set(left))),
        *(f"{row.key} is {row.status}: {row.error}" for row in rows if row.status != "completed"),
        *(f"{row.key} is over and its payload is kept" for row in rows if row.payload),
        *(f"{row.key} is over and has a run" for row in rows if row.run is not None),
        *(f"{row.key} was begun {row.starts} times" for row in rows if row.starts < row.attempt + row.interruptions),
        *(f"{key} had no effect" for key in sorted(known - set(had))),
        *(f"{key} had an effect {times} times" for key, times in had.items() if times != 1),
        *([f"{counted} effects were counted for {len(left)} tasks"] if counted != len(left) else []),
    ]
