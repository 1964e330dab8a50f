"""Settings of the coordinator: who falls in, and when it is enough."""

from pydantic import Field

from greenroom.config.part import Part


class CoordinatorSettings(Part):
    """When characters speak unasked."""

    organic: bool = Field(True, description="Whether characters fall in unasked at all.")
    chain_limit: int = Field(
        3, ge=0, le=50, description="Lines that characters may say unasked after a person's line has been answered."
    )
    lines_per_minute: int = Field(6, ge=1, description="Lines of characters in a channel within a minute, at most.")
    tokens_per_minute: int = Field(
        1000, ge=1, description="Tokens of characters' lines in a channel within a minute, at most; about."
    )
    character_cooldown_s: float = Field(
        4.0, ge=0, description="For how long a character that has spoken says nothing unasked, in seconds."
    )
    pair_cooldown_s: float = Field(
        20.0,
        ge=0,
        description="For how long two who have answered each other leave it at that, in seconds.",
    )
    decay: float = Field(
        0.7, ge=0, le=1, description="How likely each further unasked line is, compared with the one before."
    )
    open_floor: bool = Field(
        True, description="Whether a character answers what a person says to nobody in particular."
    )
    simultaneous: int = Field(
        1, ge=1, le=5, description="How many characters, at most, answer such a line at the same time."
    )
    stale_after_s: float = Field(
        300.0, gt=0, description="After so many seconds nobody falls in any more on what was said."
    )
    starter_channels: tuple[str, ...] = Field(
        (), description="Channels in which characters begin to talk when it has been quiet."
    )
    starter_after_s: float = Field(1800.0, ge=60, description="Quiet after which they begin, in seconds.")
    starters_per_day: int = Field(4, ge=0, description="How often a day, in each of these channels, at most.")
    ask_model: bool = Field(
        False,
        description="Whether the role `analysis` decides where two are about equally likely to speak.",
    )
    ask_model_within: float = Field(
        0.1, ge=0, le=1, description="How close the chances of the two must be for that, 0–1."
    )
    ask_model_for_s: float = Field(5.0, gt=0, description="For how long its answer is waited for, in seconds.")
    corrections_needed: int = Field(
        20, ge=5, description="How often it must have been said who should have spoken, before the weights follow it."
    )
