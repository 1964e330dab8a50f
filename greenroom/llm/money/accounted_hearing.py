"""What `Accounted` and `Paid` are for texts, for sound: who asks, whether they may, and what the books say of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from greenroom.clock import Clock
from greenroom.errors import BudgetSpent
from greenroom.journey import current_caller
from greenroom.llm.forms import Form
from greenroom.llm.money.books import Books
from greenroom.llm.money.callers import Callers, check_model
from greenroom.llm.money.entry import MODEL, Figures, booked_as
from greenroom.llm.money.latency import bucket_of
from greenroom.llm.money.prices import Prices
from greenroom.llm.service import LlmService
from greenroom.llm.upstream import Answer


class AccountedHearing:
    """A `Hears` for callers. Sound is paid by the minute, which nobody counts here: its price is 0, or not known.

    So a key with a budget may only have what costs nothing, and its tokens in a minute are not touched.
    """

    def __init__(self, service: LlmService, callers: Callers, prices: Prices, books: Books, clock: Clock) -> None:
        self._service, self._callers, self._prices, self._books, self._clock = service, callers, prices, books, clock

    @asynccontextmanager
    async def transcribing(self, form: Form, /) -> AsyncIterator[Answer]:
        """Ask the model in the form. Raises also: TooOften, Forbidden, BudgetSpent."""
        caller, model, figures = current_caller(), "", Figures(requests=1, failed=1)
        began_s = await self._callers.admit(caller, form.text("model"))
        try:
            model = await self._service.full_name(form.text("model"))
            unpriced = int(not await self._is_free(caller, model))
            async with self._service.transcribing(form.with_text("model", model)) as answer:
                figures.calls, figures.unpriced = 1, unpriced
                yield answer
            figures.failed, figures.waits[bucket_of(self._clock.monotonic_s() - began_s)] = 0, 1
        except (GeneratorExit, asyncio.CancelledError):
            figures.failed, figures.left_early = 0, 1
            raise
        finally:
            self._books.at(self._books.account(booked_as(caller, None), model, MODEL)).add(figures)

    async def _is_free(self, caller: str, model: str) -> bool:
        rate, held = await self._prices.rate(model), self._callers.held(caller)
        is_free = rate is not None and rate(1_000_000, 1_000_000) == 0
        if held is not None:
            check_model(held, model)
            if held.key.budget_usd is not None and not is_free:
                raise BudgetSpent(f"nobody knows what {model!r} takes for sound, and a budget cannot be kept with it")
        return is_free
