"""Who speaks next in a channel, and whether anybody should."""

from typing import Annotated, Literal

from pydantic import Field

from greenroom.model.turn import Message
from greenroom.model.value import ChannelId, Key, Moment, Name, Storable, Value

Mood = Literal["excited", "annoyed", "bored", "thoughtful", "plotting"]
"""How a character comes in; each sheet says how long it waits in each."""


class SpeakerRequest(Value):
    """A conversation, oldest line first, and those who might speak next. `people` are no characters.

    Names are as in the lines; a candidate that is a character of the house is known with its sheet.
    """

    channel_id: Key = "default"
    conversation_history: tuple[Message, ...] = Field((), max_length=1000)
    candidates: tuple[Name, ...] = Field(min_length=1, max_length=50)
    people: tuple[Annotated[str, Storable], ...] = Field((), max_length=200)


class SpeakerChoice(Value):
    """Who speaks next: a name as it was given, or None for silence.

    `scores` are chances 0–1 of all candidates that sum to 1 with `silence`; `reasons` say in words what counts for
    each, the weightiest first. `delay_s` is the pause in character before it speaks.
    """

    selected: str | None
    scores: dict[str, float]
    silence: float = Field(ge=0, le=1)
    reasons: dict[str, tuple[str, ...]]
    mood: Mood = "thoughtful"
    delay_s: float = 0.0


class OpportunityRequest(Value):
    """A channel, and what was said in it when the log does not have it. `candidates` empty means the whole cast."""

    channel_id: Key
    conversation_history: tuple[Message, ...] = Field((), max_length=1000)
    candidates: tuple[Name, ...] = Field((), max_length=50)


class Opportunity(Value):
    """Whether a character should fall in unasked, and who. `why_not` says what holds the channel back.

    `chances` are those of all who may, 0–1, and sum to 1 with `silence`; `weights` is the version that they come from.
    """

    should_respond: bool
    character: str | None = None
    confidence: float = Field(0.0, ge=0, le=1)
    reasons: tuple[str, ...] = ()
    mood: Mood = "thoughtful"
    delay_s: float = 0.0
    chances: dict[str, float] = {}
    silence: float = Field(0.0, ge=0, le=1)
    weights: str = ""
    why_not: str = ""


class OrganicRequest(Value):
    """A channel in which a character shall fall in now, or be chosen; without waiting for its pause."""

    channel_id: Key
    character: Name | None = None


class FloorRequest(Value):
    """A channel."""

    channel_id: Key


class QuietRequest(Value):
    """Have characters say nothing unasked in a channel for so many `minutes`; 0 lifts it."""

    channel_id: Key
    minutes: float = Field(60.0, ge=0, le=60 * 24 * 30)


class Floor(Value):
    """How a channel's conversation stands, and what is left of its budget.

    `unasked` counts the lines that characters said unasked since a person last spoke; no more than `chain_limit` will
    be said. `momentum` 0–1 is how lively it is. `next_at` is when a line that is planned will come.
    """

    channel_id: ChannelId
    last_speaker: str | None = None
    last_person: str | None = None
    unasked: int = 0
    chain_limit: int
    lines_last_minute: int = 0
    momentum: float = Field(0.0, ge=0, le=1)
    quiet_until: Moment | None = None
    held_back_by: str = ""
    next_speaker: str | None = None
    next_at: Moment | None = None
