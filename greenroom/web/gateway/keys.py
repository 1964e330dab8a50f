"""The keys of those who may call models."""

from typing import get_args

from nicegui import ui
from pydantic import ValidationError

from greenroom.model import ApiKey, ApiKeys, KeyOrder, KeyRef, NewKey, Nothing, Period
from greenroom.ports import Keys
from greenroom.web.card import Card
from greenroom.web.figures import bar, count, money
from greenroom.web.form import complaint, field
from greenroom.web.look import box, button, moment, text
from greenroom.web.notices import Notices
from greenroom.web.sure import asking_first

_PERIODS = {"day": "each day", "week": "each week", "month": "each month", "ever": "in all"}
assert set(_PERIODS) == set(get_args(Period))
_LONGEST_NAME = 100


class KeysCard:
    """All keys with their budgets, and a form for a new one. A secret is shown once, and never again."""

    def __init__(self, keys: Keys, notices: Notices) -> None:
        self._keys, self._notices = keys, notices
        self._card = Card("Keys", "card-keys", lambda: keys.keys(Nothing()), self._draw)
        with self._card.frame:
            self._fresh = box("g-card-body", testid="fresh-key")
            self._form()

    def _form(self) -> None:
        with box("g-prompt", "details", "new-key"):
            text("A new key", tag="summary")
            self._name = field("Who it is for", "key-name", maxlength=_LONGEST_NAME)
            self._budget = field("Budget in US dollars; empty for no limit", "key-budget", type="number", min=0)
            self._period = ui.select(_PERIODS, value="month").props("dense outlined options-dense")
            self._period.props["aria-label"] = "How long the budget lasts"
            button("Make the key", self._notices.guarded(self._make), testid="make-key")

    async def _make(self) -> None:
        budget = str(self._budget.value or "").strip()
        order = {"name": self._name.value or "", "budget_usd": budget or None, "period": self._period.value}
        try:
            asked = KeyOrder.model_validate(order)
        except ValidationError as exc:
            self._notices.warn(complaint(exc))
            return
        made = await self._keys.make(asked)
        self._name.value = self._budget.value = ""
        self._show_secret(made)
        await self._card.look()

    def _show_secret(self, made: NewKey) -> None:
        self._fresh.clear()
        with self._fresh, box("g-question"):
            text(f"The key of {made.key.name}. It is shown this once; nobody can look it up later.")
            text(made.secret, "g-quote g-code", testid="secret")
            with box("g-row"):
                button("Copy", lambda: ui.clipboard.write(made.secret), testid="copy-secret")
                button("I have it", self._hide_secret, "g-quiet", "hide-secret")

    def _hide_secret(self) -> None:
        self._fresh.clear()

    def _draw(self, found: ApiKeys) -> None:
        standing = [key for key in found.keys if key.revoked_at is None]
        if not standing:
            text("There are no keys yet.", "g-strong")
            text(
                "Without one everybody may call models who reaches this machine, until llm.keys_required is set.",
                "g-dim",
            )
        for key in standing:
            self._key(key)
        gone = len(found.keys) - len(standing)
        if gone:
            text(f"{count(gone, 'key')} revoked.", "g-dim")

    def _key(self, key: ApiKey) -> None:
        with box("g-service g-healthy", testid=f"key-{key.name}"):
            with box("g-attempt-head"):
                text(key.name, "g-strong", "span")
                moment(key.made_at)
            text(_limits(key), "g-dim")
            if key.budget_usd:
                bar((key.spent_usd or 0.0) / key.budget_usd)
            asking_first(
                "Revoke",
                f"Revoke the key of {key.name}? It opens nothing from then on, and cannot be brought back.",
                self._notices.guarded(lambda: self._revoke(key)),
            )

    async def _revoke(self, key: ApiKey) -> None:
        await self._keys.revoke(KeyRef(id=key.id))
        self._notices.tell(f"The key of {key.name} is revoked.")
        await self._card.look()


def _limits(key: ApiKey) -> str:
    limits = []
    if key.budget_usd is not None:
        limits.append(f"{money(key.spent_usd or 0.0)} of {money(key.budget_usd)} {_PERIODS[key.period]}")
    if key.requests_per_minute:
        limits.append(f"{key.requests_per_minute:,} requests a minute")
    if key.tokens_per_minute:
        limits.append(f"{key.tokens_per_minute:,} tokens a minute")
    return " · ".join([*limits, *key.models]) or "no limits"
