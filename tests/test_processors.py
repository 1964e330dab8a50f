"""Threads that work side by side keep to a half of the processors each, where there are two."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import pytest

from greenroom.clock import SYSTEM_CLOCK
from greenroom.llm.minilm.provider import MiniLM
from greenroom.llm.minilm.shelf import Shelf
from greenroom.processors import keep_to_first_half, keep_to_second_half
from greenroom.storage.database import Database

having_two = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2, reason="two processors are needed"
)


def processors(kept: Callable[[], None], fewer: Callable[[], None] = lambda: None) -> set[int]:
    """Those of a thread that keeps to some, after it had `fewer` from the start."""
    with ThreadPoolExecutor(1, initializer=fewer) as thread:
        thread.submit(kept).result()
        return thread.submit(lambda: os.sched_getaffinity(0)).result()


def one_alone() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


@having_two
def test_two_threads_have_a_half_each_and_others_keep_all() -> None:
    before = os.sched_getaffinity(0)
    first, second = processors(keep_to_first_half), processors(keep_to_second_half)
    assert first | second == before == os.sched_getaffinity(0)
    assert not first & second
    assert 0 <= len(second) - len(first) <= 1


@having_two
def test_of_one_processor_nothing_is_halved() -> None:
    assert processors(keep_to_first_half, one_alone) == processors(keep_to_second_half, one_alone)


@having_two
def test_where_a_sandbox_forbids_it_the_thread_has_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> NoReturn:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setaffinity", forbidden)
    assert processors(keep_to_first_half) == os.sched_getaffinity(0)


def test_where_the_system_has_no_say_in_it_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    with ThreadPoolExecutor(1, initializer=keep_to_first_half) as thread:
        assert thread.submit(lambda: "done").result() == "done"


@having_two
async def test_words_are_looked_up_beside_the_embedding_and_not_on_its_processor(tmp_path: Path) -> None:
    async with (
        Database(f"sqlite:///{tmp_path / 'greenroom.db'}") as database,
        MiniLM(Shelf(tmp_path), SYSTEM_CLOCK) as model,
    ):
        looking = await database.look(lambda _: os.sched_getaffinity(0))
        embedding = await asyncio.wrap_future(model._thread.submit(lambda: os.sched_getaffinity(0)))
    assert not looking & embedding
