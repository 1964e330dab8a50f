"""The cast folder: what its files say now, and the last good version of those that are broken.

Files are compared by their marks (time, size, inode) each time that somebody asks, at most every `reload_s`: a few
dozen `stat` calls. A watcher of the operating system would tell sooner, but not on network and container mounts.
"""

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Generic, TypeVar

from greenroom.characters.documents import Broken, LorePage, read_page, read_sheet
from greenroom.characters.naming import id_of
from greenroom.characters.sheets import character_of
from greenroom.errors import WrongSetting
from greenroom.model import Character, Lore, Sheet, SheetProblem

MAX_FILE_BYTES = 256_000
"""Largest file of a cast: some fifty pages of text about one character."""
MAX_FILES = 500
"""Most characters, and most pages of lore, that one folder may hold."""

_SHIPPED = Path(__file__).parent.parent / "casts"

Content = TypeVar("Content", Sheet, LorePage)
Mark = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Filed(Generic[Content]):
    """A file: the mark of the version that was read last, the last good content, what is wrong now."""

    mark: Mark | None
    good: Content | None
    problems: tuple[SheetProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class Folder:
    """What a cast folder says. Looking again gives a new one; this one never changes."""

    path: Path
    sheets: Mapping[str, _Filed[Sheet]] = field(default_factory=dict)
    pages: Mapping[str, _Filed[LorePage]] = field(default_factory=dict)
    removed: Mapping[str, Sheet] = field(default_factory=dict)
    away: tuple[SheetProblem, ...] = ()

    def look(self) -> "Folder":
        """Read what has changed since. Blocking: run it in a thread."""
        try:
            sheets = _read_all(self.path, "", ".toml", self.sheets, read_sheet)
            pages = _read_all(self.path, "lore", ".md", self.pages, read_page)
        except OSError as exc:
            problem = f"the folder cannot be read ({exc.strerror}); its last good version stays in use"
            away = SheetProblem(file=str(self.path), problem=problem, last_good_in_use=bool(self.sheets))
            return replace(self, away=(away,))
        if (sheets, pages, ()) == (self.sheets, self.pages, self.away):
            return self
        gone = {file: old.good for file, old in self.sheets.items() if file not in sheets and old.good}
        removed = {file: sheet for file, sheet in {**self.removed, **gone}.items() if file not in sheets}
        return Folder(self.path, sheets, pages, removed)

    def characters(self) -> tuple[Character, ...]:
        """The characters with their lore, by file name. Two files may claim one name; that is for others to settle."""
        return tuple(self._characters())

    def problems(self) -> tuple[SheetProblem, ...]:
        """What is wrong with the files, each by itself and among each other."""
        of_sheets = (problem for filed in self.sheets.values() for problem in filed.problems)
        of_pages = (problem for filed in self.pages.values() for problem in filed.problems)
        return (*self.away, *of_sheets, *of_pages, *self._strangers())

    def _characters(self) -> Iterator[Character]:
        pages = [(file, filed.good) for file, filed in self.pages.items() if filed.good]
        for file, filed in self.sheets.items():
            if filed.good:
                id_ = id_of(filed.good.name)
                lore = (*filed.good.lore, *(self._sourced(page.lore, at) for at, page in pages if page.is_for(id_)))
                yield character_of(id_, filed.good.model_copy(update={"lore": lore}), "cast", file)

    def _sourced(self, lore: Lore, file: str) -> Lore:
        """The piece with its page, as a receipt names it: `family-guy/lore/clam.md`."""
        return lore.model_copy(update={"source": f"{self.path.name}/{file}"})

    def _strangers(self) -> Iterator[SheetProblem]:
        """Pages for characters that are not here."""
        known = [id_of(filed.good.name) for filed in self.sheets.values() if filed.good]
        pages = ((file, filed.good) for file, filed in self.pages.items() if filed.good)
        for file, page in pages:
            for who in page.who or ():
                if id_of(who) not in known:
                    meant = get_close_matches(who, known, 1)
                    hint = f"did you mean {meant[0]!r}?" if meant else f"known: {', '.join(map(repr, known))}"
                    problem = f"who: unknown character {who!r}; {hint}"
                    yield SheetProblem(file=file, line=page.who_line, problem=problem)


def folder_named(cast: str) -> Folder:
    """The folder that the setting `characters.cast` means, not read yet. Raises: WrongSetting."""
    shipped = sorted(path.name for path in _SHIPPED.iterdir() if path.is_dir()) if _SHIPPED.is_dir() else []
    path = _SHIPPED / cast if cast in shipped else Path(cast).expanduser().absolute()
    if not path.is_dir():
        raise WrongSetting(
            f"characters.cast is {cast!r}, but there is no such folder; "
            f"casts that ship: {', '.join(map(repr, shipped))}, or the path of a folder of TOML files"
        )
    return Folder(path)


def _read_all(
    root: Path, under: str, ending: str, before: Mapping[str, _Filed[Content]], read: Callable[[str, bytes], Content]
) -> dict[str, _Filed[Content]]:
    found: dict[str, _Filed[Content]] = {}
    names = _names(root, under, ending)
    for file in names[MAX_FILES:]:
        found[file] = _Filed(None, None, (SheetProblem(file=file, problem=f"is one too many; {MAX_FILES} are read"),))
    for file in names[:MAX_FILES]:
        try:
            found[file] = _read(root, file, before.get(file), read)
        except FileNotFoundError:
            continue
    return found


def _names(root: Path, under: str, ending: str) -> list[str]:
    """Files with that ending, as `peter.toml` or `lore/clam.md`; hidden ones are left to the editors that made them."""
    try:
        names = sorted(n for n in os.listdir(root / under) if n.endswith(ending) and not n.startswith("."))
    except FileNotFoundError:
        if under:
            return []
        raise
    return [f"{under}/{n}" if under else n for n in names]


def _read(
    root: Path, file: str, before: _Filed[Content] | None, read: Callable[[str, bytes], Content]
) -> _Filed[Content]:
    mark = _mark(root / file)
    if before and before.mark == mark:
        return before
    try:
        return _Filed(mark, read(file, _bytes(root, file)))
    except Broken as exc:
        good = before.good if before else None
        problems = tuple(p.model_copy(update={"last_good_in_use": good is not None}) for p in exc.problems)
        return _Filed(mark, good, problems)


def _mark(path: Path) -> Mark | None:
    try:
        now = path.stat()
    except OSError:
        if path.is_symlink():
            return None
        raise
    return now.st_mtime_ns, now.st_ctime_ns, now.st_size, now.st_ino


def _bytes(root: Path, file: str) -> bytes:
    """Raises: Broken, for what is not a file of this folder or too large."""
    path = Path(os.path.realpath(root / file))
    if not path.is_relative_to(os.path.realpath(root)):
        raise Broken(SheetProblem(file=file, problem="is a link out of the cast folder; copy the file into it"))
    try:
        size_bytes = path.stat().st_size if stat.S_ISREG(path.stat().st_mode) else None
        if size_bytes is None:
            raise Broken(SheetProblem(file=file, problem="is not a file"))
        if size_bytes > MAX_FILE_BYTES:
            problem = f"has {size_bytes:,} bytes; at most {MAX_FILE_BYTES:,} are read"
            raise Broken(SheetProblem(file=file, problem=problem))
        with path.open("rb") as opened:
            return opened.read(MAX_FILE_BYTES)
    except OSError as exc:
        raise Broken(SheetProblem(file=file, problem=f"cannot be read: {exc.strerror}")) from exc
