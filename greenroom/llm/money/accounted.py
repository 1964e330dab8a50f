"""The outermost fold of the gateway: who asks, whether they may, and what the books say of it."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

from greenroom.clock import Clock
from greenroom.journey import current_caller
from greenroom.llm.cache.replay import Replay
from greenroom.llm.fold import Fold
from greenroom.llm.money.avoided import Avoided
from greenroom.llm.money.books import Books
from greenroom.llm.money.callers import Callers, check_model
from greenroom.llm.money.entry import MODEL, Figures, booked_as
from greenroom.llm.money.estimate import prompt_tokens, text_tokens
from greenroom.llm.money.latency import bucket_of
from greenroom.llm.money.prices import NANOS
from greenroom.model import (
    ChatRequest,
    Chunk,
    Decision,
    GenerateRequest,
    Stream,
    Texts,
    Usage,
    Vectors,
)
from greenroom.ports import Llm

R = TypeVar("R", ChatRequest, GenerateRequest)
"""What is asked."""

_REPLAYED = "memory"
_OF_KEYS = "key:"
"""What the cache's namespaces of keys begin with; nobody else's may."""


class Accounted(Fold):
    """An `Llm` for callers: puts who they are onto each request, lets them ask as often as they may, and books it.

    The caller is who the journey says, never what a request says of itself. Each key has answers of its own in the
    cache, unless its owner lets it share. What calls cost is booked further inside, where it is known.
    """

    def __init__(self, llm: Llm, callers: Callers, books: Books, avoided: Avoided, clock: Clock) -> None:
        super().__init__(llm)
        self._callers, self._books, self._avoided, self._clock = callers, books, avoided, clock

    def chat(self, request: ChatRequest, /) -> Stream[Chunk]:
        """Continue a conversation. Raises also: TooOften, Forbidden, BudgetSpent."""
        return self._answer(self._of_caller(request), self._llm.chat)

    def generate(self, request: GenerateRequest, /) -> Stream[Chunk]:
        """Complete a prompt; one that is empty only loads a model, and is no request."""
        mine = self._of_caller(request)
        return self._answer(mine, self._llm.generate) if request.prompt else self._llm.generate(mine)

    async def embed(self, texts: Texts, /) -> Vectors:
        """Embed each text."""
        mine = texts.model_copy(update={"caller": current_caller()})
        counting = await self._admit(mine, mine.role)
        try:
            vectors = await self._llm.embed(mine)
            counting.model, counting.done = vectors.model, True
            counting.usage = Usage(prompt_tokens=vectors.prompt_tokens, completion_tokens=0)
        except asyncio.CancelledError:
            counting.left = True
            raise
        finally:
            self._close(counting)
        return vectors

    def replays(self, replay: Replay) -> bool:
        """Whether an answer may be sent again before it comes here; then it is booked. Else the request shall come."""
        if not self._callers.welcomes(replay.caller):
            return False
        usage = replay.end.usage
        account = self._books.account(booked_as(replay.caller, None), replay.end.model, _REPLAYED)
        figures = self._books.at(account)
        figures.requests += 1
        saved_usd = usage.saved_usd if usage else None
        figures.saved += round((saved_usd or 0.0) * NANOS)
        figures.unvalued += saved_usd is None
        figures.waits[0] += 1
        return True

    def _of_caller(self, request: R) -> R:
        caller = current_caller()
        namespace = "" if request.namespace.startswith(_OF_KEYS) else request.namespace
        held = self._callers.held(caller)
        if held is not None and not held.key.shares_cache:
            namespace = _OF_KEYS + caller
        if (request.caller, request.namespace) == (caller, namespace):
            return request
        return request.model_copy(update={"caller": caller, "namespace": namespace})

    async def _answer(self, request: R, ask: Callable[[R], Stream[Chunk]]) -> Stream[Chunk]:
        counting, model, role = await self._admit(request, request.role), request.model, request.role
        try:
            answer = ask(request)
            del request  # an answer lasts, and what was asked may be large
            async with aclosing(answer) as chunks:
                async for chunk in chunks:
                    if not counting.model:
                        self._check_source(counting.caller, chunk)
                    noted = counting.note(chunk)
                    if chunk.done and counting.way and counting.source == MODEL:
                        counting.avoided = await self._avoided.by(model, role, counting.way, chunk.usage or Usage())
                    yield noted
        except (GeneratorExit, asyncio.CancelledError):
            counting.left = not counting.done
            raise
        finally:
            self._close(counting)

    def _check_source(self, caller: str, first: Chunk) -> None:
        """Raises: Forbidden, for an answer by which the cache shows a key what a model says that it is not for.

        Whoever asks a model is judged where it is chosen; but an answer that is there already nobody chooses a model
        for, when the request left it open, or gave a short name.
        """
        held = self._callers.held(caller)
        if held is not None and first.cache not in {None, "miss"}:
            check_model(held, _meant(first))

    async def _admit(self, request: ChatRequest | GenerateRequest | Texts, role: str | None) -> "_Counting":
        held = self._callers.held(request.caller)
        reckoned = prompt_tokens(request) if held and held.tokens else 0
        began_s = await self._callers.admit(request.caller, request.model, reckoned)
        return _Counting(request.caller, booked_as(request.caller, role), began_s, reckoned)

    def _close(self, counting: "_Counting") -> None:
        self._callers.settle(counting.caller, counting.reckoned, counting.used(), counting.began_s)
        figures = counting.figures(self._clock.monotonic_s() - counting.began_s)
        self._books.at(self._books.account(counting.booked_as, counting.model, counting.source)).add(figures)


def _meant(first: Chunk) -> str:
    """The model that was to give an answer. Another one in its place is the owner's rule."""
    return first.instead_of[0].rpartition(": ")[0] if first.instead_of else first.model


