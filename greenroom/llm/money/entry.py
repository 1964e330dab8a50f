"""What the books say of requests: figures that can be added up, each under its day, caller, model and source."""

from collections import Counter
from dataclasses import dataclass, field, fields
from datetime import date
from typing import NamedTuple

ANYONE = "anyone"
"""The caller of requests that show no key."""

OURSELVES = "greenroom/"
"""What callers' names begin with when services of the house ask, with the role behind it."""

MODEL = "model"
"""The source of an answer that no cache had."""


class Account(NamedTuple):
    """Under what a request is booked: UTC day, caller, model by its full name, and where the answer came from.

    The model is empty where none was found; the source is `model`, or what the cache says.
    """

    day: date
    caller: str
    model: str
    source: str = MODEL


@dataclass(slots=True)
class Figures:
    """Sums of requests, money in nanodollars. `calls` went to a model, `unpriced` of them at a price that nobody knows.

    `saved` is what hits of the cache would have cost, but for `unvalued` ones, of which nobody knows; `avoided` what
    cheaper routes saved, but for `uncompared` ones.
    """

    requests: int = 0
    failed: int = 0
    left_early: int = 0
    calls: int = 0
    unpriced: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: int = 0
    saved: int = 0
    unvalued: int = 0
    avoided: int = 0
    uncompared: int = 0
    waits: Counter[int] = field(default_factory=Counter)

    @property
    def is_priced(self) -> bool:
        """Whether `cost` says anything: not where there were calls, and nobody knows the price of any of them."""
        return not self.calls or self.unpriced < self.calls

    @property
    def known_saved(self) -> int | None:
        """What was saved; None where there were hits, and nobody knows more of them than that they cost nothing."""
        return self.saved if self.saved or not self.unvalued else None

    @property
    def known_avoided(self) -> int | None:
        """What was avoided; None as with `known_saved`."""
        return self.avoided if self.avoided or not self.uncompared else None

    def add(self, other: "Figures") -> None:
        """Add another's figures to these."""
        for name in SUMS:
            if amount := getattr(other, name):
                setattr(self, name, getattr(self, name) + amount)
        self.waits.update(other.waits)


SUMS = tuple(part.name for part in fields(Figures) if part.name != "waits")
"""The figures that are plain sums, each a column of the books."""


def booked_as(caller: str, role: str | None) -> str:
    """The caller's name in the books: the id of a key, or what the house itself, or anybody else, is called."""
    return caller or (OURSELVES + role if role else ANYONE)
