"""Reading values of cards leniently: programs write null, numbers or "" where another kind of value is expected."""

import math
import re
from typing import Any

_SURROGATE = re.compile("[\ud800-\udfff]")


def text_of(value: Any) -> str:
    """The text that a value stands for: null is empty, a list is its lines; half surrogate pairs become U+FFFD."""
    if isinstance(value, list):
        return "\n".join(filter(None, map(text_of, value)))
    if value is None or isinstance(value, dict | bool):
        return ""
    return _SURROGATE.sub("\ufffd", str(value))


def texts_of(value: Any) -> tuple[str, ...]:
    """The texts of a list that say something; a single text with commas is such a list too."""
    entries = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(t for t in (text_of(entry).strip() for entry in entries) if t)


def number_of(value: Any, default: float) -> float:
    """A number, also where it was written as text; the default for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return default
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return default
    return number if math.isfinite(number) else default


def part_of(card: dict[str, Any], key: str) -> dict[str, Any]:
    """The object under a key; an empty one where there is none."""
    value = card.get(key)
    return value if isinstance(value, dict) else {}
