"""API keys, and what model calls cost."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from greenroom.model.value import Key, Moment, Value

Period = Literal["day", "week", "month", "ever"]
"""How long a budget lasts, in UTC; weeks begin on Monday."""

KeyName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[\w][\w .@-]*$")
]
"""What a key is called: letters and figures of any script, spaces, and . _ @ -"""


class KeyOrder(Value):
    """What a new key shall be called, and what it may do. None sets no limit.

    `budget_usd` is what calls may cost in each `period`. `models` are patterns of full names (`ollama/*`); none means
    all. With `shares_cache` its caller gets answers that others' calls have left in the cache, and the other way round.
    """

    name: KeyName
    budget_usd: float | None = Field(None, ge=0, le=1e9)
    period: Period = "month"
    requests_per_minute: int | None = Field(None, ge=1, le=10**9)
    tokens_per_minute: int | None = Field(None, ge=1, le=10**9)
    models: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = Field((), max_length=100)
    shares_cache: bool = False


class ApiKey(KeyOrder):
    """A key as it is kept. `spent_usd` is what it has spent of its budget in this period, calls under way included."""

    id: str
    made_at: Moment
    revoked_at: Moment | None = None
    spent_usd: float | None = None


class NewKey(Value):
    """A key that was just made. `secret` is what its caller shows; it is told this once and kept nowhere."""

    key: ApiKey
    secret: str


class ApiKeys(Value):
    """All keys, by name; those that were revoked too."""

    keys: tuple[ApiKey, ...]


class KeyRef(Value):
    """One key, by its id or its name."""

    id: Key


class StatsRequest(Value):
    """The figures of the last `days`, today included; days are of UTC."""

    days: int = Field(30, ge=1, le=3_660)


class Spent(Value):
    """Sums of requests. Money in US dollars, as far as prices are known: `unpriced` calls have none, and where all are
    such, `cost_usd` is None.

    `calls` went to a model; `hits` were answered without one, by source. `saved_usd` is what the hits would have cost,
    `avoided_usd` what requests would have cost that were sent to a cheaper model than the one for hard requests. Of
    `unvalued` hits, and of `uncompared` requests, nobody knows; where there is nothing else, the sum is None.
    Durations are of whole answers, in milliseconds, each within an eighth; None where there was none.
    """

    requests: int = 0
    failed: int = 0
    left_early: int = 0
    calls: int = 0
    hits: dict[str, int] = {}
    hit_rate: float | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = 0.0
    unpriced: int = 0
    saved_usd: float | None = 0.0
    unvalued: int = 0
    avoided_usd: float | None = 0.0
    uncompared: int = 0
    p50_ms: float | None = None
    p95_ms: float | None = None
    hit_p50_ms: float | None = None
    hit_p95_ms: float | None = None


class Stats(Value):
    """What was asked and what it cost, in all and by model, caller and day.

    Callers are ids of keys, `anyone` without one, and `greenroom/` with a role for the house itself; `names` has the
    names of the keys. `not_booked` requests are missing here, since the database was away for too long.
    """

    since: date
    until: date
    total: Spent
    by_model: dict[str, Spent]
    by_caller: dict[str, Spent]
    by_day: dict[date, Spent]
    names: dict[str, str] = {}
    not_booked: int = 0
