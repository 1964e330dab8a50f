"""All that watches over money, put together."""

from contextlib import AsyncExitStack
from typing import Self

from greenroom.clock import Clock
from greenroom.config import LlmSettings
from greenroom.llm.cache.cached import Answering
from greenroom.llm.money.accounted import Accounted
from greenroom.llm.money.accounted_hearing import AccountedHearing
from greenroom.llm.money.avoided import Avoided
from greenroom.llm.money.bookkeeper import Bookkeeper
from greenroom.llm.money.books import Books
from greenroom.llm.money.budgets import Budgets
from greenroom.llm.money.callers import Callers
from greenroom.llm.money.keeper import KeyKeeper
from greenroom.llm.money.keys import KeyRing
from greenroom.llm.money.paid import Paid
from greenroom.llm.money.prices import Prices
from greenroom.llm.money.shared_pace import Counters, SharedPaces
from greenroom.llm.service import LlmService
from greenroom.ports import Llm
from greenroom.storage.database import Database
from greenroom.wire.owners import Owners


class Office:
    """The keys, the budgets, the prices and the books of one process. Enter it before use, once the database is open.

    `owners` may call models without a key where keys are required. What a key may take in a minute is counted for all
    processes that share the `counters`.
    """

    def __init__(
        self, settings: LlmSettings, database: Database, owners: Owners, clock: Clock, counters: Counters | None = None
    ) -> None:
        self.ring = KeyRing(database, clock)
        self.budgets = Budgets(database, clock)
        self.books = Books(database, clock)
        self.prices = Prices(settings, clock)
        self.shared = SharedPaces(counters, clock) if counters is not None else None
        self.callers = Callers(self.ring, owners, clock, required=settings.keys_required, shared=self.shared)
        self.key_keeper = KeyKeeper(self.ring, self.budgets)
        self.bookkeeper = Bookkeeper(database, self.books, self.ring, clock)
        self._avoided = Avoided(settings, self.prices)
        self._clock = clock
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Read keys and prices, and begin to write."""
        async with AsyncExitStack() as stack:
            for part in (self.ring, self.budgets, self.books, self.prices):
                await stack.enter_async_context(part)
            self._open = stack.pop_all()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Write what is left."""
        if self.shared is not None:
            await self.shared.settled()
        await self._open.aclose()

    def paid(self, llm: Answering) -> Paid:
        """The fold around what costs money."""
        return Paid(llm, self.prices, self.ring, self.budgets, self.books)

    def accounted(self, llm: Llm) -> Accounted:
        """The fold around everything."""
        return Accounted(llm, self.callers, self.books, self._avoided, self._clock)

    def hearing(self, service: LlmService) -> AccountedHearing:
        """Both, around what models hear."""
        return AccountedHearing(service, self.callers, self.prices, self.books, self._clock)
