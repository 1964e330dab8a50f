"""A gateway that counts its money, around a scripted model, for tests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from greenroom.config import CacheSettings, LlmSettings, Price
from greenroom.journey import called_by
from greenroom.llm.cache.cached import CachedAnswers
from greenroom.llm.cache.tiers import Tier, Tiers
from greenroom.llm.money.accounted import Accounted
from greenroom.llm.money.office import Office
from greenroom.llm.money.shared_pace import Counters
from greenroom.llm.service import LlmService
from greenroom.model import ApiKey, ChatRequest, Chunk, KeyOrder, Nothing, Spent, StatsRequest, Usage
from greenroom.storage.cache import MemoryCache
from greenroom.storage.database import Database
from greenroom.testing import FrozenClock, ScriptedModel
from greenroom.wire.owners import Owners
from tests.llm.caching import chat
from tests.llm.reading import every

MODEL = "scripted/model"
ONE_CENT_A_TOKEN = {"scripted/*": Price(input=10_000, output=10_000)}


class StillClock(FrozenClock):
    """A clock that stands still also for those who sleep, so that writers in the background do not move it."""

    async def sleep(self, seconds: float, /) -> None:
        self.slept_s.append(seconds)
        await asyncio.sleep(0.001)


@dataclass
class Gateway:
    """All folds around a scripted model, and short words for asking it."""

    llm: Accounted
    office: Office
    model: ScriptedModel
    clock: StillClock

    async def key(self, name: str = "ann", **fields: Any) -> ApiKey:
        """A new key."""
        return (await self.office.key_keeper.make(KeyOrder(name=name, **fields))).key

    async def ask(self, caller: str = "", content: str = "hello", **fields: Any) -> list[Chunk]:
        """The whole answer to a caller with this key."""
        return await self.send(chat(content, **fields), caller)

    async def send(self, request: ChatRequest, caller: str = "") -> list[Chunk]:
        with called_by(caller):
            return await every(self.llm.chat(request))

    def answers(self, prompt_tokens: int | None, completion_tokens: int | None, **usage: Any) -> None:
        """Let the next answer take so many tokens."""
        told = Usage(prompt_tokens=prompt_tokens, completion_tokens=completion_tokens, **usage)
        self.model.enqueue("hi", Chunk(model=MODEL, done=True, done_reason="stop", usage=told))

    async def spent(self, caller: str = "") -> Spent:
        """The books of the caller, or all."""
        with called_by(caller):
            return (await self.office.bookkeeper.stats(StatsRequest())).total

    async def spent_usd(self, key: ApiKey) -> float | None:
        """What a key has spent of its budget."""
        return next(k.spent_usd for k in (await self.office.key_keeper.keys(Nothing())).keys if k.id == key.id)


@asynccontextmanager
async def gateway(
    database: Database,
    *,
    prices: dict[str, Price] | None = None,
    clock: StillClock | None = None,
    counters: Counters | None = None,
    **settings: Any,
) -> AsyncIterator[Gateway]:
    """The gateway, open, with a cache in memory."""
    clock, model = clock or StillClock(), ScriptedModel("hi")
    chosen = LlmSettings(ollama_url="", prices=ONE_CENT_A_TOKEN if prices is None else prices, **settings)
    office = Office(chosen, database, Owners(SecretStr("boss"), from_loopback=False), clock, counters)
    tiers = Tiers([Tier("memory", MemoryCache(1_000_000, clock), 60)])
    service = LlmService(chosen, {"scripted": model}, clock)
    async with office, service, CachedAnswers(office.paid(service), tiers, CacheSettings()) as answers:
        yield Gateway(office.accounted(answers), office, model, clock)
