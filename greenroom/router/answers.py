"""What the gateway must give up because a line of its prompts was taken back: cached answers, and comparisons of
answers. Noted with the line's end."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from greenroom.router.tables import answers_to_forget
from greenroom.storage.database import Database
from greenroom.storage.upsert import put_here

_AT_ONCE = 100
DECISION = "decision:"
"""What the keys of decisions begin with; those of the cache are hexadecimal."""


def note_answers(connection: Connection, receipt: dict[str, Any] | None, now: datetime) -> None:
    """Note the answers that a stored receipt tells of, and the decisions by which they were made."""
    for attempt in (receipt or {}).get("attempts", ()):
        decision = (attempt.get("decision") or {}).get("id")
        for key in filter(None, (attempt.get("cache_key"), decision and DECISION + decision)):
            put_here(connection, answers_to_forget, {"key": key, "noted_at": now})


class AnswersToForget:
    """The keys that were noted and not yet purged."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self) -> Sequence[str]:
        """The next few keys, the first one noted first."""
        return [row.key for row in await self._database.rows(_FIRST_NOTED)]

    async def gone(self, key: str) -> None:
        """Strike a key off."""
        async with self._database.write() as connection:
            await connection.execute(delete(answers_to_forget).where(answers_to_forget.c.key == key))


_FIRST_NOTED = (
    select(answers_to_forget.c.key).order_by(answers_to_forget.c.noted_at, answers_to_forget.c.key).limit(_AT_ONCE)
)
