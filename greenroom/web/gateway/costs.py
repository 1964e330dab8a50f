"""What model calls cost, and what was saved."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from nicegui import ui

from greenroom.model import Spent, Stats, StatsRequest
from greenroom.ports import Costs
from greenroom.web.card import Card
from greenroom.web.figures import big, count, facts, money, percent
from greenroom.web.look import box, text

_DAYS = 30
_ROWS = 8
_CALLERS = {"anyone": "without a key"}


def costs_card(costs: Costs) -> None:
    """The last thirty days: money by day, by model and by caller."""
    Card("Costs", "card-costs", lambda: costs.stats(StatsRequest(days=_DAYS)), _draw, "g-wide")


def _draw(stats: Stats) -> None:
    total = stats.total
    if not total.requests:
        text(f"No model was asked in the last {_DAYS} days.", "g-strong")
        return
    with box("g-columns"):
        with box("g-card-body"):
            big(money(total.cost_usd), f"in the last {_DAYS} days")
            facts(
                {
                    "Requests": f"{total.requests:,}, of which {total.failed:,} failed",
                    "Answered without a call": percent(total.hit_rate),
                    "Saved by kept answers": money(total.saved_usd),
                    "Saved by the way taken": money(total.avoided_usd),
                    "Tokens": f"{total.prompt_tokens:,} read, {total.completion_tokens:,} written",
                }
            )
            _remarks(stats)
        _chart(stats)
    with box("g-columns"):
        _table("By model", stats.by_model)
        _table("By caller", {_caller(stats, caller): spent for caller, spent in stats.by_caller.items()})


def _remarks(stats: Stats) -> None:
    """What the sums leave out. A price that is not known is not nothing."""
    total = stats.total
    if total.unpriced:
        text(f"{count(total.unpriced, 'call')} of models without a known price are not in these sums.", "g-dim")
    if total.unvalued or total.uncompared:
        text(f"Of {count(total.unvalued + total.uncompared, 'request')} nobody knows what was saved.", "g-dim")
    if stats.not_booked:
        text(f"{count(stats.not_booked, 'request')} could not be booked: the database was away.", "g-problem")


def _caller(stats: Stats, caller: str) -> str:
    return stats.names.get(caller) or _CALLERS.get(caller, caller)


def _table(title: str, rows: Mapping[str, Spent]) -> None:
    dearest = sorted(rows.items(), key=lambda row: (-(row[1].cost_usd or 0.0), -row[1].requests, row[0]))[:_ROWS]
    with box("g-card-body"):
        text(title, tag="h3")
        with box("g-table", "table"):
            with box("", "tr"):
                for head in ("", "requests", "tokens", "cost"):
                    text(head, tag="th")
            for label, spent in dearest:
                with box("", "tr"):
                    text(label, tag="td")
                    for figure in (spent.requests, spent.prompt_tokens + spent.completion_tokens):
                        text(f"{figure:,}", tag="td")
                    text(money(spent.cost_usd), tag="td")


def _chart(stats: Stats) -> None:
    """A bar for each day: money where anything costs some, and requests where nothing does."""
    days = [stats.since + timedelta(days=n) for n in range((stats.until - stats.since).days + 1)]
    costly = (stats.total.cost_usd or 0.0) > 0
    figures = [_figure(stats.by_day.get(day), costly) for day in days]
    what = "US dollars a day" if costly else "Requests a day"
    with box("g-card-body"):
        text(what, tag="h3")
        chart = ui.echart(_options(days, figures), renderer="svg").classes("g-chart")
        chart.props["role"] = "img"
        chart.props["aria-label"] = f"{what}, from {stats.since} to {stats.until}"


def _figure(spent: Spent | None, costly: bool) -> float:
    if spent is None:
        return 0
    return round(spent.cost_usd or 0.0, 4) if costly else spent.requests


def _options(days: list[date], figures: list[float]) -> dict[str, Any]:
    """ECharts' options; the colours are the page's own, so that they follow light and dark."""
    axis = {"axisLine": {"lineStyle": {"color": "var(--rule)"}}, "axisLabel": {"color": "var(--dim)"}}
    return {
        "animation": False,
        "grid": {"left": 8, "right": 8, "top": 12, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": [f"{day:%d %b}" for day in days], "axisTick": {"show": False}} | axis,
        "yAxis": {"type": "value", "splitLine": {"lineStyle": {"color": "var(--rule)"}}} | axis,
        "series": [
            {
                "type": "bar",
                "data": figures,
                "itemStyle": {"color": "var(--brass)"},
                "emphasis": {"disabled": True},
                "barMaxWidth": 18,
            }
        ],
    }
