"""Settings of what characters know: the library, and how it is searched."""

from pydantic import Field

from greenroom.config.part import Part


class KnowledgeSettings(Part):
    """What characters know, and how it is looked up."""

    collections: tuple[str, ...] = Field(
        (), description="Collections that characters draw on when they speak; empty means all."
    )
    passages: int = Field(4, ge=0, le=50, description="Passages of the library in a prompt, at most.")
    floor: float = Field(
        0.32, ge=0, le=1, description="Least relevance of a passage in a prompt, 0 to 1. Below it nothing is shown."
    )
    library_s: float = Field(
        1.5, gt=0, description="For how long a turn waits for the library; then it goes on without."
    )
    vector_s: float = Field(
        0.5, gt=0, description="For how long a search waits for the vector of what is looked for; then words must do."
    )
    rerank: bool = Field(False, description="Have the model of the analysis role sort what was found, in each search.")
    rerank_within_s: float = Field(
        1.0, gt=0, description="How long that may take; then the order stays as it was. Less than library_s."
    )
    check_every_s: float = Field(30.0, gt=0, description="How often the index is compared with the database.")
