"""What the cache of answers tells of itself, and is told."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from greenroom.model.value import Moment, Value

TierName = Literal["memory", "redis", "sqlite"]

FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
"""The name of a file in a folder that is known: never a path."""


class CacheClear(Value):
    """Whose answers to forget: those of one model, by any of its names, or of all."""

    model: str = ""


class CacheFile(Value):
    """A backup of the cache by the name of its file, which is in the folder `backups` of the data folder."""

    name: FileName


class CacheBackup(Value):
    """A backup that was made."""

    name: FileName
    size_bytes: int
    made_at: Moment


class TierStats(Value):
    """One tier. Counts of `hits` and `misses` are since the start; `entries` and `size_bytes` None are not known."""

    tier: TierName
    entries: int | None = None
    size_bytes: int | None = None
    hits: int = 0
    misses: int = 0
    problem: str = Field("", description="What is wrong with it; empty when nothing is.")


class CacheStats(Value):
    """How the cache does since the start, tiers in the order in which they are asked.

    `hits` of all tiers and `misses` are requests that looked for an answer; `coalesced` shared another's call instead.
    `hit_rate` is the share of hits and coalesced requests among the three, 0 to 1; None before the first.
    """

    tiers: tuple[TierStats, ...]
    hits: int
    misses: int
    coalesced: int
    stored: int
    hit_rate: float | None = None
