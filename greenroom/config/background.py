"""Settings of the work that is done in the background."""

from pydantic import Field

from greenroom.config.part import Part


class BackgroundSettings(Part):
    """Work that is done in the background, once each, also over the end of the process."""

    look_every_s: float = Field(2.0, gt=0, description="How often it is looked for tasks that can begin, in seconds.")
    lease_s: float = Field(
        10.0,
        gt=0,
        description="On a shared PostgreSQL: a machine that has not been heard of for so long is taken for dead, and "
        "its tasks are taken over, in seconds.",
    )
    most_waiting: int = Field(5000, ge=1, description="Tasks that may wait before `/health` speaks of it.")
    keep_days: int = Field(90, ge=1, description="For how long it is known what has been done, in days.")
