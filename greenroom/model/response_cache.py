"""What the cache of answers tells of itself, and is told."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from greenroom.model.completion import ToolCall
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
    """One tier. Counts of `hits` and `misses` are since the start; `entries` and `size_bytes` None are not known.

    Those of `redis` are the server's: whatever else is in its database counts too.
    """

    tier: TierName
    entries: int | None = None
    size_bytes: int | None = None
    hits: int = 0
    misses: int = 0
    problem: str = Field("", description="What is wrong with it; empty when nothing is.")


class SimilarStats(Value):
    """Answers that were given to similar prompts, of all times, by what embedded the prompts.

    `entries` prompts are compared with. Of the answers `served`, `checked` were looked at by a model, which found
    `wrong` ones, and `reported` were called wrong by people. Answers are served where the chance of a wrong one is at
    most `bound`. `estimated_wrong_rate` is what is thought of those served, from calibration and experience together;
    `wrong_rate_at_most` what the checks alone say, with a confidence of 95 %. None is not known.
    """

    embedder: str
    entries: int
    served: int
    checked: int
    wrong: int
    reported: int
    bound: float
    estimated_wrong_rate: float | None = None
    wrong_rate_at_most: float | None = None


class CacheEntryRef(Value):
    """An answer by its key: the header `X-Greenroom-Key` that came with it, also when it was for a similar prompt."""

    key: str = Field(min_length=1, max_length=200)


class CacheEntry(Value):
    """An answer that is kept. `tiers` are those that have it; `prompt` is known where others are compared with it."""

    key: str
    model: str
    text: str
    thinking: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tiers: tuple[TierName, ...]
    prompt: str | None = None


class CacheReport(Value):
    """What became of a report: the key of the answer that was deleted, and whether it was one to a similar prompt."""

    deleted: str
    similar: bool


class CacheStats(Value):
    """How the cache does since the start, tiers in the order in which they are asked.

    `hits` of all tiers and `misses` are requests that looked for an answer; `coalesced` shared another's call instead.
    An answer to a similar prompt is a hit of the tier that had it. `hit_rate` is the share of hits and coalesced
    requests among the three, 0 to 1; None before the first.
    """

    tiers: tuple[TierStats, ...]
    hits: int
    misses: int
    coalesced: int
    stored: int
    hit_rate: float | None = None
    similar: tuple[SimilarStats, ...] = ()
