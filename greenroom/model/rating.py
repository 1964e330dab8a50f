"""What people think of the lines, and what is made of it."""

from typing import Literal

from pydantic import Field

from greenroom.model.value import Key, Moment, Name, Value


class Rating(Value):
    """One person's opinion of one turn: `thumb` 1, -1, or 0 to take it back; `stars` 1–5 where a client has them."""

    turn_id: Key
    user_id: Key
    character: Name
    thumb: Literal[-1, 0, 1] = 0
    stars: int | None = Field(None, ge=1, le=5)
    rated_at: Moment | None = None


class RatingsRequest(Value):
    """Ratings of a turn, of a character, by a person, or all; newest first, without the newest `skip` of them."""

    turn_id: Key | None = None
    character: Name | None = None
    user_id: Key | None = None
    limit: int = Field(100, ge=1, le=1000)
    skip: int = Field(0, ge=0, le=1_000_000)


class Ratings(Value):
    """Ratings, and the count of thumbs up and down among all that match."""

    ratings: tuple[Rating, ...]
    up: int = 0
    down: int = 0


class Performance(Value):
    """How a turn went: the score of its reply, the attempts it took, and the rules that its drafts broke."""

    turn_id: Key
    character: Name
    success: bool
    quality_score: float | None = None
    attempts: int = 1
    violations: tuple[str, ...] = ()
    seconds: float = 0.0


class PerformanceRequest(Value):
    """Whose performance; all characters when empty."""

    character: Name | None = None


class PerformanceStats(Value):
    """Recorded turns in figures. `violations` counts the broken rules, most frequent first."""

    turns: int = 0
    succeeded: int = 0
    average_score: float | None = None
    average_attempts: float | None = None
    violations: dict[str, int] = {}
    up: int = 0
    down: int = 0


class OptimizeRequest(Value):
    """A prompt that did not do: what its drafts did wrong in this turn."""

    character: Name
    violations: tuple[str, ...] = ()


class Guidance(Value):
    """Lines to add to the prompt, and the evidence behind each (`lines` and `reasons` run in step)."""

    lines: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
