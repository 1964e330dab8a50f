"""Settings of the way that a request takes when its caller leaves the model open."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from greenroom.config.part import Part
from greenroom.model import Way


class Policy(Part):
    """Which way each level of complexity goes, and which models are meant."""

    local: str = Field("", description="The model of one's own, `provider/model`; empty for that of `llm.generation`.")
    cloud: str = Field("", description="The model that is paid for, `provider/model`; empty for none.")
    low: Way = Field("local", description="The way of easy requests.")
    medium: Way = Field("search + local", description="The way of those between.")
    high: Way = Field("search + cloud", description="The way of hard requests.")


class RoutingSettings(Policy):
    """What `auto` means, and further names of this kind."""

    policies: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")], Policy] = Field(
        {}, description="Further policies by name; each is asked for as `auto/name`."
    )
    cloud_share: float = Field(0.3, ge=0, le=1, description="Share of the requests that may be hard.")
    medium_share: float = Field(0.3, ge=0, le=1, description="Share of the requests that are medium.")
    compare_share: float = Field(
        0,
        ge=0,
        le=0.2,
        description="Share of the requests that the other side's model answers too, to learn from both.",
    )
    compare_budget_usd: float = Field(1.0, ge=0, description="What that may cost in a day (UTC), in US dollars.")
    window: int = Field(5000, ge=200, le=50_000, description="Requests that both shares are of: the newest ones.")
    medium_from: float = Field(
        0.35, ge=0, le=1, description="Score from which a request is medium, while there were fewer than 200 requests."
    )
    high_from: float = Field(0.6, ge=0, le=1, description="The same of hard requests.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.medium_from > self.high_from:
            raise ValueError("medium_from must not be above high_from")
        return self
