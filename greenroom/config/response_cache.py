"""Settings of the answers that are kept."""

from pydantic import Field

from greenroom.config.part import Part


class CacheSettings(Part):
    """Answers that are kept, in three tiers."""

    sampled: bool = Field(
        False, description="Keep also what was sampled freely: temperature above 0, and no seed. A request may differ."
    )
    memory_bytes: int = Field(64_000_000, ge=0, description="Budget of the tier in memory.")
    memory_entries: int = Field(0, ge=0, description="The most answers in memory; 0 for what the budget holds.")
    memory_s: float = Field(60.0, gt=0, description="How long it keeps an answer, in seconds.")
    redis_s: float = Field(3600.0, gt=0, description="How long the Redis server of `storage.cache_url` keeps one.")
    sqlite_bytes: int = Field(
        10_000_000_000, ge=0, description="Budget of the file `responses.db` in the data folder; 0 for no file."
    )
    sqlite_s: float = Field(30 * 86_400.0, gt=0, description="How long the file keeps an answer, in seconds.")
    entry_bytes: int = Field(1_000_000, ge=1_000, description="An answer that takes more than this is not kept.")
    similar: bool = Field(
        False,
        description="Answer also from prompts that ask the same in other words. A request may differ; a character's "
        "conversation does not, unless it is asked for there.",
    )
    similar_wrong_hits: float = Field(
        0.01, gt=0, le=1, description="The chance of a wrong answer below which that is done, 0-1."
    )
    similar_candidates: int = Field(5, ge=1, le=100, description="How many of the closest prompts are looked at.")
    similar_entries: int = Field(10_000, ge=1, description="Most prompts that are kept for it, with their vectors.")
    similar_model: str = Field("", description="What embeds them, `provider/model`; empty for the embedding role.")
    similar_checks: float = Field(
        0.0,
        ge=0,
        le=1,
        description="The share of pairs of which the model is asked afterwards whether they ask the same.",
    )