@dataclass(slots=True)
class _Counting:
    """One request, while it is answered. `reckoned` are the tokens that its prompt was thought to take."""

    caller: str
    booked_as: str
    began_s: float
    reckoned: int
    model: str = ""
    source: str = MODEL
    written_tokens: int = 0
    usage: Usage | None = None
    way: Decision | None = None
    avoided: int | None = 0
    done: bool = False
    left: bool = False

    def note(self, chunk: Chunk) -> Chunk:
        """Count a chunk. The last one of an answer that the cache had says that it cost nothing."""
        if not self.model and chunk.cache not in {None, "miss"}:
            self.source = str(chunk.cache)
        self.model, self.done, self.way = chunk.model, chunk.done, self.way or chunk.route
        if not chunk.done:
            self.written_tokens += text_tokens(chunk.text + chunk.thinking) if self.reckoned else 0
            return chunk
        self.usage = chunk.usage
        if self.source == MODEL or chunk.usage is None:
            return chunk
        saving = {"cost_usd": 0.0, "saved_usd": chunk.usage.cost_usd}
        return chunk.model_copy(update={"usage": chunk.usage.model_copy(update=saving)})

    def used(self) -> int:
        """Tokens that a model took for it: as counted, or by estimate when the answer did not come to its end."""
        if self.source != MODEL or not self.model:
            return 0
        usage = self.usage or Usage()
        prompt = usage.prompt_tokens if usage.prompt_tokens is not None else self.reckoned
        return prompt + (usage.completion_tokens if usage.completion_tokens is not None else self.written_tokens)

    def figures(self, seconds: float) -> Figures:
        """What the books say of it; what a hit would have cost is saved, where that was known."""
        cost_usd = self.usage.cost_usd if self.usage else None
        figures = Figures(requests=1, left_early=int(self.left))
        if self.source != MODEL and self.done:
            figures.saved, figures.unvalued = round((cost_usd or 0.0) * NANOS), int(cost_usd is None)
        figures.avoided, figures.uncompared = self.avoided or 0, int(self.avoided is None)
        figures.failed = int(not (self.done or self.left))
        if self.done:
            figures.waits[bucket_of(seconds)] = 1
        return figures
