"""What an owner says of a choice of speaker, and the weights that follow it."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from greenroom.model.turn import Message
from greenroom.model.value import Key, Moment, Name, Storable, Value


class SpeakerCorrection(Value):
    """Who should have spoken: `should` is a name, or None for nobody.

    The moment is that of the turn `turn_id`; or that after `conversation_history`, oldest line first, with the
    `candidates` that might have spoken (empty means the whole cast) and the `people`, who are no characters.
    """

    turn_id: Key | None = None
    channel_id: Key = "default"
    conversation_history: tuple[Message, ...] = Field((), max_length=1000)
    candidates: tuple[Name, ...] = Field((), max_length=50)
    people: tuple[Annotated[str, Storable], ...] = Field((), max_length=200)
    should: Name | None

    @model_validator(mode="after")
    def _has_a_moment(self) -> Self:
        if (self.turn_id is None) == (not self.conversation_history):
            raise ValueError("name the moment by turn_id or by conversation_history, and by one of them only")
        return self


class SpeakerWeights(Value):
    """What each feature counts, in a small company and in a crowd, and what speaks for silence or against it.

    `corrections` is how many of them the weights were fitted to; 0 for those that Greenroom comes with.
    """

    version: str
    made_at: Moment
    corrections: int = 0
    company: dict[str, float]
    crowd: dict[str, float]
    silence: dict[str, float]


class WeightsReport(Value):
    """The weights in force beside those that Greenroom comes with, and what the features mean.

    `corrections` are kept, `needed` are so many before the weights follow them. `right_with_shipped` and
    `right_when_fitted` are shares 0–1 of corrections that the weights were not fitted to; None before the first fit.
    """

    in_force: SpeakerWeights
    shipped: SpeakerWeights
    meanings: dict[str, str]
    corrections: int = 0
    needed: int
    right_with_shipped: float | None = None
    right_when_fitted: float | None = None
