"""The port `Costs`: what the books say, to those who may know."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import select

from greenroom.clock import Clock
from greenroom.journey import current_caller
from greenroom.llm.money.books import Books
from greenroom.llm.money.entry import MODEL, SUMS, Account, Figures
from greenroom.llm.money.keys import KeyRing
from greenroom.llm.money.latency import percentile_ms
from greenroom.llm.money.prices import NANOS
from greenroom.llm.tables import books, waits
from greenroom.model import Spent, Stats, StatsRequest
from greenroom.storage.database import Database

G = TypeVar("G", bound=Hashable)

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet would work out. Source: OWASP, CSV injection."""


class Bookkeeper:
    """Sums up the books. Who calls with a key sees that key's figures alone; others have been let in as owners."""

    def __init__(self, database: Database, own: Books, ring: KeyRing, clock: Clock) -> None:
        self._database, self._books, self._ring, self._clock = database, own, ring, clock

    async def stats(self, request: StatsRequest, /) -> Stats:
        """Sum up the last days. Raises: Unavailable, StorageFailed."""
        found = await self._read(request.days)
        until = self._clock.now().date()
        callers = {account.caller for account in found}
        return Stats(
            since=until - timedelta(days=request.days - 1),
            until=until,
            total=_spent(found),
            by_model=_by(found, lambda account: account.model),
            by_caller=_by(found, lambda account: account.caller),
            by_day=_by(found, lambda account: account.day),
            names={key.id: key.name for key in self._ring.all() if key.id in callers},
            not_booked=self._books.dropped,
        )

    async def as_csv(self, request: StatsRequest, /) -> str:
        """The same days as a table for spreadsheets, with a row for each day, caller, model and source of answers."""
        names = {key.id: key.name for key in self._ring.all()}
        written = io.StringIO()
        table = csv.writer(written)
        money = ("cost", "saved", "avoided")
        plain = [name for name in SUMS if name not in money]
        table.writerow([*Account._fields, "caller_name", *plain, *(f"{name}_usd" for name in money)])
        for account, figures in sorted((await self._read(request.days)).items()):
            texts = [str(account.day), account.caller, account.model, account.source, names.get(account.caller, "")]
            sums = (figures.cost if figures.is_priced else None, figures.known_saved, figures.known_avoided)
            dollars = ("" if nanos is None else f"{nanos / NANOS:.9f}" for nanos in sums)
            table.writerow([*map(_harmless, texts), *(getattr(figures, name) for name in plain), *dollars])
        return written.getvalue()

    async def _read(self, days: int) -> dict[Account, Figures]:
        """The books of the last days, with what has waited to be written until now."""
        await self._books.flush()
        since, caller = self._clock.now().date() - timedelta(days=days - 1), current_caller()
        found: defaultdict[Account, Figures] = defaultdict(Figures)
        async with self._database.read() as connection:
            for table in (books, waits):
                wanted = select(table).where(table.c.day >= since)
                if caller:
                    wanted = wanted.where(table.c.caller == caller)
                for row in (await connection.execute(wanted)).all():
                    account = Account(row.day, row.caller, row.model, row.source)
                    if table is books:
                        found[account].add(Figures(**{name: getattr(row, name) for name in SUMS}))
                    else:
                        found[account].waits[row.bucket] += row.requests
        return dict(found)


def _by(found: dict[Account, Figures], group_of: Callable[[Account], G]) -> dict[G, Spent]:
    groups: defaultdict[G, dict[Account, Figures]] = defaultdict(dict)
    for account, figures in found.items():
        groups[group_of(account)][account] = figures
    return {group: _spent(groups[group]) for group in sorted(groups)}  # type: ignore[type-var]


def _spent(found: dict[Account, Figures]) -> Spent:
    total, by_model, by_cache, hits = Figures(), Figures(), Figures(), Counter[str]()
    for account, figures in found.items():
        total.add(figures)
        (by_model if account.source == MODEL else by_cache).add(figures)
        if account.source != MODEL:
            hits[account.source] += figures.requests
    return Spent(
        requests=total.requests,
        failed=total.failed,
        left_early=total.left_early,
        calls=total.calls,
        hits=dict(hits),
        hit_rate=round(by_cache.requests / total.requests, 4) if total.requests else None,
        prompt_tokens=total.prompt_tokens,
        completion_tokens=total.completion_tokens,
        cost_usd=_dollars(total.cost if total.is_priced else None),
        unpriced=total.unpriced,
        saved_usd=_dollars(total.known_saved),
        unvalued=total.unvalued,
        avoided_usd=_dollars(total.known_avoided),
        uncompared=total.uncompared,
        p50_ms=percentile_ms(by_model.waits, 0.5),
        p95_ms=percentile_ms(by_model.waits, 0.95),
        hit_p50_ms=percentile_ms(by_cache.waits, 0.5),
        hit_p95_ms=percentile_ms(by_cache.waits, 0.95),
    )


def _dollars(nanos: int | None) -> float | None:
    return None if nanos is None else nanos / NANOS


def _harmless(text: str) -> str:
    """A cell that is a text for every spreadsheet."""
    return f"'{text}" if text.startswith(_FORMULAS) else text
