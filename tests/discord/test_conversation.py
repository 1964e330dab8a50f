import asyncio
from typing import Any, cast

import pytest
from pydantic import SecretStr

from greenroom.config import DiscordSettings
from greenroom.discord.conversation import Conversation
from greenroom.discord.posting import Posting
from greenroom.discord.said import Said
from greenroom.discord.service import DiscordService
from greenroom.discord.voices import Voices
from greenroom.errors import CircuitOpen, Conflict, GreenroomError, ServiceAway, Unavailable
from greenroom.model import Cast, Nothing, Sheet, TurnReply, TurnRequest
from greenroom.testing import FixedCast, FrozenClock
from tests.discord.stage import CHANNEL, FakeVoice
from tests.waiting import come_true


class Router:
    """Never answers before it may, and then that somebody else does."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.is_asked, self.may_end = asyncio.Event(), asyncio.Event()

    async def orchestrate(self, request: TurnRequest, /) -> TurnReply:
        self.asked.append(request.input_text)
        self.is_asked.set()
        await self.may_end.wait()
        raise Conflict("it is being answered already")


class Characters(FixedCast):
    """Peter, unless the service is away."""

    away = False

    async def cast(self, nothing: Nothing, /) -> Cast:
        if self.away:
            raise ServiceAway("characters does not answer")
        return await super().cast(nothing)


class Channels:
    """Keeps nothing."""

    async def begin(self, after: dict[int, int]) -> None: ...

    async def saw(self, channel_id: int, message_id: int) -> None: ...


class LateCharacters(FixedCast):
    """A service that begins after the door, and by then is left in peace."""

    def __init__(self, *sheets: Sheet) -> None:
        super().__init__(*sheets)
        self.errors: list[GreenroomError] = [ServiceAway(), CircuitOpen()]

    async def cast(self, nothing: Nothing, /) -> Cast:
        if self.errors:
            raise self.errors.pop(0)
        return await super().cast(nothing)


async def test_the_door_waits_for_services_that_start_after_it() -> None:
    others: Any = cast("Any", None)
    settings, tokens = DiscordSettings(), {"PETRA": SecretStr("a")}
    door = DiscordService(
        others, others, LateCharacters(Sheet(name="Peter")), others, others, others, settings, tokens, FrozenClock()
    )
    said: list[str] = []

    async def is_told() -> bool:
        try:
            await door.ping()
        except Unavailable as exc:
            said.append(exc.detail)
        return bool(said)

    async with door:
        await come_true(is_told)
    assert "DISCORD_BOT_TOKEN_PETRA is the token of nobody" in said[0]


async def test_a_message_is_not_lost_when_nobody_can_say_whether_it_overtakes_another() -> None:
    router, characters, voices = Router(), Characters(Sheet(name="Peter")), Voices()
    voices.add(FakeVoice())
    others: Any = cast("Any", None)
    settings, clock = DiscordSettings(newest_only=True), FrozenClock()
    posting = Posting(voices, others, others, settings, clock, others, others)
    parts: Any = (router, others, characters, voices, posting, Channels(), settings, clock, None)
    conversation = Conversation(*parts)
    async with conversation.lanes:
        await conversation.hear(Said(1, CHANNEL, 9, "Ann", "Peter, one."))
        await router.is_asked.wait()
        characters.away = True
        with pytest.raises(ServiceAway):
            await conversation.hear(Said(2, CHANNEL, 9, "Ann", "Peter, two."))
        characters.away = False
        router.may_end.set()
        await conversation.lanes.rest(CHANNEL)
    assert router.asked == ["Peter, one.", "Peter, two."]
