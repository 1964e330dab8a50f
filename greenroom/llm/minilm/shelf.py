"""Where the model is kept: its files, and a small card beside them that says what they are."""

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from greenroom.errors import StorageFailed, StorageFull
from greenroom.model.value import Moment, Value

GRAPH, TOKENIZER, CARD = "model.onnx", "tokenizer.json", "minilm.json"
CURE = "`greenroom models add minilm` brings it anew"


class Added(Value):
    """What is said of a model that was added: what its graph is, and where it came from."""

    name: str
    size_bytes: int
    sha256: str
    dimensions: int
    context_tokens: int
    parameters: int
    source: str
    added_at: Moment
    quantization: str = "F32"
    """What its weights are; those that were added before this was said are exact."""


class Shelf:
    """One folder, which is there whole or not at all. Blocking; nothing here asks the network."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def graph(self) -> Path:
        """What onnxruntime runs."""
        return self.folder / GRAPH

    @property
    def tokenizer(self) -> Path:
        """What cuts texts into tokens."""
        return self.folder / TOKENIZER

    def added(self) -> Added | None:
        """What is here; None when nothing was added. Raises: StorageFailed, when it is damaged."""
        try:
            added = Added.model_validate_json((self.folder / CARD).read_bytes())
            complete = self.graph.stat().st_size == added.size_bytes and self.tokenizer.exists()
        except (OSError, ValidationError) as exc:
            if not self.folder.exists():
                return None
            raise StorageFailed(f"what is in {self.folder} is not a whole model; {CURE}") from exc
        if not complete:
            raise StorageFailed(f"a file in {self.folder} is not as it was added; {CURE}")
        return added

    def check(self, added: Added) -> None:
        """Read the graph whole, and compare. Raises: StorageFailed, when it is not what was added."""
        try:
            with self.graph.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as exc:
            raise StorageFailed(f"{self.graph} cannot be read: {exc.strerror}; {CURE}") from exc
        if found != added.sha256:
            raise StorageFailed(f"{self.graph} is damaged; {CURE}")

    @contextmanager
    def replaced(self) -> Iterator[Path]:
        """A folder to be filled, which takes the place of what is here when all went well, and otherwise is gone.

        Only for one process at a time: what an earlier one left behind is taken away.
        Raises: StorageFull; StorageFailed.
        """
        with _translated(self.folder):
            self._sweep()
            self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            new = Path(tempfile.mkdtemp(prefix=self._hidden, dir=self.folder.parent))
        try:
            with _translated(self.folder):
                yield new
                self._take_place(new)
        finally:
            self._sweep()

    def remove(self) -> bool:
        """Take away what is here, whole or not. Returns: whether there was something."""
        with _translated(self.folder):
            if not self.folder.exists():
                return False
            self.folder.rename(self._aside())
            self._sweep()
            return True

    @property
    def _hidden(self) -> str:
        return f".{self.folder.name}-"

    def _take_place(self, new: Path) -> None:
        for path in (*new.iterdir(), new):
            _write_through(path)
        if self.folder.exists():
            self.folder.rename(self._aside())
        new.rename(self.folder)
        _write_through(self.folder.parent)

    def _aside(self) -> Path:
        return Path(tempfile.mkdtemp(prefix=self._hidden, dir=self.folder.parent)) / "old"

    def _sweep(self) -> None:
        for left in self.folder.parent.glob(f"{self._hidden}*"):
            shutil.rmtree(left, ignore_errors=True)


def shelf_of(data_dir: Path) -> Shelf:
    """The shelf of a data folder."""
    return Shelf(data_dir / "models" / "minilm")


def _write_through(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        if exc.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFull(f"there is no room for a model in {folder.parent}; free some space, try again") from exc
        raise StorageFailed(f"{folder.parent} cannot hold a model: {exc.strerror or exc}") from exc
