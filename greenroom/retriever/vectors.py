"""The vectors leg: which chunks mean what a query means, by an index beside the database.

An index is made from the database and can always be made again. Each of its shelves says what it holds; one that says
otherwise than the database is not searched until it has been made anew.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from greenroom.retriever.narrowing import Numbers
from greenroom.retriever.rows import Matrix
from greenroom.retriever.store import Change, Stamp

Vector = NDArray[np.float32]
"""Shape (dimensions,), length 1."""

SMALL = 50_000
"""Up to so many vectors each is kept in full; above, in a byte per dimension (SQ8).
Source: measured 2026-11-21 with 100,000 vectors: 3.2 ms instead of 7.3 ms, a quarter of the memory, recall 0.98."""


_QUICK = 10_000
"""Up to so many vectors are searched without a thread: the way there and back takes half as long as they do.
Source: measured 2026-11-22, 0.4 and 0.7 ms; a search as a whole took 4 of 100 less."""


@dataclass(frozen=True, slots=True)
class Near:
    """A chunk that was found, with its cosine to the query."""

    chunk: int
    cosine: float


Pages = AsyncIterator[tuple[NDArray[np.int64], Matrix]]


class VectorIndex(Protocol):
    """Where vectors are searched."""

    @property
    def name(self) -> str:
        """What it is, for people."""
        ...

    async def open(self) -> None:
        """See that it can be used. Raises: WrongSetting."""
        ...

    async def look_again(self) -> None:
        """Find out anew what it holds, when it is next asked."""
        ...

    async def stamp(self, collection: str, embedder: str) -> Stamp | None:
        """What a shelf holds; None when it is not there."""
        ...

    async def load(self, collection: str, embedder: str, stamp: Stamp, pages: Pages) -> None:
        """Make a shelf anew out of all its vectors."""
        ...

    async def apply(self, change: Change) -> None:
        """Follow a write. A shelf that is not there, or too small for what it shall hold, is left to be made anew."""
        ...

    async def drop(self, collection: str, embedder: str) -> None:
        """Forget a shelf."""
        ...

    async def search(self, collection: str, embedder: str, vector: Vector, most: int, allowed: Numbers) -> list[Near]:
        """The nearest chunks of a shelf, nearest first."""
        ...


class FaissIndex:
    """In the memory of this process. Long searches and changes run in threads; each shelf is for one at a time."""

    name = "FAISS"

    def __init__(self) -> None:
        self._shelves: dict[tuple[str, str], _Shelf] = {}

    async def open(self) -> None:
        """There is nothing to see to."""

    async def look_again(self) -> None:
        """Nobody else changes what is in memory."""

    async def stamp(self, collection: str, embedder: str) -> Stamp | None:
        """What a shelf holds."""
        shelf = self._shelves.get((collection, embedder))
        return shelf.stamp if shelf else None

    async def load(self, collection: str, embedder: str, stamp: Stamp, pages: Pages) -> None:
        """Make a shelf anew; the one that was there serves until then."""
        numbers, matrices = [], []
        async for some, matrix in pages:
            numbers.append(some)
            matrices.append(matrix)
        if not numbers:
            self._shelves.pop((collection, embedder), None)
            return
        shelf = await asyncio.to_thread(_Shelf.of, np.concatenate(numbers), matrices, stamp)
        self._shelves[collection, embedder] = shelf

    async def apply(self, change: Change) -> None:
        """Follow a write."""
        key = change.collection, change.embedder
        shelf = self._shelves.get(key)
        if shelf is None:
            if len(change.added) == change.stamp.vectors and change.added:
                numbers = np.array(change.added, np.int64)
                self._shelves[key] = await asyncio.to_thread(_Shelf.of, numbers, [change.vectors], change.stamp)
            return
        await asyncio.to_thread(shelf.apply, change)
        if not shelf.stamp.vectors or shelf.outgrown:
            self._shelves.pop(key, None)

    async def drop(self, collection: str, embedder: str) -> None:
        """Forget a shelf."""
        self._shelves.pop((collection, embedder), None)

    async def search(self, collection: str, embedder: str, vector: Vector, most: int, allowed: Numbers) -> list[Near]:
        """The nearest chunks of a shelf, nearest first, ties in the order in which they were put."""
        shelf = self._shelves.get((collection, embedder))
        if shelf is None:
            return []
        if shelf.is_quick(allowed):
            return shelf.search(vector, most, allowed)
        return await asyncio.to_thread(shelf.search, vector, most, allowed)


class _Shelf:
    """The vectors of one collection by one embedder."""

    def __init__(self, index: Any, stamp: Stamp, dimensions: int, small: bool) -> None:
        self._index, self.stamp = index, stamp
        self._dimensions, self._small = dimensions, small
        self._alone = threading.Lock()  # FAISS lets nobody search while somebody changes

    @classmethod
    def of(cls, numbers: NDArray[np.int64], matrices: Sequence[Matrix], stamp: Stamp) -> "_Shelf":
        """A shelf of these vectors. Slow for many: run it in a thread."""
        import faiss  # half a second, and not needed where nothing was indexed

        dimensions, small = matrices[0].shape[1], len(numbers) <= SMALL
        inner = faiss.IndexFlatIP(dimensions) if small else _bytes_index(faiss, dimensions, matrices)
        index = faiss.IndexIDMap2(inner)
        start = 0
        for matrix in matrices:
            index.add_with_ids(np.ascontiguousarray(matrix), numbers[start : start + len(matrix)])
            start += len(matrix)
        return cls(index, Stamp(index.ntotal, stamp.newest), dimensions, small)

    @property
    def outgrown(self) -> bool:
        """Whether it holds so much that it should be made anew in the other form."""
        return self._small and self.stamp.vectors > SMALL

    def is_quick(self, allowed: Numbers) -> bool:
        """Whether a search takes less than a millisecond: few vectors, few to be told apart, nobody before it."""
        several = self.stamp.vectors + len(allowed.hidden) + len(allowed.only or ())
        return several <= _QUICK and not self._alone.locked()

    def apply(self, change: Change) -> None:
        """Follow a write. What does not fit makes the stamp differ from the database's."""
        with self._alone:
            if change.removed:
                self._index.remove_ids(np.array(change.removed, np.int64))
            if change.added and change.vectors.shape[1] == self._dimensions:
                self._index.add_with_ids(np.ascontiguousarray(change.vectors), np.array(change.added, np.int64))
            self.stamp = Stamp(self._index.ntotal, change.stamp.newest)

    def search(self, vector: Vector, most: int, allowed: Numbers) -> list[Near]:
        """The nearest chunks."""
        if len(vector) != self._dimensions:
            return []
        import faiss

        # Its threads wait for each other, which takes longer than one alone: on two busy cores 5.5 ms instead of 1.3
        # for 10,000 vectors, 15.7 instead of 11.4 for 100,000 (measured 2026-11-21).
        faiss.omp_set_num_threads(1)
        with self._alone:
            cosines, numbers = self._index.search(vector[np.newaxis], most, params=_parameters(allowed))
        found = zip(numbers[0].tolist(), cosines[0].tolist(), strict=True)
        return sorted((Near(n, c) for n, c in found if n >= 0), key=lambda near: (-near.cosine, near.chunk))


def _bytes_index(faiss: Any, dimensions: int, matrices: Sequence[Matrix]) -> Any:
    index = faiss.IndexScalarQuantizer(dimensions, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
    index.train(np.ascontiguousarray(np.concatenate(matrices)[:: max(1, sum(map(len, matrices)) // SMALL)]))
    return index


def _parameters(allowed: Numbers) -> Any:
    """What tells FAISS which chunks it may find; None for all."""
    if allowed.only is None and not allowed.hidden:
        return None
    import faiss

    library: Any = faiss  # its stubs leave out what its Python part adds
    if allowed.only is not None:
        selector = library.IDSelectorBatch(_sorted(allowed.only - allowed.hidden))
    else:
        selector = library.IDSelectorNot(library.IDSelectorBatch(_sorted(allowed.hidden)))
    return library.SearchParameters(sel=selector)


def _sorted(numbers: Iterable[int]) -> NDArray[np.int64]:
    return np.array(sorted(numbers), np.int64)
