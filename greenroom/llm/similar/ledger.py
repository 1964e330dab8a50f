"""Similar prompts in the database: what is known when Greenroom starts, and what is learnt, written behind the answers.

Nothing here is irreplaceable. What cannot be written is logged, and left out.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Self

import numpy as np
import structlog
from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.clock import Clock
from greenroom.errors import GreenroomError
from greenroom.llm.similar.index import Indexed
from greenroom.llm.similar.tables import similar_pairs, similar_prompts
from greenroom.storage.database import Database
from greenroom.storage.upsert import put

Change = Callable[[AsyncConnection], Awaitable[None]]

_WAITING = 1000
"""Changes that may wait to be written."""
_AT_ONCE = 100
_LONGEST_WAIT_S = 2.0
_PAIRS = 20_000
"""Pairs that are remembered: the last ones."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pair:
    """A prompt that was asked, and one whose answer is kept, each by its key; `right` None is not known."""

    asked: str
    kept: str
    embedder: str
    chance: float
    served: int = 0
    right: bool | None = None
    reported: bool = False


class Ledger:
    """The tables. Enter it before use; on leaving, what waits is written."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._changes: asyncio.Queue[Change | None] = asyncio.Queue(_WAITING)
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write(), name="similar prompts are written down")
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        assert self._writer is not None
        await self._changes.put(None)
        await self._writer

    async def prompts(self, most: int, since: datetime) -> list[Indexed]:
        """The prompts that were kept since then, at most so many, oldest first; older ones are deleted."""
        table = similar_prompts
        async with self._database.write() as connection:
            await connection.execute(delete(table).where(table.c.kept_at < since))
        async with self._database.read() as connection:
            rows = await connection.execute(select(table).order_by(table.c.kept_at.desc()).limit(most))
            found = [_indexed(*row) for row in rows.all()]
        return found[::-1]

    async def pairs(self) -> list[Pair]:
        """The pairs that something is known of, oldest first; of too many, the oldest are deleted."""
        table = similar_pairs
        async with self._database.read() as connection:
            rows = (await connection.execute(select(table).order_by(table.c.happened_at.desc()).limit(_PAIRS))).all()
        if len(rows) == _PAIRS:
            async with self._database.write() as connection:
                await connection.execute(delete(table).where(table.c.happened_at < rows[-1].happened_at))
        return [_pair(row) for row in rows[::-1]]

    async def wrong(self, since: datetime) -> list[Pair]:
        """The pairs that were found wrong since then, by whichever process."""
        table = similar_pairs
        wanted = select(table).where(table.c.happened_at >= since, table.c.right.is_(False))
        async with self._database.read() as connection:
            return [_pair(row) for row in (await connection.execute(wanted)).all()]

    async def served(self, asked: str) -> Pair | None:
        """The answer that was served last for a prompt, by whichever process."""
        table = similar_pairs
        wanted = select(table).where(table.c.asked == asked, table.c.served > 0)
        async with self._database.read() as connection:
            row = (await connection.execute(wanted.order_by(table.c.happened_at.desc()).limit(1))).first()
        return _pair(row) if row else None

    async def written(self) -> None:
        """Wait for what is still to be written; not where that takes long, and not for what cannot be written."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_WAIT_S):
                await self._changes.join()

    def keep(self, prompt: Indexed) -> None:
        """Write a prompt down."""
        row = {
            "key": prompt.key,
            "partition": prompt.partition,
            "embedder": prompt.embedder,
            "text": prompt.text,
            "vector": prompt.vector.astype("<f4").tobytes(),
            "kept_at": self._clock.now(),
        }
        self._later(partial(put, table=similar_prompts, row=row))

    def forget(self, keys: Iterable[str]) -> None:
        """Delete prompts."""
        self._later(partial(_delete, keys=list(keys)))

    def note(self, pair: Pair) -> None:
        """Write down what is known of a pair."""
        row = {name: getattr(pair, name) for name in Pair.__slots__} | {"happened_at": self._clock.now()}
        self._later(partial(put, table=similar_pairs, row=row))

    def _later(self, change: Change) -> None:
        try:
            self._changes.put_nowait(change)
        except asyncio.QueueFull:
            _log.warning("similar_prompt_not_written", reason="too many wait")

    async def _write(self) -> None:
        while True:
            changes = [await self._changes.get()]
            while len(changes) < _AT_ONCE and not self._changes.empty():
                changes.append(self._changes.get_nowait())
            try:
                async with self._database.write() as connection:
                    for change in filter(None, changes):
                        await change(connection)
            except GreenroomError as exc:
                _log.warning("similar_prompt_not_written", reason=exc.detail, changes=len(changes))
            except Exception:
                _log.exception("similar_prompt_not_written", changes=len(changes))
            for _ in changes:
                self._changes.task_done()
            if None in changes:
                return


async def _delete(connection: AsyncConnection, keys: list[str]) -> None:
    await connection.execute(delete(similar_prompts).where(similar_prompts.c.key.in_(keys)))


def _pair(row: Row[Any]) -> Pair:
    return Pair(row.asked, row.kept, row.embedder, row.chance, row.served, row.right, row.reported)


def _indexed(key: str, partition: str, embedder: str, text: str, vector: bytes, kept_at: datetime) -> Indexed:
    return Indexed(key, partition, embedder, text, np.frombuffer(vector, dtype="<f4").astype(np.float32))
