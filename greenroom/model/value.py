"""What every noun of the house has in common: it is a frozen value that can travel over HTTP."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated, NewType, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

T = TypeVar("T")

Stream = AsyncGenerator[T, None]
"""What a streaming verb returns: a generator, so that the reader can close it early."""

CharacterId = NewType("CharacterId", str)
ChannelId = NewType("ChannelId", str)
PersonId = NewType("PersonId", str)
TurnId = NewType("TurnId", str)

Moment = Annotated[datetime, AwareDatetime]
"""A point in time with its zone; the house writes UTC."""


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty or only white space")
    return text


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not contain the character U+0000")
    return text


NonBlank = Annotated[str, AfterValidator(_not_blank)]
Storable = AfterValidator(_storable)
"""Makes a text one that every database can keep: PostgreSQL knows no U+0000."""
Key = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f/\\]+$")]
"""An identifier given from outside: short, on one line, and never a path."""
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")
]
"""What somebody is called: one line of any script."""


class Value(BaseModel):
    """An immutable value. Unknown fields are ignored, so that services of two versions can talk during an upgrade."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, allow_inf_nan=False)


class Nothing(Value):
    """What a verb takes or returns when there is nothing to say."""


class Page(Value):
    """Which part of a long list is wanted: entries after `after` (a cursor from an earlier page), at most `limit`."""

    after: int = Field(0, ge=0)
    limit: int = Field(50, ge=1, le=1000)
