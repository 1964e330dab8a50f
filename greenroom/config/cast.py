"""Settings of the cast, its quality control and its turns."""

from pydantic import Field

from greenroom.config.part import Backoff, Part


class CharactersSettings(Part):
    """Where the cast comes from."""

    cast: str = Field("family-guy", description="A cast that ships, by name, or the path of a folder of TOML files.")
    reload_s: float = Field(1.0, gt=0, description="How soon a changed file is noticed.")


class QualitySettings(Part):
    """How quality control weighs what it measures, and what it demands."""

    authenticity: float = Field(25, ge=0, description="Weight of sounding like the character.")
    conversation_flow: float = Field(30, ge=0, description="Weight of following from what was said.")
    engagement: float = Field(20, ge=0, description="Weight of inviting an answer.")
    anti_hallucination: float = Field(20, ge=0, description="Weight of keeping to what is known.")
    anti_toxicity: float = Field(5, ge=0, description="Weight of being fit for company.")
    embeddings: bool = Field(True, description="Compare meanings too, where a model embeds (not the stand-in).")
    embed_within_s: float = Field(0.05, gt=0, description="How long the embedding of a draft may take; else without.")
    cold: float = Field(30, ge=0, le=100, description="Threshold of a conversation that begins.")
    warm: float = Field(60, ge=0, le=100, description="Threshold from `warm_after` messages on.")
    hot: float = Field(75, ge=0, le=100, description="Threshold from `hot_after` messages on.")
    warm_after: int = Field(7, ge=0, description="Messages from which a conversation is warm.")
    hot_after: int = Field(21, ge=0, description="Messages from which a conversation is hot.")
    organic_penalty: float = Field(2, ge=0, description="Added to the threshold of an unprompted reply.")
    reject_rate: float = Field(
        0.15,
        ge=0,
        le=1,
        description="Share of first drafts that thresholds come to turn down.",
    )
    bar_step: float = Field(
        0.5, ge=0, le=10, description="How fast a threshold moves, in points; 0 keeps all where they are."
    )
    bar_reach: float = Field(20.0, ge=0, le=100, description="How far a threshold may move, in points.")
    unfiltered: float = Field(
        0.0,
        ge=0,
        le=0.05,
        description="Share of drafts below the threshold that pass all the same, to see what the check is worth.",
    )
    judge: bool = Field(False, description="Ask a model about drafts whose score is close to the threshold.")
    judge_band: float = Field(10.0, ge=0, le=50, description="How close that is, in points.")
    judge_within_s: float = Field(4.0, gt=0, description="How long the model may take; else it is not heard.")
    unfit_words: tuple[str, ...] = Field((), description="Further words that no character may say.")


class TurnSettings(Part):
    """How long and how often a turn tries."""

    max_attempts: int = Field(10, ge=1, le=10, description="Drafts in all.")
    deadline_s: float = Field(330.0, gt=0, description="A turn ends by then, whatever happens.")
    retry_within_s: float = Field(45.0, ge=0, description="No further draft is begun after this time.")
    retry_gain: float = Field(
        6.0,
        ge=0,
        le=100,
        description="Points by which a further draft must be expected to raise the score; 0 tries as long as it may.",
    )
    floor: float = Field(20.0, ge=0, le=100, description="Score below which a reply is never sent.")
    history_messages: int = Field(
        50, ge=0, le=500, description="Lines of the conversation that the model sees, at most."
    )
    prompt_tokens: int = Field(
        3500,
        ge=500,
        description="Longest prompt; the earliest lines are left out. With the reply it must fit the model.",
    )
    backoff: Backoff = Field(
        Backoff(attempts=10, base_s=1.0, factor=2.0, max_s=30.0, jitter=True),
        description="Pauses while a service fails (a failed quality check is tried again at once).",
    )
    lore_s: float = Field(
        3.0, gt=0, description="For how long a turn waits for what is known; then it goes on without."
    )
    max_waiting: int = Field(50, ge=1, description="Turns of one channel that may wait for their place.")
    take_up_s: float = Field(
        120.0,
        ge=0,
        description="A line that was being answered when Greenroom was killed is answered after the restart, unless it "
        "is older than this, in seconds; 0 leaves it as a dead letter.",
    )
    retention_days: float = Field(
        0.0, ge=0, le=36_500, description="Lines are taken back after so many days; 0 keeps them."
    )
