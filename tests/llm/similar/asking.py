"""A cache that looks for similar prompts, around a scripted model, for tests."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from greenroom.config import CacheSettings, LlmSettings
from greenroom.llm.cache.cached import CachedAnswers
from greenroom.llm.cache.keeper import CacheKeeper
from greenroom.llm.cache.tiers import Tier, Tiers
from greenroom.llm.service import LlmService
from greenroom.llm.similar.ledger import Ledger
from greenroom.llm.similar.prompts import SimilarPrompts
from greenroom.llm.understudy import Understudy
from greenroom.model import Chunk
from greenroom.ports import Llm
from greenroom.storage.cache import MemoryCache
from greenroom.storage.database import Database
from greenroom.storage.disk_cache import DiskCache
from greenroom.storage.recalls import Recalls
from greenroom.testing import FrozenClock, ScriptedModel
from tests.llm.caching import chat
from tests.llm.reading import every

QUESTION = "How do I start a vegetable garden?"
SAME = "What is the best way to begin a vegetable garden?"
OTHER = "How do I start a flower garden?"


@dataclass
class Asking:
    """The parts, and short words for asking. Every answer of the model is another one."""

    answers: CachedAnswers
    keeper: CacheKeeper
    similar: SimilarPrompts
    model: ScriptedModel
    tiers: Tiers

    async def ask(self, words: str, **fields: Any) -> Chunk:
        """The first chunk of the answer, from one who will take the answer to a similar prompt."""
        return (await every(self.answers.chat(chat(words, **{"similar": True, **fields}))))[0]

    async def source(self, words: str, **fields: Any) -> str | None:
        """Where the answer comes from."""
        return (await self.ask(words, **fields)).cache


@asynccontextmanager
async def asking(
    database: Database,
    folder: Path,
    draw: Callable[[], float] = lambda: 1.0,
    embedder: Llm | None = None,
    model: ScriptedModel | None = None,
    **settings: Any,
) -> AsyncIterator[Asking]:
    """A cache with a tier in memory and a file, and the hashing embedder."""
    clock, kept = FrozenClock(), CacheSettings(**settings)
    numbers = count(1)
    model = model or ScriptedModel(lambda request: f"answer {next(numbers)}")
    async with (
        Recalls(folder / "recalls") as recalls,
        DiskCache(folder / "responses.db", 10_000_000, clock, recalls=recalls) as disk,
    ):
        tiers = Tiers([Tier("memory", MemoryCache(10_000_000, clock), 60.0), Tier("sqlite", disk, 1e6)])
        providers: dict[str, Llm] = {"scripted": model, "understudy": embedder or Understudy(clock)}
        service = LlmService(
            LlmSettings.model_validate({"ollama_url": "", "embedding": {"model": "understudy/hash"}}), providers, clock
        )
        similar = SimilarPrompts(service, kept, Ledger(database, clock), clock, draw)
        cached = CachedAnswers(service, tiers, kept, similar=similar, recalls=recalls)
        async with service, similar, cached as answers:
            yield Asking(answers, CacheKeeper(answers, tiers, folder / "backups", clock), similar, model, tiers)
