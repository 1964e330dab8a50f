"""The index in memory: what it finds, also where it keeps a byte for each number."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from greenroom.retriever.narrowing import Numbers
from greenroom.retriever.rows import Matrix
from greenroom.retriever.store import Change, Stamp
from greenroom.retriever.vectors import SMALL, FaissIndex

WIDTH = 8


def drawn(count: int) -> Matrix:
    rows = np.random.default_rng(7).normal(size=(count, WIDTH)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


async def in_two(rows: Matrix) -> AsyncIterator[tuple[NDArray[np.int64], Matrix]]:
    numbers = np.arange(1, len(rows) + 1, dtype=np.int64)
    middle = len(rows) // 2
    yield numbers[:middle], rows[:middle]
    yield numbers[middle:], rows[middle:]


async def filled(rows: Matrix) -> FaissIndex:
    index = FaissIndex()
    await index.load("town", "bag", Stamp(len(rows), 1), in_two(rows))
    return index


async def test_in_the_large_form_the_same_is_nearest_and_what_is_hidden_stays_so() -> None:
    rows = drawn(SMALL + 1)
    index = await filled(rows)
    assert await index.stamp("town", "bag") == Stamp(SMALL + 1, 1)
    for row in (0, 777, SMALL):
        [nearest] = await index.search("town", "bag", rows[row], 1, Numbers())
        assert (nearest.chunk, round(nearest.cosine, 1)) == (row + 1, 1.0)
        assert row + 1 not in {
            near.chunk for near in await index.search("town", "bag", rows[row], 5, Numbers(hidden=frozenset({row + 1})))
        }
        [only] = await index.search("town", "bag", rows[row], 5, Numbers(only=frozenset({5})))
        assert only.chunk == 5


async def test_in_the_large_form_what_was_taken_out_is_not_found() -> None:
    rows = drawn(SMALL + 1)
    index = await filled(rows)
    await index.apply(Change("town", "bag", [778], [], rows[:0], 1, Stamp(SMALL, 2)))
    assert await index.stamp("town", "bag") == Stamp(SMALL, 2)
    assert 778 not in {near.chunk for near in await index.search("town", "bag", rows[777], 5, Numbers())}


async def test_a_shelf_that_outgrows_the_small_form_is_left_to_be_made_anew() -> None:
    rows = drawn(SMALL + 1)
    index = await filled(rows[:SMALL])
    await index.apply(Change("town", "bag", [], [SMALL + 1], rows[SMALL:], 1, Stamp(SMALL + 1, 2)))
    assert await index.stamp("town", "bag") is None
    assert await index.search("town", "bag", rows[0], 5, Numbers()) == []


async def test_who_searches_while_a_shelf_is_being_changed_keeps_nobody_else_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    began, may_end, add = threading.Event(), threading.Event(), faiss.IndexIDMap2.add_with_ids

    def slow(self: Any, *given: Any) -> None:
        began.set()
        assert may_end.wait(60)
        add(self, *given)

    rows = drawn(20)
    index = await filled(rows[:19])
    monkeypatch.setattr(faiss.IndexIDMap2, "add_with_ids", slow)
    change = Change("town", "bag", [], [20], rows[19:], 1, Stamp(20, 2))
    changing = asyncio.create_task(index.apply(change))
    await asyncio.to_thread(began.wait, 60)
    searching = asyncio.create_task(index.search("town", "bag", rows[19], 1, Numbers()))
    await asyncio.sleep(0.01)
    assert not searching.done()
    may_end.set()
    await changing
    assert [near.chunk for near in await searching] == [20]
