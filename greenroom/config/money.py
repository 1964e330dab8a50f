"""Settings of what models cost."""

from pydantic import Field

from greenroom.config.part import Part


class Price(Part):
    """What a model costs, in US dollars for a million tokens."""

    input: float = Field(ge=0, description="A million tokens of prompt.")
    output: float = Field(0.0, ge=0, description="A million tokens of answer.")
