"""A cache of answers around a scripted model, for tests."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from greenroom.config import CacheSettings, LlmSettings
from greenroom.llm.cache.cached import CachedAnswers
from greenroom.llm.cache.tiers import Tier, Tiers
from greenroom.llm.service import LlmService
from greenroom.model import ChatMessage, ChatRequest, Chunk, GenerateRequest, Options
from greenroom.storage.cache import MemoryCache
from greenroom.storage.recalls import Recalls
from greenroom.testing import FrozenClock, ScriptedModel
from tests.llm.reading import every

SURE = Options(temperature=0)
FREE = Options(temperature=0.8)


def chat(content: str = "hello", options: Options = SURE, **fields: Any) -> ChatRequest:
    return ChatRequest(messages=(ChatMessage(role="user", content=content),), options=options, role=None, **fields)


def generate(prompt: str = "hello", options: Options = SURE, **fields: Any) -> GenerateRequest:
    return GenerateRequest(prompt=prompt, options=options, role=None, **fields)


@dataclass
class Caching:
    """A cache, what stands behind it, and short words for asking it."""

    answers: CachedAnswers
    model: ScriptedModel
    tiers: Tiers
    clock: FrozenClock

    async def source(self, request: ChatRequest | GenerateRequest) -> str | None:
        """Where the answer comes from."""
        return (await self.ask(request))[0].cache

    async def ask(self, request: ChatRequest | GenerateRequest) -> list[Chunk]:
        """The whole answer, read by one who does not miss the end."""
        ask: Any = self.answers.chat if isinstance(request, ChatRequest) else self.answers.generate
        return await every(ask(request))


@asynccontextmanager
async def caching(
    model: ScriptedModel | None = None,
    slower: Sequence[Tier] = (),
    clock: FrozenClock | None = None,
    forgotten: Callable[[], None] = lambda: None,
    recalls: Recalls | None = None,
    **settings: Any,
) -> AsyncIterator[Caching]:
    """A cache with a tier in memory, and `slower` ones, which are the caller's to open."""
    model, clock, kept = model or ScriptedModel("hi"), clock or FrozenClock(), CacheSettings(**settings)
    tiers = Tiers([Tier("memory", MemoryCache(kept.memory_bytes, clock), kept.memory_s), *slower])
    service = LlmService(LlmSettings(ollama_url=""), {"scripted": model}, clock)
    async with service, CachedAnswers(service, tiers, kept, forgotten, recalls=recalls) as answers:
        yield Caching(answers, model, tiers, clock)
