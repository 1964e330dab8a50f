"""Limits of keys that hold for several processes together."""

import asyncio
import secrets

import pytest

from greenroom.clock import SystemClock
from greenroom.errors import TooOften
from greenroom.llm.money.shared_pace import SharedPaces
from greenroom.storage.database import Database
from greenroom.storage.redis_cache import RedisCache
from greenroom.testing import FrozenClock
from tests.llm.money.gateway import StillClock, gateway
from tests.servers import free_port

CLOSE_S = 5
"""Long enough for a machine that has much else to do."""


async def test_two_processes_let_no_more_through_than_one(redis_url: str, database: Database) -> None:
    clock = StillClock()
    async with (
        RedisCache(redis_url, SystemClock(), secrets.token_hex(4), limit_s=CLOSE_S) as redis,
        gateway(database, clock=clock, counters=redis) as one,
        gateway(database, clock=clock, counters=redis) as other,
    ):
        key = await one.key(requests_per_minute=3)
        await other.office.ring.look()
        for process in (one, other, one):
            await process.ask(key.id)
        for process in (one, other):
            with pytest.raises(TooOften, match="allows 3 requests a minute") as refused:
                await process.ask(key.id)
            assert 0 < refused.value.extra["retry_after_s"] <= 61
        clock.advance(61)
        await other.ask(key.id)
        assert not other.office.callers.welcomes(key.id), "what is answered at once asks nobody"


async def test_tokens_that_an_answer_took_count_everywhere(redis_url: str, database: Database) -> None:
    async with (
        RedisCache(redis_url, SystemClock(), secrets.token_hex(4), limit_s=CLOSE_S) as redis,
        gateway(database, counters=redis) as one,
        gateway(database, counters=redis) as other,
    ):
        key = await one.key(tokens_per_minute=1000)
        await other.office.ring.look()
        one.answers(900, 99)
        await one.ask(key.id)
        assert one.office.shared is not None
        await one.office.shared.settled()
        with pytest.raises(TooOften, match="1000 tokens a minute"):
            await other.ask(key.id)


async def test_of_many_who_ask_at_once_no_more_get_through_than_may(redis_url: str) -> None:
    async with RedisCache(redis_url, SystemClock(), secrets.token_hex(4), limit_s=CLOSE_S) as redis:
        paces = [SharedPaces(redis, FrozenClock()) for _ in range(4)]
        waits = await asyncio.gather(*(paces[n % 4].wait_s("ann:requests", 5, 1) for n in range(20)))
        assert waits.count(0.0) <= 5
        assert await paces[0].wait_s("ben:requests", 5, 1) == 0


async def test_while_the_server_is_away_each_process_counts_for_itself(database: Database) -> None:
    away = RedisCache(f"redis://127.0.0.1:{free_port()}", SystemClock())
    async with away, gateway(database, counters=away) as one, gateway(database, counters=away) as other:
        key = await one.key(requests_per_minute=1)
        await other.office.ring.look()
        await one.ask(key.id)
        await other.ask(key.id)
        with pytest.raises(TooOften):
            await one.ask(key.id)
