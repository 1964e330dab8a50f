"""What is paid for: calls that reach a model, with what they cost, whose budget pays, and what the books say."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

from greenroom.errors import BudgetSpent
from greenroom.llm.cache.cached import Answering
from greenroom.llm.fold import Fold
from greenroom.llm.money.books import Books
from greenroom.llm.money.budgets import Budgets, Reservation
from greenroom.llm.money.callers import check_model
from greenroom.llm.money.entry import MODEL, Figures, booked_as
from greenroom.llm.money.estimate import answer_tokens, prompt_tokens, text_tokens
from greenroom.llm.money.keys import KeyRing
from greenroom.llm.money.prices import NANOS, Prices, Rate
from greenroom.model import (
    ChatRequest,
    Chunk,
    GenerateRequest,
    ModelCard,
    Stream,
    Texts,
    Usage,
    Vectors,
)

R = TypeVar("R", ChatRequest, GenerateRequest)
"""What is asked."""


class Paid(Fold):
    """An `Llm` that says on the last chunk what its inner one's answer cost, and keeps to the budgets of callers.

    It stands behind the cache, so that only what reaches a model is paid. Of an answer that breaks off, or is left, its
    prompt and what was written until then count, by estimate.
    """

    _llm: Answering

    def __init__(self, llm: Answering, prices: Prices, ring: KeyRing, budgets: Budgets, books: Books) -> None:
        super().__init__(llm)
        self._prices, self._ring, self._budgets, self._books = prices, ring, budgets, books

    def chat(self, request: ChatRequest, /) -> Stream[Chunk]:
        """Continue a conversation."""
        return self._answer(request, self._llm.chat)

    def generate(self, request: GenerateRequest, /) -> Stream[Chunk]:
        """Complete a prompt; one that is empty only loads a model, and is free."""
        return self._answer(request, self._llm.generate) if request.prompt else self._llm.generate(request)

    async def embed(self, texts: Texts, /) -> Vectors:
        """Embed each text."""
        bill = await self._begin(texts, texts.model)
        try:
            vectors = await self._llm.embed(texts)
            bill.model, bill.rate = vectors.model, await self._prices.rate(vectors.model)
            bill.end(Usage(prompt_tokens=vectors.prompt_tokens, completion_tokens=0))
        finally:
            self._close(bill)
        return vectors

    async def meant(self, request: R, /) -> tuple[ModelCard, R]:
        """The model that will answer, and the request as it will be asked."""
        return await self._llm.meant(request)

    async def digest(self, model: str, /) -> str:
        """The digest that a model has now."""
        return await self._llm.digest(model)

    async def _answer(self, request: R, ask: Callable[[R], Stream[Chunk]]) -> Stream[Chunk]:
        if "/" not in request.model and self._ring.of(request.caller):
            _, request = await self._llm.meant(request)
        bill = await self._begin(request, request.model)
        try:
            async with aclosing(ask(request)) as chunks:
                async for chunk in chunks:
                    if chunk.model != bill.model or bill.rate is None:
                        bill.model, bill.rate = chunk.model, await self._prices.rate(chunk.model)
                    noted = bill.note(chunk)
                    if noted.done:
                        self._close(bill)  # not after the yield: whoever has the end may ask again at once
                    yield noted
        except (GeneratorExit, asyncio.CancelledError):
            bill.begun = True
            raise
        finally:
            self._close(bill)

    async def _begin(self, request: ChatRequest | GenerateRequest | Texts, model: str) -> "_Bill":
        """Set money aside where the caller's key has a budget. Raises: BudgetSpent, Forbidden."""
        bill = _Bill(request, model)
        held = self._ring.of(request.caller)
        if held is not None:
            check_model(held, model)
            if held.key.budget_usd is not None:
                bill.rate = await self._prices.rate(model)
                most = bill.rate and bill.rate(prompt_tokens(request), answer_tokens(request))
                if most is None:
                    raise BudgetSpent(f"nobody knows what {model!r} costs, and a budget cannot be kept with it")
                if most:
                    bill.reserved = await self._budgets.reserve(held.key, most)
        return bill

    def _close(self, bill: "_Bill") -> None:
        """Settle what a call took, once."""
        if bill.closed:
            return
        bill.closed, figures = True, bill.figures()
        if bill.reserved is not None:
            self._budgets.settle(bill.reserved, figures.cost if figures else 0)
        if figures is not None:
            caller = booked_as(bill.request.caller, getattr(bill.request, "role", None))
            self._books.at(self._books.account(caller, bill.model, MODEL)).add(figures)


@dataclass(slots=True)
class _Bill:
    """What one call takes, while it is under way. `begun` says whether a model has worked for it."""

    request: ChatRequest | GenerateRequest | Texts
    model: str
    rate: Rate | None = None
    reserved: Reservation | None = None
    begun: bool = False
    closed: bool = False
    written_tokens: int = 0
    usage: Usage | None = None

    def note(self, chunk: Chunk) -> Chunk:
        """Count a chunk; the last one is given its price."""
        self.begun = True
        if not chunk.done:
            self.written_tokens += text_tokens(chunk.text + chunk.thinking)
            return chunk
        usage = self.end(chunk.usage or Usage())
        return chunk if usage is chunk.usage else chunk.model_copy(update={"usage": usage})

    def end(self, usage: Usage) -> Usage:
        """Take down what the server says that it took; with the price, as far as it is known."""
        self.begun = True
        self.usage = usage
        if usage.cost_usd is None and (cost := self._by_rate(usage)) is not None:
            self.usage = usage.model_copy(update={"cost_usd": cost / NANOS})
        return self.usage

    def figures(self) -> Figures | None:
        """What the books say of the call; None when no model has worked for it."""
        if not self.begun:
            return None
        usage = self.usage or Usage()
        prompt = usage.prompt_tokens if usage.prompt_tokens is not None else prompt_tokens(self.request)
        answer = usage.completion_tokens if usage.completion_tokens is not None else self.written_tokens
        told = usage.cost_usd
        cost = round(told * NANOS) if told is not None else self.rate(prompt, answer) if self.rate else None
        return Figures(
            calls=1, unpriced=int(cost is None), prompt_tokens=prompt, completion_tokens=answer, cost=cost or 0
        )

    def _by_rate(self, usage: Usage) -> int | None:
        """What the counted tokens take. Where the server did not count, only what is free has a price."""
        if self.rate is None:
            return None
        if usage.prompt_tokens is None or usage.completion_tokens is None:
            return 0 if self.rate(1_000_000, 1_000_000) == 0 else None
        return self.rate(usage.prompt_tokens, usage.completion_tokens)
