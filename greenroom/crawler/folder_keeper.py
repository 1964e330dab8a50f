"""Folders that the settings name are read at the start, and again from time to time.

Only the settings name them: whoever may order a crawl could otherwise read every file of the machine.
"""

import asyncio
from pathlib import Path
from typing import Self

import structlog

from greenroom.clock import Clock
from greenroom.config import CrawlerSettings
from greenroom.crawler.folder import Unread
from greenroom.crawler.folder_reading import FolderReading
from greenroom.errors import InvalidInput
from greenroom.following import for_ever, to_its_end
from greenroom.model import Indexed
from greenroom.ports import Library

_S_PER_HOUR = 3600.0

log = structlog.get_logger(__name__)


class FolderKeeper:
    """Keeps collections to what is in folders, while it is entered."""

    def __init__(self, library: Library, settings: CrawlerSettings, clock: Clock) -> None:
        self._clock, self._every_s = clock, settings.folders_every_hours * _S_PER_HOUR
        self._readings = [FolderReading(library, Path(one), name) for name, one in settings.folders.items()]
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to read; nobody waits for it."""
        if self._readings:
            self._keeper = asyncio.create_task(
                for_ever(self.look, self._clock, "folders"), name="the crawler keeps to folders"
            )
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Stop after the file that is being read. What is left is read at the next start."""
        if self._keeper:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])

    async def look(self) -> float:
        """Read what has changed in every folder; for how many seconds to leave them alone then."""
        for reading in self._readings:
            try:
                await self._follow(reading)
            except InvalidInput as exc:
                log.warning("folder_not_read", collection=reading.collection, detail=exc.detail)
        return self._every_s

    async def _follow(self, reading: FolderReading) -> None:
        there, fresh = await asyncio.to_thread(reading.files)
        outcomes: list[Indexed] = []
        for path in fresh:
            done = await to_its_end(reading.put(path))
            if isinstance(done, Unread):
                log.warning("file_not_read", collection=reading.collection, file=done.path, detail=done.why)
            else:
                outcomes += done
        outcomes += await to_its_end(reading.remove_others(there))
        facts = {name: sum(getattr(one, name) for one in outcomes) for name in ("added", "changed", "removed")}
        if any(facts.values()):
            log.info("folder_read", collection=reading.collection, **facts)
