"""What keys may spend: reserved before a call, settled after it."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import structlog
from sqlalchemy import case, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.clock import Clock
from greenroom.errors import BudgetSpent, GreenroomError, Unavailable
from greenroom.following import for_ever
from greenroom.llm.money.prices import NANOS
from greenroom.llm.tables import spending
from greenroom.model import ApiKey, Period
from greenroom.storage.database import Database
from greenroom.storage.upsert import put_if_new

PATIENCE_S = 5.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reservation:
    """Money set aside for one call: whose, from which period's budget, how much in nanodollars."""

    key_id: str
    period: str
    amount: int


class Budgets:
    """Keeps what each key has spent, for any number of processes with the same database. Enter it before use.

    A reservation is added to what was spent, by one statement that does so only where it fits into the budget; when the
    call is over, the difference is taken back. So two calls can never have the same money, and what a process had
    reserved when it was killed counts as spent. While the database is away, nothing can be reserved.
    """

    def __init__(self, database: Database, clock: Clock, patience_s: float = PATIENCE_S) -> None:
        self._database = database
        self._patience_s = patience_s
        self._clock = clock
        self._due: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._something = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._taking: set[asyncio.Task[Reservation]] = set()
        self._settler: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to settle."""
        self._settler = asyncio.create_task(
            for_ever(self._settle_some, self._clock, "llm.budgets"), name="llm settles what calls cost"
        )
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Settle what is left."""
        assert self._settler is not None
        async with self._one_at_a_time:
            self._settler.cancel()
        await asyncio.wait([self._settler, *self._taking])
        try:
            await self.flush()
        except GreenroomError as exc:
            log.error("spending_not_settled", keys=len(self._due), detail=exc.detail)

    async def reserve(self, key: ApiKey, amount: int) -> Reservation:
        """Set money of a key aside. Raises: BudgetSpent; Unavailable, StorageFailed, when nobody can tell."""
        taking = asyncio.create_task(self._take(key, amount), name="reserves money")
        self._taking.add(taking)
        taking.add_done_callback(self._taking.discard)
        try:
            async with asyncio.timeout(self._patience_s):
                return await asyncio.shield(taking)
        except TimeoutError as exc:
            taking.add_done_callback(self._give_back)
            raise Unavailable("the database does not answer, so that nobody knows what is left of the budget") from exc
        except asyncio.CancelledError:
            taking.add_done_callback(self._give_back)
            raise

    def settle(self, reserved: Reservation, cost: int) -> None:
        """Say what a call took in the end; it is written at once, but not waited for."""
        self._due[reserved.key_id, reserved.period] += cost - reserved.amount
        self._something.set()

    async def spent(self, key: ApiKey) -> int:
        """What a key has spent in this period, in nanodollars, with what is reserved. Raises: Unavailable."""
        period = period_of(key.period, self._clock.now())
        wanted = select(spending.c.spent).where(spending.c.key_id == key.id, spending.c.period == period)
        async with self._one_at_a_time, self._database.read() as connection:
            return (await connection.scalar(wanted) or 0) + self._due.get((key.id, period), 0)

    async def flush(self) -> None:
        """Write what calls took. Raises: StorageFailed, StorageFull, Unavailable; then it is written later."""
        async with self._one_at_a_time:
            self._something.clear()
            due, self._due = self._due, defaultdict(int)
            try:
                async with self._database.write() as connection:
                    for account in sorted(due):
                        await _change(connection, account, due[account])
            except BaseException:
                for account, amount in due.items():
                    self._due[account] += amount
                self._something.set()
                raise

    async def _take(self, key: ApiKey, amount: int) -> Reservation:
        assert key.budget_usd is not None
        period, budget = period_of(key.period, self._clock.now()), round(key.budget_usd * NANOS)
        if self._due:
            await self.flush()
        async with self._one_at_a_time, self._database.write() as connection:
            await put_if_new(connection, spending, {"key_id": key.id, "period": period, "spent": 0})
            fits = spending.c.spent + amount <= budget
            changed = await connection.execute(
                update(spending)
                .where(spending.c.key_id == key.id, spending.c.period == period, fits)
                .values(spent=spending.c.spent + amount)
            )
        if not changed.rowcount:
            raise BudgetSpent(_refusal(key, amount))
        return Reservation(key.id, period, amount)

    def _give_back(self, taking: "asyncio.Task[Reservation]") -> None:
        if not taking.cancelled() and taking.exception() is None:
            self.settle(taking.result(), 0)

    async def _settle_some(self) -> None:
        await self._something.wait()
        await self.flush()


def period_of(period: Period, now: datetime) -> str:
    """The name of the period that a moment belongs to, in UTC: `2026-11-21`, `2026-W47`, `2026-11` or `ever`."""
    year, week, _ = now.isocalendar()
    return {"day": f"{now:%Y-%m-%d}", "week": f"{year}-W{week:02}", "month": f"{now:%Y-%m}", "ever": "ever"}[period]


def _refusal(key: ApiKey, amount: int) -> str:
    each = "" if key.period == "ever" else f" a {key.period}"
    return (
        f"the budget of the key {key.name!r} (${key.budget_usd:g}{each}) does not allow a call "
        f"that may cost ${amount / NANOS:.6f}"
    )


async def _change(connection: AsyncConnection, account: tuple[str, str], amount: int) -> None:
    """Add to what was spent. Where a commit is not known to have failed it may be done twice; hence never below 0."""
    key_id, period = account
    after = spending.c.spent + amount
    await connection.execute(
        update(spending)
        .where(spending.c.key_id == key_id, spending.c.period == period)
        .values(spent=case((after < 0, 0), else_=after))
    )
