"""Settings of the world."""

from pydantic import Field

from greenroom.config.part import Part


class WorldSettings(Part):
    """The world beside the conversation."""

    enabled: bool = Field(
        True,
        description="Whether what is said is read, characters off scene go on, and replies come with a panel and notes "
        "in mind. Where it is not, what is taken back still goes out of the world.",
    )
    simulate_every_turns: int = Field(
        20, ge=0, description="After so many turns, characters off scene go on with their lives; 0 is never."
    )
    simulate_every_minutes: float = Field(
        60.0, ge=0, description="And after so many minutes, as long as somebody visits the world; 0 is never."
    )
    simulate_alone: int = Field(
        3, ge=0, description="How often that happens while nobody says anything, before the world goes to sleep."
    )
    simulate_characters: int = Field(3, ge=1, le=20, description="How many characters go on at a time.")
    simulate_per_minute: int = Field(4, ge=1, description="How often in a minute, in all worlds together, at most.")
    slower_model: str = Field(
        "",
        description="The model that is asked after the one of the role `maintenance` has failed twice; empty for none.",
    )
