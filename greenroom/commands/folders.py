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
from greenroom.crawler.folder import Unread, files_of
from greenroom.crawler.folder_reading import FolderReading
from greenroom.model import Indexed


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
        self._outcomes: list[Indexed] = []

    async def do(self, loaded: Loaded, url: str, files: Sequence[Path], most: int | None) -> int:
        """Read them, but not more than `most`; return 0 when that went well, else 1."""
        async with open_doors(loaded, url, SERVICES) as doors:
            reading = FolderReading(doors.library, self._folder, self._collection, self._known_to)
            with progress_on(self._console) as progress:
                bar = progress.add_task(escape(self._folder.name), total=len(files[:most]))
                for path in files[:most]:
                    self._note(await reading.put(path))
                    progress.advance(bar)
            self._outcomes += await reading.remove_others(files)
        self._tell(len(files[:most]))
        return 1 if self._unread else 0

    def _note(self, done: list[Indexed] | Unread) -> None:
        if isinstance(done, Unread):
            self._unread.append(done)
        else:
            self._outcomes += done

    def _tell(self, files: int) -> None:
        names = ("added", "changed", "unchanged", "removed")
        sums = {name: sum(getattr(one, name) for one in self._outcomes) for name in names}
        said = ", ".join(f"{count} {name}" for name, count in sums.items() if count) or "nothing to put into it"
        self._console.print(f"{self._collection}: {said}; {files} files.", markup=False, highlight=False)
        for one in self._unread:
            self._console.print(f"  {one.path}: {one.why}", markup=False, highlight=False, soft_wrap=True)
