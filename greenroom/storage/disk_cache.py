"""A cache on the disk: the tier that survives a restart. A `Cache` like those in memory and on a Redis server."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

import structlog

from greenroom.clock import Clock
from greenroom.errors import Conflict, NotFound, StorageFailed, Unavailable
from greenroom.following import for_ever
from greenroom.patience import Breaker
from greenroom.storage import kept_table
from greenroom.storage.faults import translated
from greenroom.storage.kept_table import KeptTable, Row
from greenroom.storage.recalls import Recalls
from greenroom.storage.undeleted import Undeleted
from greenroom.storage.unwritten import Unwritten

T = TypeVar("T")

_WAITING_BYTES = 16_000_000
_WAITING_USES = 10_000
_LONGEST_OPENING_S = 1.0
_TIDY_EVERY_S = 60.0
_COLLECT_S = 0.2
_USE_NOTED_AFTER_S = 600.0
"""A value that was used so lately is not noted as used again: most hits then write nothing."""

_log = structlog.get_logger()


class DiskCache:
    """Keeps values in a SQLite file, those used last, within a budget of bytes. Enter it before use.

    Single rows are read on the event loop, which takes less time than going to a thread and back; one thread writes,
    everything that came within a fifth of a second, or while it was busy, in one transaction. What waits for it is
    capped: beyond that, values are not kept. Nothing here fails a caller: a file that cannot be used is empty, and is
    tried again after a rest. A damaged one is set aside, and reported by `ping`.

    What was deleted is gone from the file when that returns, or, where it could not be written, as soon as it can; it
    is not given in the meantime. What waits to be written when somebody `recalls` something is not written.
    """

    def __init__(
        self,
        file: Path,
        budget_bytes: int,
        clock: Clock,
        *,
        recalls: Recalls | None = None,
        waiting_bytes: int = _WAITING_BYTES,
        rest_s: float = 5.0,
    ) -> None:
        self._file, self._budget_bytes, self._clock, self._rest_s = file, budget_bytes, clock, rest_s
        self._recalls, self._undeleted = recalls or Recalls(), Undeleted()
        self._writing = Breaker("the cache on the disk", clock, 1, rest_s)
        self._waiting_limit_bytes = waiting_bytes
        self._waiting = Unwritten()
        self._written = Unwritten()
        self._alone, self._work = asyncio.Lock(), asyncio.Event()
        self._reader: sqlite3.Connection | None = None
        self._table: KeptTable | None = None
        self._problem = ""
        self._aside = ""
        self.dropped = 0

    async def __aenter__(self) -> Self:
        """Open the file. One that takes long to look through is used as soon as that is done."""
        self._thread = ThreadPoolExecutor(1, "cache on the disk")
        self._opening = asyncio.create_task(self._open(), name="opens the cache on the disk")
        await asyncio.wait([self._opening], timeout=_LONGEST_OPENING_S)
        self._keeper = asyncio.create_task(self._keep_writing(), name="writes the cache on the disk")
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Write what waits, and close the file."""
        await asyncio.wait([self._opening])
        self._keeper.cancel()
        await asyncio.wait([self._keeper])
        await self._write_waiting()
        await self._close()
        await asyncio.to_thread(self._thread.shutdown)

    async def get(self, key: str, /) -> bytes | None:
        """The value, or None."""
        now = self._clock.now().timestamp()
        for waiting in (self._waiting, self._written):
            if (row := waiting.values.get(key)) and self._is_latest(waiting):
                return row.value if row.expires_at > now else None
            if key in waiting.deleted:
                return None
        row = None if self._undeleted.covers(key) else self._read(key)
        if row is None or row.expires_at <= now:
            return None
        if now - row.used_at > _USE_NOTED_AFTER_S and len(self._waiting.used) < _WAITING_USES:
            self._waiting.used[key] = now
            self._work.set()
        return row.value

    async def set(self, key: str, value: bytes, ttl_s: float) -> None:
        """Keep a value; not when too much waits to be written, or the file cannot be written."""
        size_bytes = self._waiting.size_bytes + self._written.size_bytes + len(value)
        if self._table is None or size_bytes > self._waiting_limit_bytes or self._writing.is_open():
            self.dropped += 1
            return
        now = self._clock.now().timestamp()
        if not self._is_latest(self._waiting):
            self._waiting.clear("", None)
            self._waiting.mark = self._recalls.latest()
        self._waiting.put(key, Row(value, now + ttl_s, now))
        self._work.set()

    async def delete(self, key: str, /) -> None:
        """Forget a value."""
        self._waiting.delete(key)
        await self._write_waiting()

    async def clear(self, prefix: str, but: str | None = None) -> None:
        """Forget all values whose keys begin with `prefix`, and not with `but`; a few hundred at a time."""
        self._waiting.clear(prefix, but)
        if not await self._clear(prefix, but) and but is None:
            self._undeleted.add_prefix(prefix)

    async def ping(self) -> None:
        """Raises: StorageFailed, when the file cannot be used, or was found damaged since the start."""
        if self._problem or self._aside:
            raise StorageFailed(self._problem or self._aside)
        if self._table is None:
            raise StorageFailed(f"{self._file.name} is still being looked through")

    async def size(self) -> tuple[int, int]:
        """How many values there are, and what they take in bytes. Raises: Unavailable; StorageFailed."""
        await self._write_waiting()
        table = self._opened()
        with translated():
            return await self._in_thread(lambda: (table.entries, table.size_bytes))

    async def backup(self, target: Path) -> None:
        """Copy the file into a new one. Raises: Conflict; Unavailable; StorageFull; StorageFailed."""
        await self._write_waiting()
        self._opened()
        try:
            with translated():
                await asyncio.to_thread(kept_table.copy, self._file, target)
        except FileExistsError as exc:
            raise Conflict(f"there is a backup {target.name!r} already") from exc
        except OSError as exc:
            raise StorageFailed(f"the backup {target.name!r} cannot be written: {exc.strerror}") from exc

    async def restore(self, backup: Path) -> None:
        """Put a backup in the place of what is kept.

        Raises: NotFound; InvalidInput, when it is damaged or not a backup; Unavailable; StorageFailed.
        """
        if not await asyncio.to_thread(backup.is_file):
            raise NotFound(f"there is no backup {backup.name!r}")
        table = self._opened()
        with translated():
            await self._in_thread(lambda: table.replace_from(backup))

    async def _clear(self, prefix: str, but: str | None = None) -> bool:
        """Delete them from the file; whether they are gone."""
        try:
            while (table := self._table) is not None:
                if not await self._in_thread(partial(table.delete_some, prefix, but)):
                    return True
        except sqlite3.Error as exc:
            self._failed(exc)
        return False

    def _read(self, key: str) -> Row | None:
        if self._reader is None:
            return None
        try:
            return kept_table.read(self._reader, key)
        except sqlite3.Error as exc:
            self._failed(exc)
            return None

    async def _open(self) -> None:
        try:
            self._table = await self._in_thread(self._opened_or_renewed)
            self._reader = kept_table.reader(self._file)
        except (sqlite3.Error, OSError) as exc:
            self._failed(exc)
            await self._close()
            return
        self._problem = ""

    def _opened_or_renewed(self) -> KeptTable:
        try:
            return KeptTable(self._file)
        except sqlite3.DatabaseError as exc:
            if not kept_table.is_damage(exc):
                raise
            aside = kept_table.set_aside(self._file)
            self._aside = f"{self._file.name} was damaged ({exc}); it is set aside as {aside.name}, and a new one begun"
            _log.error("cache_file_damaged", file=self._file.name, set_aside=aside.name, error=str(exc))
            return KeptTable(self._file)

    async def _close(self) -> None:
        (reader, table), (self._reader, self._table) = (self._reader, self._table), (None, None)
        if reader is not None:
            reader.close()
        if table is not None:
            await self._in_thread(table.close)

    async def _keep_writing(self) -> None:
        """Write what comes, and clean up. A file that could not be used is opened again after a rest."""
        await asyncio.wait([self._opening])
        await for_ever(self._come_round, self._clock, "storage.disk_cache")

    async def _come_round(self) -> None:
        if self._table is None:
            await self._open()
        await self._delete_late()
        await self._write_waiting()
        await self._clean()
        try:
            async with asyncio.timeout(_TIDY_EVERY_S if self._table else self._rest_s):
                await self._work.wait()
        except TimeoutError:
            return
        await asyncio.sleep(_COLLECT_S)  # waking the thread takes longer than writing a row, and readers see it all
        self._work.clear()

    async def _delete_late(self) -> None:
        """Delete what could not be deleted when it was to be."""
        if not self._undeleted or self._table is None:
            return
        for prefix in list(self._undeleted.prefixes):
            if await self._clear(prefix):
                self._undeleted.prefixes.discard(prefix)
        self._waiting.deleted |= self._undeleted.keys
        self._undeleted.keys.clear()
        await self._write_waiting()
        if not self._undeleted:
            self._recalls.announce()

    async def _write_waiting(self) -> None:
        async with self._alone:
            while self._waiting:
                self._written, self._waiting = self._waiting, Unwritten()
                await self._write(self._written)

    async def _write(self, batch: Unwritten) -> None:
        is_done = False
        try:
            if self._table is not None:
                await self._in_thread(
                    partial(self._table.write, batch.values, batch.used, batch.deleted, partial(self._is_latest, batch))
                )
                is_done = True
                self._succeeded()
        except sqlite3.Error as exc:
            self.dropped += len(batch.values)
            self._failed(exc)
        finally:
            for key in [] if is_done else batch.deleted:
                self._undeleted.add(key)
            self._written = Unwritten()

    def _is_latest(self, batch: Unwritten) -> bool:
        return batch.mark == self._recalls.latest()

    async def _clean(self) -> None:
        try:
            while (table := self._table) is not None:
                if not await self._in_thread(partial(table.clean, self._budget_bytes, self._clock.now().timestamp())):
                    return
                await self._write_waiting()
        except sqlite3.Error as exc:
            self._failed(exc)

    def _succeeded(self) -> None:
        if self._writing.answered():
            self._problem = ""
            _log.info("cache_file_back", file=self._file.name)

    def _failed(self, exc: Exception) -> None:
        """Note a failure; log it once until it is over. A damaged file is closed, so that it will be set aside."""
        if not self._problem:
            _log.warning("cache_file_skipped", file=self._file.name, error=str(exc))
        self._problem = f"{self._file.name} cannot be used: {exc}"
        self._writing.failed()
        if isinstance(exc, sqlite3.Error) and kept_table.is_damage(exc):
            (reader, table), (self._reader, self._table) = (self._reader, self._table), (None, None)
            if reader is not None:
                reader.close()
            if table is not None:
                self._thread.submit(table.close)
            self._work.set()

    def _opened(self) -> KeptTable:
        if self._table is None:
            raise Unavailable(self._problem or f"{self._file.name} is still being looked through")
        return self._table

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
