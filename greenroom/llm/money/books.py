"""The books of all model calls, written off the callers' path by one writer."""

import asyncio
from typing import Self

import structlog

from greenroom.clock import Clock
from greenroom.errors import GreenroomError
from greenroom.following import for_ever
from greenroom.llm.money.entry import SUMS, Account, Figures
from greenroom.llm.money.prices import NANOS
from greenroom.llm.tables import books, waits
from greenroom.storage.database import Database
from greenroom.storage.upsert import add_up

WAITING_ACCOUNTS = 5_000
COLLECT_S = 1.0

log = structlog.get_logger(__name__)


class Books:
    """Collects figures in memory, and adds them to the tables every second. Enter it before use.

    What waits is summed up by account, so that a database that is away costs memory for each account and not for each
    request. Of more than 5,000 accounts that wait, further ones are not booked, but counted. A process that is killed
    loses the last second, and more only while its database is away.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: dict[Account, Figures] = {}
        self._something = asyncio.Event()
        self._writing = asyncio.Lock()
        self._writer: asyncio.Task[None] | None = None
        self._written = Figures()
        self.dropped = 0

    async def __aenter__(self) -> Self:
        """Begin to write."""
        self._writer = asyncio.create_task(
            for_ever(self._write_some, self._clock, "llm.books"), name="llm writes its books"
        )
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Write what is left."""
        assert self._writer is not None
        async with self._writing:
            self._writer.cancel()
        await asyncio.wait([self._writer])
        try:
            await self.flush()
        except GreenroomError as exc:
            log.error("books_lost", accounts=len(self._waiting), detail=exc.detail)

    def account(self, caller: str, model: str, source: str) -> Account:
        """The account of a request that ends now."""
        return Account(self._clock.now().date(), caller, model, source)

    def at(self, account: Account) -> Figures:
        """The figures of an account that wait; what is added to them is written soon."""
        known = self._waiting.get(account)
        if known is None:
            known = Figures()
            if len(self._waiting) < WAITING_ACCOUNTS:
                self._waiting[account] = known
            else:
                self.dropped += 1
        self._something.set()
        return known

    async def flush(self) -> None:
        """Write what waits. Raises: StorageFailed, StorageFull, Unavailable; then it waits on."""
        async with self._writing:
            batch, self._waiting = self._waiting, {}
            self._something.clear()
            if not batch:
                return
            try:
                await self._write(batch)
            except BaseException:
                newer, self._waiting = self._waiting, batch
                for account, figures in newer.items():
                    self.at(account).add(figures)
                self._something.set()
                raise
            for figures in batch.values():
                self._written.add(figures)

    def figures(self) -> dict[str, float]:
        """Calls, tokens and money since the start, what waits to be written, and what was not booked; for metrics."""
        total = Figures()
        for figures in (self._written, *self._waiting.values()):
            total.add(figures)
        return {
            "paid_calls_total": float(total.calls),
            "unpriced_calls_total": float(total.unpriced),
            "prompt_tokens_total": float(total.prompt_tokens),
            "completion_tokens_total": float(total.completion_tokens),
            "cost_usd_total": total.cost / NANOS,
            "saved_usd_total": total.saved / NANOS,
            "unvalued_hits_total": float(total.unvalued),
            "avoided_usd_total": total.avoided / NANOS,
            "uncompared_routes_total": float(total.uncompared),
            "books_waiting": float(len(self._waiting)),
            "books_dropped_total": float(self.dropped),
        }

    async def _write_some(self) -> None:
        await self._something.wait()
        await self._clock.sleep(COLLECT_S)
        await self.flush()

    async def _write(self, batch: dict[Account, Figures]) -> None:
        # In one order everywhere, or two writers could wait for each other for ever.
        accounts = [(account, batch[account]) for account in sorted(batch)]
        sums = [{**a._asdict(), **{name: getattr(f, name) for name in SUMS}} for a, f in accounts]
        times = [{**a._asdict(), "bucket": b, "requests": n} for a, f in accounts for b, n in sorted(f.waits.items())]
        async with self._database.write() as connection:
            await add_up(connection, books, sums, SUMS)
            await add_up(connection, waits, times, ("requests",))
