"""How hard a request is, and which way it goes."""

from typing import Literal

from pydantic import Field

from greenroom.model.value import Value

Level = Literal["low", "medium", "high"]
"""How hard a request is, compared with the others of this house."""

Way = Literal["local", "cloud", "search + local", "search + cloud"]
"""Who answers: a model of one's own or a paid one, with the web's help or without."""


class Decision(Value):
    """Which way a request goes, and why.

    `score` is 0–1; `reasons` are in words, the weightiest first. `model` is the full name of the model that answers.
    `degraded` says what the level asks for and is not there. Where the caller named the model, `route` says so.
    """

    complexity: Level
    score: float = Field(ge=0, le=1)
    reasons: tuple[str, ...]
    route: Way | Literal["as named"]
    model: str
    degraded: tuple[str, ...] = ()
