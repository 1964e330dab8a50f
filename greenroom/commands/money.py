"""API keys and costs of a Greenroom that runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import aiohttp
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from greenroom.commands.token import shown_token
from greenroom.config import Loaded
from greenroom.errors import Unavailable
from greenroom.model import ApiKey, KeyOrder, KeyRef, Nothing, Spent, Stats, StatsRequest
from greenroom.ports import Costs, Keys
from greenroom.wire import Peer, client
from greenroom.wire.problem import invalid_input


class _Counter(NamedTuple):
    """Where keys and costs are asked for."""

    keys: Keys
    costs: Costs


def order_of(wanted: dict[str, object]) -> KeyOrder:
    """What a new key shall be. Raises: InvalidInput, which names what is wrong."""
    try:
        return KeyOrder.model_validate(wanted)
    except ValidationError as exc:
        raise invalid_input(exc.errors(include_url=False)) from exc


def add_key(loaded: Loaded, order: KeyOrder, url: str, console: Console) -> None:
    """Make a key, and print it this once."""

    async def make() -> None:
        async with _counter(loaded, url) as counter:
            made = await counter.keys.make(order)
        console.print(made.secret, style="bold", markup=False, highlight=False, soft_wrap=True)
        console.print(f"This is the key of {made.key.name!r}. It is shown this once, and kept nowhere.", markup=False)

    asyncio.run(make())


def list_keys(loaded: Loaded, url: str, console: Console) -> None:
    """Print all keys."""

    async def show() -> None:
        async with _counter(loaded, url) as counter:
            keys = (await counter.keys.keys(Nothing())).keys
        table = Table("name", "id", "spent", "a minute", "models", "made", "", title="API keys", title_justify="left")
        for key in keys:
            minute = [f"{key.requests_per_minute} requests"] if key.requests_per_minute else []
            minute += [f"{key.tokens_per_minute} tokens"] if key.tokens_per_minute else []
            state = f"revoked on {key.revoked_at:%Y-%m-%d}" if key.revoked_at else ""
            models = ", ".join(key.models) or "all"
            made = f"{key.made_at:%Y-%m-%d}"
            table.add_row(key.name, key.id, _budget(key), ", ".join(minute), escape(models), made, state)
        console.print(table)

    asyncio.run(show())


def revoke_key(loaded: Loaded, name: str, url: str, console: Console) -> None:
    """Revoke a key. Raises: NotFound."""

    async def revoke() -> None:
        async with _counter(loaded, url) as counter:
            key = await counter.keys.revoke(KeyRef(id=name))
        console.print(f"The key of {key.name!r} opens nothing any more.", markup=False)

    asyncio.run(revoke())


def show_costs(loaded: Loaded, days: int, group: str, url: str, console: Console) -> None:
    """Print what model calls cost, for each model, caller or day."""

    async def show() -> None:
        async with _counter(loaded, url) as counter:
            console.print(_costs(await counter.costs.stats(StatsRequest(days=days)), group))

    asyncio.run(show())


@asynccontextmanager
async def _counter(loaded: Loaded, url: str) -> AsyncIterator[_Counter]:
    """The house at `url`, or the one at this machine's ports. Raises: Unavailable, when none runs."""
    settings = loaded.settings
    wire = shown_token(settings.wire)
    tried = [url.rstrip("/")] if url else [f"http://127.0.0.1:{port}" for port in (settings.port, settings.ports.llm)]
    async with aiohttp.ClientSession(trust_env=False) as session:
        for base in tried:
            root = Peer("greenroom", base, lambda: session, wire)
            health = await root.health()
            if health.version and health.service in {"greenroom", "llm"}:
                below = "/llm" if health.service == "greenroom" else ""
                keys = client(Keys, Peer("llm", base + below, lambda: session, wire))
                yield _Counter(keys, client(Costs, root))
                return
    raise Unavailable(f"no Greenroom answers at {' or '.join(tried)}; start it (`greenroom up`), or name it with --url")


def _budget(key: ApiKey) -> str:
    if key.budget_usd is None:
        return ""
    each = "" if key.period == "ever" else f" a {key.period}"
    return f"{_dollars(key.spent_usd or 0.0)} of {_dollars(key.budget_usd)}{each}"


def _costs(stats: Stats, group: str) -> Table:
    by_day = {str(day): spent for day, spent in stats.by_day.items()}
    rows = {"model": stats.by_model, "caller": stats.by_caller, "day": by_day}[group]
    title = f"Model calls from {stats.since} to {stats.until} (UTC)"
    table = Table(group, *("requests", "from the cache", "tokens", "cost", "saved", "p95"), title=title)
    table.title_justify = "left"
    for column in table.columns[1:]:
        column.justify = "right"
    for name, spent in rows.items():
        table.add_row(escape(stats.names.get(name) or name or "(none)"), *_cells(spent))
    table.add_section()
    table.add_row("all", *_cells(stats.total))
    unpriced, unvalued, missing = stats.total.unpriced, stats.total.unvalued, stats.not_booked
    notes = [f"{unpriced} calls at unknown prices are not in the sums"] if unpriced else []
    notes += [f"of {unvalued} answers from the cache nobody knows what they saved"] if unvalued else []
    notes += [f"{missing} requests could not be booked"] if missing else []
    table.caption = "; ".join(notes) or None
    return table


def _cells(spent: Spent) -> tuple[str, ...]:
    share = "" if spent.hit_rate is None else f"{spent.hit_rate:.0%}"
    tokens = spent.prompt_tokens + spent.completion_tokens
    slow = "" if spent.p95_ms is None else f"{spent.p95_ms / 1000:.1f} s"
    return str(spent.requests), share, f"{tokens:,}", _dollars(spent.cost_usd), _dollars(spent.saved_usd), slow


def _dollars(amount: float | None) -> str:
    if amount is None:
        return "unknown"
    return f"${amount:.2f}" if amount >= 1 or not amount else f"${amount:.4f}"
