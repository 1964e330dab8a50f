"""How characters speak on Discord: each with a bot of its own, or through webhooks. A port: posting knows neither."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from greenroom.model import Character, CharacterId


@dataclass(frozen=True)
class Utterance:
    """One message to be sent. `nonce` makes it one, however often it is sent; `silent` ones notify nobody."""

    channel_id: int
    text: str
    nonce: str
    reply_to: int | None = None
    silent: bool = False


class Voice(Protocol):
    """A character's voice.

    All verbs raise: Forbidden, where it may not; NotFound, for what is gone; Unavailable (retryable), when Discord
    cannot be reached or asks to wait for long; UpstreamRefused, when Discord will never take it.
    """

    character: CharacterId

    def hears(self, channel_id: int) -> bool:
        """Whether the character sees this channel now."""
        ...

    def typing(self, channel_id: int) -> AbstractAsyncContextManager[None]:
        """Show that the character types, until it is left. Where that cannot be shown, it is not."""
        ...

    async def say(self, line: Utterance) -> int:
        """Send a message; return its id."""
        ...

    async def edit(self, channel_id: int, message_id: int, text: str) -> None:
        """Put another text into a message of this voice."""
        ...

    async def delete(self, channel_id: int, message_id: int) -> None:
        """Delete a message of this voice; one that is gone is no error."""
        ...

    async def find(self, line: Utterance, since: datetime) -> Sequence[int]:
        """The messages of this voice since then that are this line, the newest first."""
        ...


class Voices:
    """The voices of one door. `through_webhooks` makes one for a character without a bot, where there are webhooks."""

    def __init__(self) -> None:
        self._own: dict[CharacterId, Voice] = {}
        self.through_webhooks: Callable[[CharacterId], Voice] | None = None

    def add(self, voice: Voice) -> None:
        """Let a character speak with a bot of its own."""
        self._own[voice.character] = voice

    def of(self, character: CharacterId, channel_id: int, *, in_private: bool = False) -> Voice | None:
        """What a character speaks with in a channel; None where it is not. In private, that is its own bot alone."""
        voice = self._own.get(character)
        if in_private:
            return voice
        if voice is None and self.through_webhooks is not None:
            voice = self.through_webhooks(character)
        return voice if voice is not None and voice.hears(channel_id) else None

    def present(self, channel_id: int, cast: Iterable[Character]) -> tuple[CharacterId, ...]:
        """Those of the cast who are in a channel."""
        return tuple(character.id for character in cast if self.of(character.id, channel_id) is not None)
