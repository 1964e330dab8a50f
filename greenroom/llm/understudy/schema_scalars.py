"""Single values for a JSON schema: numbers within bounds, texts of a length, and texts of a known format."""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any, cast

_EXACT = 2**53
_DAY = datetime(2024, 3, 1, 12, tzinfo=UTC)
FORMATS: dict[str, Callable[[Random], str]] = {
    "date-time": lambda r: _DAY.replace(hour=r.randrange(24)).isoformat().replace("+00:00", "Z"),
    "date": lambda r: _DAY.replace(day=r.randint(1, 31)).date().isoformat(),
    "time": lambda r: f"{r.randrange(24):02}:{r.randrange(60):02}:00Z",
    "duration": lambda r: f"PT{r.randint(1, 59)}M",
    "email": lambda r: f"someone{r.randint(1, 99)}@example.org",
    "idn-email": lambda r: f"someone{r.randint(1, 99)}@example.org",
    "hostname": lambda r: f"host{r.randint(1, 99)}.example.org",
    "idn-hostname": lambda r: f"host{r.randint(1, 99)}.example.org",
    "ipv4": lambda r: f"192.0.2.{r.randint(1, 254)}",
    "ipv6": lambda r: f"2001:db8::{r.randint(1, 9999):x}",
    "uuid": lambda r: _uuid(r),
    "uri": lambda r: f"https://example.org/{r.randint(1, 999)}",
    "uri-reference": lambda r: f"/{r.randint(1, 999)}",
    "iri": lambda r: f"https://example.org/{r.randint(1, 999)}",
    "iri-reference": lambda r: f"/{r.randint(1, 999)}",
    "uri-template": lambda r: f"https://example.org/{r.randint(1, 999)}/{{name}}",
    "json-pointer": lambda r: f"/{r.randint(0, 99)}",
    "relative-json-pointer": lambda r: f"{r.randint(0, 9)}/name",
    "regex": lambda r: f"^[a-z]{{{r.randint(1, 9)}}}$",
}
"""How to write a text of each format, by its name in JSON Schema 2020-12 (validation, section 7.3)."""


class Impossible(Exception):
    """No value was found for a part of the schema; another way may have one."""


class Number:
    """The numbers that a part of a schema allows."""

    def __init__(self, part: dict[str, Any], whole: bool) -> None:
        self.whole = whole
        self.step = Decimal(str(part["multipleOf"])) if "multipleOf" in part else None
        lows = [
            (Decimal(str(part[key])), key != "minimum")
            for key in ("minimum", "exclusiveMinimum")
            if _is_number(part.get(key))
        ]
        highs = [
            (Decimal(str(part[key])), key != "maximum")
            for key in ("maximum", "exclusiveMaximum")
            if _is_number(part.get(key))
        ]
        unbounded: tuple[Decimal | None, bool] = (None, False)
        self.low, self.low_open = max(lows, default=unbounded)
        self.high, self.high_open = min(highs, key=lambda bound: (bound[0], not bound[1]), default=unbounded)
        self.low_open |= part.get("exclusiveMinimum") is True
        self.high_open |= part.get("exclusiveMaximum") is True

    def value(self, random: Random, varied: bool) -> int | float:
        """One of them, near zero where that is allowed. Raises: Impossible."""
        step = self.step or Decimal(1)
        if self.whole and step % 1:
            step = step * (1 / step if (1 / step) % 1 == 0 else Decimal(10) ** -int(step.as_tuple().exponent))
        if self.whole or self.step or self._room() >= 2:
            return self._multiple(step, random, varied)
        return float(self._between(random))

    def _room(self) -> Decimal:
        return Decimal(10) if self.low is None or self.high is None else self.high - self.low

    def _multiple(self, step: Decimal, random: Random, varied: bool) -> int | float:
        lowest = (
            None
            if self.low is None
            else math.floor(self.low / step) + 1
            if self.low_open
            else math.ceil(self.low / step)
        )
        highest = (
            None
            if self.high is None
            else math.ceil(self.high / step) - 1
            if self.high_open
            else math.floor(self.high / step)
        )
        if lowest is None:
            lowest = 0 if highest is None else min(0, highest - 10)
        highest = lowest + 10 if highest is None else min(highest, lowest + 10)
        if lowest > highest:
            raise Impossible("no number lies within its bounds")
        made = step * (random.randint(lowest, highest) if varied else lowest)
        return int(made) if made == made.to_integral_value() and (self.whole or abs(made) < _EXACT) else float(made)

    def _between(self, random: Random) -> Decimal:
        low = self.low if self.low is not None else cast("Decimal", self.high) - 1
        high = self.high if self.high is not None else low + 1
        if low > high or (low == high and (self.low_open or self.high_open)):
            raise Impossible("no number lies within its bounds")
        return low + (high - low) * Decimal(random.randint(1, 9)) / 10


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def fitted(text: str, least: int, most: int) -> str:
    """The text cut at a word, or continued, to a length in characters."""
    text = text or "-"
    if len(text) < least:
        text = (text + " ") * (least // (len(text) + 1) + 1)
        text = text[:least].rstrip().ljust(least, ".")
    if len(text) > most:
        cut = text[:most]
        shorter = cut.rsplit(" ", 1)[0].rstrip(" ,;:") if " " in cut else cut
        text = shorter if len(shorter) >= max(least, 1) else cut
    return text


def _uuid(random: Random) -> str:
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
