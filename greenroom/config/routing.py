"""Settings of the way that a request takes when its caller leaves the model open."""

from typing import Self

from pydantic import Field, model_validator

from greenroom.config.part import Part


class RoutingSettings(Part):
    """Which model answers what is asked of `auto`."""

    cloud: str = Field("", description="The model for hard requests, `provider/model`; empty for none.")
    medium_from: float = Field(0.4, ge=0, le=1, description="Score from which a request is medium.")
    high_from: float = Field(0.65, ge=0, le=1, description="Score from which a request is hard.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.medium_from > self.high_from:
            raise ValueError("medium_from must not be above high_from")
        return self
