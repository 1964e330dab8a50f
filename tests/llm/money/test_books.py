"""The books are written off the callers' path, and nothing that happens to the database is felt by them."""

import asyncio
import tracemalloc
from datetime import date
from pathlib import Path

import pytest

from greenroom.errors import Unavailable
from greenroom.llm.money import books as module
from greenroom.llm.money.books import Books
from greenroom.llm.money.entry import Account, Figures
from greenroom.llm.money.latency import bucket_of, percentile_ms
from greenroom.model import ChatMessage, ChatRequest, StatsRequest
from greenroom.storage.database import Database
from tests.llm.money.gateway import MODEL, Gateway, StillClock, gateway
from tests.waiting import until

DAY = date(2026, 1, 1)


def account(model: str = MODEL) -> Account:
    return Account(DAY, "anyone", model)


async def test_requests_tokens_money_and_time_are_summed_up_by_model_caller_and_day(database: Database) -> None:
    clock = StillClock()
    async with gateway(database, clock=clock) as house:
        ann = await house.key()
        house.answers(3, 2)
        await house.ask(ann.id, "one")
        await house.ask(ann.id, "one")
        clock.advance(86_400)
        house.answers(4, 1)
        await house.ask("", "two")
        stats = await house.office.bookkeeper.stats(StatsRequest())
    assert stats.total.requests == 3
    assert stats.total.calls == 2
    assert stats.total.hits == {"memory": 1}
    assert (stats.total.prompt_tokens, stats.total.completion_tokens) == (7, 3)
    assert stats.total.cost_usd == pytest.approx(0.10)
    assert stats.total.saved_usd == pytest.approx(0.05)
    assert {caller: spent.requests for caller, spent in stats.by_caller.items()} == {ann.id: 2, "anyone": 1}
    assert stats.by_model[MODEL].requests == 3
    assert [spent.requests for spent in stats.by_day.values()] == [2, 1]
    assert stats.names == {ann.id: "ann"}


async def test_the_books_survive_a_restart(database: Database) -> None:
    async with gateway(database) as house:
        await house.ask()
    async with gateway(database) as house:
        await house.ask()
        assert (await house.spent()).requests == 2


async def test_two_processes_add_to_the_same_rows(database: Database) -> None:
    one, other = Books(database, StillClock()), Books(database, StillClock())
    for _ in range(5):
        one.at(account()).add(Figures(requests=1))
        other.at(account()).add(Figures(requests=1))
        await asyncio.gather(one.flush(), other.flush())
    async with gateway(database) as house:
        assert (await house.spent()).requests == 10


async def test_with_the_database_away_answers_come_memory_stays_flat_and_the_books_catch_up(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    await database.__aenter__()
    async with gateway(database, prices={}) as house:
        house.model.requests = Forgetful()
        await database.__aexit__(None, None, None)
        await _asked(house, 200)
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        await _asked(house, 1_500)
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        assert grown < 300_000
        figures = house.office.books.figures()
        assert (figures["books_waiting"], figures["books_dropped_total"]) == (1, 0)
        assert figures["unpriced_calls_total"] == 1_700
        await database.__aenter__()
        await until(lambda: not house.office.books.figures()["books_waiting"])
        assert (await house.spent()).requests == 1_700
    await database.__aexit__(None, None, None)


class Forgetful(list):  # type: ignore[type-arg]
    """A list of requests that keeps none, so that the fake does not count as memory."""

    def append(self, item: object) -> None:
        pass


async def _asked(house: Gateway, times: int) -> None:
    for _ in range(times):
        await house.ask(use_cache=False)


async def test_what_does_not_fit_is_dropped_and_counted(database: Database) -> None:
    books = Books(database, StillClock())
    for number in range(module.WAITING_ACCOUNTS + 7):
        books.at(account(f"m{number}")).add(Figures(requests=1))
    books.at(account("m0")).add(Figures(requests=1))
    figures = books.figures()
    assert (figures["books_waiting"], figures["books_dropped_total"]) == (module.WAITING_ACCOUNTS, 7)


async def test_what_could_not_be_written_waits_with_what_came_since(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    books = Books(database, StillClock())
    books.at(account()).add(Figures(requests=1))
    with pytest.raises(Unavailable):
        await books.flush()
    books.at(account()).add(Figures(requests=2))
    async with database:
        await books.flush()
        async with gateway(database) as house:
            assert (await house.spent()).requests == 3


async def test_a_house_without_requests_has_figures_too(database: Database) -> None:
    async with gateway(database) as house:
        spent = await house.spent()
    assert (spent.requests, spent.cost_usd, spent.p50_ms, spent.hit_rate) == (0, 0.0, None, None)


def test_percentiles_are_right_within_an_eighth() -> None:
    seconds = [0.0004, 0.002, 0.002, 0.010, 3.0]
    counts = dict.fromkeys(map(bucket_of, seconds), 0)
    for one in seconds:
        counts[bucket_of(one)] += 1
    assert percentile_ms(counts, 0.5) == pytest.approx(2, rel=0.13)
    assert percentile_ms(counts, 0.95) == pytest.approx(3000, rel=0.13)
    assert percentile_ms(counts, 1.0) == pytest.approx(3000, rel=0.13)
    assert percentile_ms({}, 0.5) is None
    assert [bucket_of(s) for s in (0, -1, 1e9)] == [0, 0, 80]


async def test_what_the_house_itself_asks_stands_under_its_roles(database: Database) -> None:
    async with gateway(database) as house:
        hello = ChatMessage(role="user", content="hello")
        await house.send(ChatRequest(role="generation", messages=(hello,)))
        await house.send(ChatRequest(role="analysis", messages=(hello,)))
        stats = await house.office.bookkeeper.stats(StatsRequest())
    assert {caller: spent.calls for caller, spent in stats.by_caller.items()} == {
        "greenroom/analysis": 1,
        "greenroom/generation": 1,
    }
