"""What the other model would have said: of a few requests that left the model open, asked when nobody waits."""

import asyncio
import contextvars
import random
from collections.abc import Callable
from contextlib import aclosing
from typing import Self, TypeVar

import structlog

from greenroom.clock import Clock
from greenroom.config import LlmSettings, Policy
from greenroom.errors import BudgetSpent, GreenroomError, NoUpstream
from greenroom.journey import due_in
from greenroom.llm.cache.cached import Answering
from greenroom.llm.money.budgets import Budgets
from greenroom.llm.money.estimate import answer_tokens, prompt_tokens
from greenroom.llm.money.prices import NANOS, Prices
from greenroom.llm.routing.fit import needs_of
from greenroom.llm.routing.learning import Learning
from greenroom.llm.routing.referee import answer, question
from greenroom.llm.routing.ways import Ways
from greenroom.model import (
    ApiKey,
    ChatRequest,
    Chunk,
    Comparison,
    ComplexityRequest,
    Decision,
    GenerateRequest,
    Stream,
    Usage,
)

R = TypeVar("R", ChatRequest, GenerateRequest)

MOST_CHARACTERS = 16_000
"""Longer requests and answers are not compared: a referee reads them badly, and they cost most."""

_MOST_WAITING = 20
_PATIENCE_S = 600.0
_PURSE = "comparisons"

_log = structlog.get_logger(__name__)


class Comparing:
    """Has the model of the other side answer a share of the requests too, and a referee say which answer is better.

    One at a time, and at most 20 wait; more are passed over. All of it is paid by the house: never more in a day than
    the settings say, and nothing at a price that nobody knows. Enter it before use; leaving it gives up what waits.
    """

    def __init__(
        self,
        llm: Answering,
        ways: Ways,
        learning: Learning,
        budgets: Budgets,
        prices: Prices,
        settings: LlmSettings,
        clock: Clock,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._llm, self._ways, self._learning = llm, ways, learning
        self._budgets, self._prices, self._settings, self._clock, self._draw = budgets, prices, settings, clock, draw
        self._under_way: set[asyncio.Task[None]] = set()
        self._one_at_a_time = asyncio.Semaphore(1)

    async def __aenter__(self) -> Self:
        """Nothing is compared yet."""
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Give up what waits."""
        for task in self._under_way:
            task.cancel()
        await self.compared()

    def draws(self, request: ChatRequest | GenerateRequest) -> bool:
        """Whether this request is one of those that are to be compared. What is not to be kept is not."""
        share = self._settings.routing.compare_share
        if (
            not share
            or request.use_cache is False
            or request.role in {"analysis", "maintenance"}
            or len(self._under_way) >= _MOST_WAITING
        ):
            return False
        return self._draw() < share

    def later(self, policy: Policy, request: R, question: ComplexityRequest, decision: Decision, said: str) -> None:
        """Compare an answer, afterwards. `request` is what its model was asked, `question` what was judged of it."""
        if not said.strip() or max(len(said), len(question.text) + question.characters_before) > MOST_CHARACTERS:
            return
        comparing = self._compare(policy, request, question, decision, said)
        # A context of its own: who asked, and for how long he waits, is no matter here.
        task = asyncio.create_task(comparing, name="llm compares two answers", context=contextvars.Context())
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def compared(self) -> None:
        """Wait for the comparisons that are under way."""
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def _compare(
        self, policy: Policy, request: R, question: ComplexityRequest, decision: Decision, said: str
    ) -> None:
        async with self._one_at_a_time:
            try:
                async with due_in(_PATIENCE_S):
                    found = await self._both(policy, request, question, decision, said)
                await self._learning.learn_from(found)
            except GreenroomError as exc:
                _log.info("answers_not_compared", decision=decision.id, reason=exc.detail)
            except Exception:
                _log.exception("answers_not_compared", decision=decision.id)

    async def _both(
        self, policy: Policy, request: R, question: ComplexityRequest, decision: Decision, said: str
    ) -> Comparison:
        await self._check_referee()
        is_local = decision.route.endswith("local")
        other = await self._ways.fitting(policy, "cloud" if is_local else "local", needs_of(question))
        options = request.options
        if request.role is not None:
            options = options.over(getattr(self._settings, request.role).options)
        asked = {"model": other, "role": "maintenance", "options": options, "caller": ""}
        instead = await self._answer(request.model_copy(update=asked))
        local, cloud = (said, instead) if is_local else (instead, said)
        models = (decision.model, other) if is_local else (other, decision.model)
        return Comparison(
            decision=decision.id,
            prompt=question.text,
            local_model=models[0],
            cloud_model=models[1],
            local_answer=local,
            cloud_answer=cloud,
            local_is_as_good=await self._local_is_as_good(question.text, local, cloud),
            happened_at=self._clock.now(),
        )

    async def _local_is_as_good(self, prompt: str, local: str, cloud: str) -> bool | None:
        """What the referee says. Which answer it reads first is left to chance, as some prefer what comes first."""
        if local.split() == cloud.split():
            return True
        local_first = self._draw() < 0.5
        first, second = (local, cloud) if local_first else (cloud, local)
        better = answer(await self._answer(question(prompt, first, second)))
        return None if better is None else better != ("second" if local_first else "first")

    async def _check_referee(self) -> None:
        card, _ = await self._llm.meant(question("", "", ""))
        if card.stand_in:
            raise NoUpstream("no language model is there to say which answer is better")

    async def _answer(self, request: R) -> str:
        """What a model says, within the day's money. Raises: BudgetSpent, and whatever the call does."""
        _, meant = await self._llm.meant(request)
        rate = await self._prices.rate(meant.model)
        most = rate and rate(prompt_tokens(meant), answer_tokens(meant))
        if most is None:
            raise BudgetSpent(f"nobody knows what {meant.model!r} costs")
        reserved = await self._budgets.reserve(self._purse(), most) if most else None
        text, usage = "", Usage()
        try:
            async with aclosing(self._ask(meant)) as chunks:
                async for chunk in chunks:
                    text = (text + chunk.text)[:MOST_CHARACTERS]
                    usage = chunk.usage or usage
        finally:
            if reserved is not None:
                self._budgets.settle(reserved, most if usage.cost_usd is None else round(usage.cost_usd * NANOS))
        return text

    def _ask(self, request: ChatRequest | GenerateRequest) -> Stream[Chunk]:
        return self._llm.chat(request) if isinstance(request, ChatRequest) else self._llm.generate(request)

    def _purse(self) -> ApiKey:
        """The house's own money, as a key that nobody can show."""
        budget_usd = self._settings.routing.compare_budget_usd
        return ApiKey(id=_PURSE, name=_PURSE, budget_usd=budget_usd, period="day", made_at=self._clock.now())
