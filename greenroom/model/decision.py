"""How hard a request is, which way it goes, and how well that went."""

from typing import Literal

from pydantic import Field

from greenroom.model.value import Key, Moment, Value

Level = Literal["low", "medium", "high"]
"""How hard a request is, compared with the others of this house."""

Side = Literal["local", "cloud"]
"""A model of one's own, or one that is paid for."""

Way = Literal["local", "cloud", "search + local", "search + cloud"]
"""Who answers, with the web's help or without."""


class Decision(Value):
    """Which way a request goes, and why.

    `score` is 0–1; `reasons` are in words, the weightiest first. `model` is the full name of the model that answers.
    `degraded` says what the level asks for and is not there. Where the caller named the model, `route` says so.
    `sources` are the addresses of the pages that were quoted. `id` is given to requests that were answered, so that one
    can say later how well that went.
    """

    complexity: Level
    score: float = Field(ge=0, le=1)
    reasons: tuple[str, ...]
    route: Way | Literal["as named"]
    model: str
    degraded: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    id: str = ""


class Outcome(Value):
    """How well an answer did: `good` is 0–1. A later word of the same `source` replaces the earlier one; None takes it
    back.

    `decision` is the id that came with the answer. Without one, `prompt` is the text that was to be answered, and
    `side` who did.
    """

    decision: str = Field("", max_length=100)
    prompt: str = ""
    side: Side | None = None
    good: float | None = Field(ge=0, le=1)
    source: Literal["rating", "quality", "fallback", "check"] = "rating"


class Comparison(Value):
    """What both sides answered to the same request; `local_is_as_good` is None where the referee did not say."""

    decision: str
    prompt: str
    local_model: str
    cloud_model: str
    local_answer: str
    cloud_answer: str
    local_is_as_good: bool | None
    happened_at: Moment


class DecisionRef(Value):
    """One decision."""

    decision: Key


class Comparisons(Value):
    """The newest comparisons first; `total` are those that are kept."""

    comparisons: tuple[Comparison, ...]
    total: int


class RoutingState(Value):
    """What the routing goes by now.

    `version` 0 is before anything was learnt. `medium_from` and `high_from` are scores; `from_traffic` says whether
    they come from the last `requests` and not from the settings. `outcomes` are those that can be learnt from.
    `held_out` is how well the scores order outcomes that they were not learnt from (AUC; 0.5 is chance),
    `held_out_before` the same of the first weights. `lost` counts records that could not be written down.
    """

    version: int
    medium_from: float
    high_from: float
    from_traffic: bool
    requests: int
    outcomes: int
    learnt_from: int = 0
    held_out: float | None = None
    held_out_before: float | None = None
    learnt_at: Moment | None = None
    lost: int = 0
