"""Prompts that were asked, by what they may be compared with, and by their meaning."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
"""Shape (dimensions,), length 1."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """A prompt whose answer is kept under `key`. `partition` is the key of all that must be the same."""

    key: str
    partition: str
    embedder: str
    text: str
    vector: Vector

    @property
    def shelf(self) -> tuple[str, int, str]:
        """What it may be compared with: the same embedder and dimensions, and the same everything else."""
        return self.embedder, len(self.vector), self.partition


class PromptIndex:
    """At most `most` prompts; the one that was used least recently makes room."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._numbers: dict[str, int] = {}
        self._prompts: OrderedDict[int, Indexed] = OrderedDict()
        self._shelves: dict[tuple[str, int, str], Any] = {}
        self._next = 0

    def __len__(self) -> int:
        return len(self._prompts)

    def __contains__(self, key: object) -> bool:
        return key in self._numbers

    def __iter__(self) -> Iterator[Indexed]:
        return iter(self._prompts.values())

    def get(self, key: str) -> Indexed | None:
        """The prompt of an answer."""
        number = self._numbers.get(key)
        return None if number is None else self._prompts[number]

    def add(self, prompt: Indexed) -> list[str]:
        """Put a prompt in, in the place of an older one with its key. Returns the keys that had to make room."""
        self.remove(prompt.key)
        number, self._next = self._next, self._next + 1
        self._numbers[prompt.key], self._prompts[number] = number, prompt
        shelf = self._shelves.get(prompt.shelf)
        if shelf is None:
            shelf = self._shelves[prompt.shelf] = _new_shelf(len(prompt.vector))
        shelf.add_with_ids(prompt.vector[np.newaxis], np.array([number], dtype=np.int64))
        gone = []
        while len(self._prompts) > self._most:
            gone.append(next(iter(self._prompts.values())).key)
            self.remove(gone[-1])
        return gone

    def remove(self, key: str) -> bool:
        """Take a prompt out; whether it was there."""
        number = self._numbers.pop(key, None)
        if number is None:
            return False
        prompt = self._prompts.pop(number)
        shelf = self._shelves[prompt.shelf]
        shelf.remove_ids(np.array([number], dtype=np.int64))
        if not shelf.ntotal:
            del self._shelves[prompt.shelf]
        return True

    def nearest(self, embedder: str, partition: str, vector: Vector, most: int) -> list[tuple[float, Indexed]]:
        """The prompts of a partition that are closest to a vector, with the cosine, closest first."""
        shelf = self._shelves.get((embedder, len(vector), partition))
        if shelf is None:
            return []
        cosines, numbers = shelf.search(vector[np.newaxis], min(most, shelf.ntotal))
        return [(float(c), self._prompts[int(n)]) for c, n in zip(cosines[0], numbers[0], strict=True) if n >= 0]

    def used(self, key: str) -> None:
        """Note that a prompt was of use."""
        if (number := self._numbers.get(key)) is not None:
            self._prompts.move_to_end(number)


def prepare() -> None:
    """Import what the index works with. It takes up to two seconds, and should not be waited for in an event loop."""
    import faiss

    faiss.omp_set_num_threads(1)  # partitions are small, and threads that are woken for them cost more than they save


def _new_shelf(dimensions: int) -> Any:
    import faiss

    return faiss.IndexIDMap2(faiss.IndexFlatIP(dimensions))
