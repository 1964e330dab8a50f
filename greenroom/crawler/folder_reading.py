"""The files of one folder on their way into one collection, which is brought to what is in the folder."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from greenroom.crawler.folder import Unread, documents_of, file_of, files_of, id_of, source_of
from greenroom.model import DocumentPageRequest, DocumentRefs, Documents, Indexed
from greenroom.ports import Library

_LISTED_AT_ONCE = 1000


class FolderReading:
    """Reads a folder once, and again: then only what has changed."""

    def __init__(self, library: Library, folder: Path, collection: str, known_to: tuple[str, ...] = ()) -> None:
        self.folder, self.collection = folder, collection
        self._library, self._known_to = library, known_to
        self._written: set[str] = set()
        self._read: dict[Path, tuple[int, int]] = {}

    def files(self) -> tuple[list[Path], list[Path]]:
        """The files that are there, and those of them that are new or changed. Raises: InvalidInput, for no folder."""
        there = {path: _stamp(path) for path in files_of(self.folder)}
        self._read = {path: stamp for path, stamp in self._read.items() if path in there}
        return list(there), [path for path, stamp in there.items() if self._read.get(path) != stamp]

    async def put(self, path: Path) -> list[Indexed] | Unread:
        """Put a file into the library. Raises: all that `Library.put` does."""
        stamp = await asyncio.to_thread(_stamp, path)
        found = await asyncio.to_thread(documents_of, path, self.folder, self._known_to)
        if isinstance(found, Unread):
            self._read[path] = stamp
            return found
        orders = [Documents(collection=self.collection, documents=(document,)) for document in found]
        done = [await self._library.put(order) for order in orders]
        self._written.update(document.id for document in found)
        self._read[path] = stamp
        return done

    async def remove_others(self, files: Sequence[Path]) -> list[Indexed]:
        """Take out what was read from this folder once. A file that is there but was not read now stays as it was."""
        written, self._written = self._written, set()
        unread = {id_of(path, self.folder) for path in files} - written
        ours = await self._ours()
        gone = [one for one in ours if one not in written and file_of(one) not in unread]
        parts = (tuple(gone[start : start + _LISTED_AT_ONCE]) for start in range(0, len(gone), _LISTED_AT_ONCE))
        return [await self._library.remove(DocumentRefs(collection=self.collection, ids=ids)) for ids in parts]

    async def _ours(self) -> list[str]:
        """What is in the collection from this folder."""
        source, found, cursor = source_of(self.folder), list[str](), 0
        while True:
            request = DocumentPageRequest(collection=self.collection, after=cursor, limit=_LISTED_AT_ONCE)
            page = await self._library.documents(request)
            found += [one.id for one in page.documents if one.source == source]
            if len(page.documents) < _LISTED_AT_ONCE:
                return found
            cursor = page.cursor


def _stamp(path: Path) -> tuple[int, int]:
    """What changes when a file does. A file that goes away this moment has none."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
