"""A line: what a person said, where, and who was there; and how it is changed and taken back."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from greenroom.model.value import Key, Moment, Name, NonBlank, Storable, Value

Place = Literal["channel", "thread", "private", "scene"]
"""Where a line was said: before everybody, in a thread of a channel, between a person and those present, in a scene."""

LineText = Annotated[NonBlank, Storable, Field(max_length=20_000)]
"""What a person says in one go, 1 to 20,000 characters."""

Witnesses = Annotated[tuple[Key, ...], Field(max_length=500)]
"""Ids of characters."""


class Setting(Value):
    """Where a line is said, and before whom.

    `present` are the characters that witness it, by id; None stands for the whole cast, in private for the one who
    answers alone. Who answers is always one of them. `parent_id` is the channel that a thread hangs on. `message_id`
    is what the door calls the person's message, by which it can be changed and taken back later.
    """

    place: Place = "channel"
    present: Witnesses | None = None
    parent_id: Key | None = None
    message_id: Key | None = None


class HeardLine(Setting):
    """What a person says to nobody in particular. A `request_id` that was seen before is the same line again.

    `said_at` is for a line that was said earlier than it is told; None is now.
    """

    text: LineText
    channel_id: Key = "default"
    user_id: Key = "person"
    user_name: Annotated[str, Storable] = Field("", max_length=200)
    request_id: Key | None = None
    said_at: Moment | None = None


class OrganicNotice(Setting):
    """What a program has posted as a character by itself, and tells the house afterwards.

    A `request_id` that was seen before is the same line again.
    """

    character_name: Name
    text: LineText
    channel_id: Key = "default"
    request_id: Key | None = None


class LineRef(Value):
    """A line by its turn, or by what the door calls its message.

    `user_id` is the person who asks and must have said it; None is the owner of the house, who may touch every line.
    """

    turn_id: Key | None = None
    message_id: Key | None = None
    user_id: Key | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.turn_id is None) == (self.message_id is None):
            raise ValueError("name the line by turn_id or by message_id, and by one of them only")
        return self


class LineEdit(LineRef):
    """Another wording for a line."""

    text: LineText


class PersonRef(Value):
    """One person, by the id that doors give."""

    user_id: Key


class SaidRequest(PersonRef):
    """What a person said, oldest change first, after the cursor `after`."""

    after: int = Field(0, ge=0)
    limit: int = Field(100, ge=1, le=1000)


class Forgotten(Value):
    """How many turns were taken back."""

    turns: int


class WitnessedRequest(Value):
    """What a character witnessed, oldest change first, after the cursor `after`; in one channel, or in all.

    Each of the `words` must stand in the line or in the answer, in any case of letters.
    """

    character: Key
    after: int = Field(0, ge=0)
    limit: int = Field(100, ge=1, le=1000)
    channel_id: Key | None = None
    words: Annotated[str, Storable] = Field("", max_length=500)
