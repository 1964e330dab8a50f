"""Settings of what characters know: the library, and how it is searched."""

from pydantic import Field

from greenroom.config.part import Part


class KnowledgeSettings(Part):
    """What characters know, and how it is looked up."""

    vector_s: float = Field(
        0.5, gt=0, description="For how long a search waits for the vector of what is looked for; then words must do."
    )
    check_every_s: float = Field(30.0, gt=0, description="How often the index is compared with the database.")
