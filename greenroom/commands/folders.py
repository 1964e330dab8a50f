"""Reading a folder into the library. The files are read here, and not by the house, which may be another machine."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from greenroom.commands.crawling import SERVICES, progress_on
from greenroom.commands.doors import open_doors
from greenroom.commands.logs import configure_logs
from greenroom.config import Loaded, LogSettings
from greenroom.crawler.folder import Unread, documents_of, file_of, files_of, id_of, source_of
from greenroom.model import DocumentPageRequest, DocumentRefs, Documents, Indexed
from greenroom.ports import Library

_LISTED_AT_ONCE = 1000


def read_folder(
    loaded: Loaded,
    folder: Path,
    collection: str,
    max_files: int | None,
    known_to: tuple[str, ...],
    url: str,
    console: Console,
) -> int:
    """Bring a collection to what is in a folder; return 0 when every file could be read, else 1.

    What was read from this folder before and is not there any more is taken out. Raises: InvalidInput, when this is no
    folder.
    """
    configure_logs(LogSettings(level="error", format="console"))
    files = files_of(folder)
    work = _FolderWork(folder, collection or folder.resolve().name, known_to, console)
    return asyncio.run(work.do(loaded, url, files, max_files))


class _FolderWork:
    """The files of one folder on their way into one collection."""

    def __init__(self, folder: Path, collection: str, known_to: tuple[str, ...], console: Console) -> None:
        self._folder, self._collection, self._known_to, self._console = folder, collection, known_to, console
        self._unread: list[Unread] = []
        self._written: set[str] = set()
        self._outcomes: list[Indexed] = []

    async def do(self, loaded: Loaded, url: str, files: Sequence[Path], most: int | None) -> int:
        """Read them, but not more than `most`; return 0 when that went well, else 1."""
        async with open_doors(loaded, url, SERVICES) as doors:
            with progress_on(self._console) as progress:
                bar = progress.add_task(escape(self._folder.name), total=len(files[:most]))
                for path in files[:most]:
                    await self._put(doors.library, path)
                    progress.advance(bar)
            await self._remove_others(doors.library, files)
        self._tell(len(files[:most]))
        return 1 if self._unread else 0

    async def _put(self, library: Library, path: Path) -> None:
        found = await asyncio.to_thread(documents_of, path, self._folder, self._known_to)
        if isinstance(found, Unread):
            self._unread.append(found)
            return
        for document in found:
            self._written.add(document.id)
            order = Documents(collection=self._collection, documents=(document,))
            self._outcomes.append(await library.put(order))

    async def _remove_others(self, library: Library, files: Sequence[Path]) -> None:
        """Take out what was read from this folder once. A file that is there but was not read now stays as it was."""
        unread = {id_of(path, self._folder) for path in files} - self._written
        source, gone, cursor = source_of(self._folder), list[str](), 0
        while True:
            request = DocumentPageRequest(collection=self._collection, after=cursor, limit=_LISTED_AT_ONCE)
            page = await library.documents(request)
            ours = [one.id for one in page.documents if one.source == source]
            gone += [one for one in ours if one not in self._written and file_of(one) not in unread]
            if len(page.documents) < _LISTED_AT_ONCE:
                break
            cursor = page.cursor
        for start in range(0, len(gone), _LISTED_AT_ONCE):
            refs = DocumentRefs(collection=self._collection, ids=tuple(gone[start : start + _LISTED_AT_ONCE]))
            self._outcomes.append(await library.remove(refs))

    def _tell(self, files: int) -> None:
        names = ("added", "changed", "unchanged", "removed")
        sums = {name: sum(getattr(one, name) for one in self._outcomes) for name in names}
        said = ", ".join(f"{count} {name}" for name, count in sums.items() if count) or "nothing to put into it"
        self._console.print(f"{self._collection}: {said}; {files} files.", markup=False, highlight=False)
        for one in self._unread:
            self._console.print(f"  {one.path}: {one.why}", markup=False, highlight=False, soft_wrap=True)
