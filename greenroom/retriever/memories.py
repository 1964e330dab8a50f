"""Memories fade: how much one counts depends on how long ago it was told and how much it matters, beside what it says.

Source: Park and others, Generative Agents, 2023, section 4.1: recency, importance and relevance, with recency 0.995 to
the power of the hours. Unlike there, the first two only lower the third, so that relevance keeps its meaning.
"""

from collections.abc import Sequence
from datetime import datetime

from greenroom.model import Passage

_HOURLY = 0.995
_FIXED, _BY_RECENCY, _BY_IMPORTANCE = 0.7, 0.15, 0.15


def remembered(passages: Sequence[Passage], now: datetime) -> tuple[Passage, ...]:
    """The passages with memories weighed, best first. What is no memory counts as it did."""
    weighed = [_weighed(passage, now) if passage.metadata.get("kind") == "memory" else passage for passage in passages]
    return tuple(sorted(weighed, key=lambda passage: -passage.relevance_score))


def _weighed(passage: Passage, now: datetime) -> Passage:
    importance, told_at = passage.metadata.get("importance"), passage.metadata.get("told_at")
    matters = float(importance) if isinstance(importance, int | float) else 0.5
    recent = _recency(told_at, now) if isinstance(told_at, str) else 0.0
    part = _FIXED + _BY_RECENCY * recent + _BY_IMPORTANCE * min(1.0, max(0.0, matters))
    score = round(passage.relevance_score * part, 4)
    return passage.model_copy(update={"relevance_score": score, "reason": f"{passage.reason}; a memory"})


def _recency(told_at: str, now: datetime) -> float:
    """1 for just now, 0.5 for six days ago."""
    try:
        hours = (now - datetime.fromisoformat(told_at)).total_seconds() / 3600
    except (ValueError, TypeError):
        return 0.0
    return float(_HOURLY ** max(0.0, hours))
