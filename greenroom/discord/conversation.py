"""What people say on Discord, on its way to the cast: whom it speaks to, and what becomes of it."""

import asyncio
from collections.abc import Mapping
from typing import Literal, NamedTuple

import structlog
from cachetools import LRUCache

from greenroom.clock import Clock
from greenroom.config import Backoff, DiscordSettings
from greenroom.discord.addressing import addressee
from greenroom.discord.channels import Channels
from greenroom.discord.lanes import Lanes
from greenroom.discord.outbox import PREFIX
from greenroom.discord.permissions import takes_part
from greenroom.discord.posting import Posting
from greenroom.discord.recent import Recent
from greenroom.discord.said import Said
from greenroom.discord.voices import Utterance, Voice, Voices
from greenroom.discord.wording import safe_name
from greenroom.errors import Conflict, GreenroomError, TurnFailed
from greenroom.model import (
    ChannelRequest,
    Character,
    CharacterId,
    DeadLetterRef,
    HeardLine,
    Nothing,
    TurnRef,
    TurnReply,
    TurnRequest,
)
from greenroom.patience import passes
from greenroom.ports import Characters, Router, Turns

_AGAIN = Backoff(attempts=4, base_s=1.0, factor=2.0, max_s=10.0)
_LONGEST = 20_000

Heard = Literal["live", "late", "passed over"]
"""How a message came: as it was said; by catching up; or so as well, and behind it there is a newer one to answer."""

log = structlog.get_logger(__name__)


class _Writing(NamedTuple):
    """An answer that is being written, and by whom."""

    character: CharacterId
    answer: asyncio.Task[TurnReply]


class Conversation:
    """Takes in what is said, one message after another in each channel.

    `accounts` are the bots of characters by their account, and `houses` those that speak for all through webhooks.
    `own` is the one character that this door is for; None, when it is for all.
    """

    def __init__(
        self,
        router: Router,
        turns: Turns,
        characters: Characters,
        voices: Voices,
        posting: Posting,
        channels: Channels,
        settings: DiscordSettings,
        clock: Clock,
        own: CharacterId | None,
    ) -> None:
        self._router = router
        self._turns = turns
        self._characters = characters
        self._voices = voices
        self._posting = posting
        self._channels = channels
        self._settings = settings
        self._clock = clock
        self._own = own
        self._seen = Recent()
        self._begun = Recent()
        self._writing: dict[tuple[int, int], _Writing] = {}
        self._lost_at_s: LRUCache[int, float] = LRUCache(10_000)
        self.lanes = Lanes("hearing")
        self.accounts: dict[int, CharacterId] = {}
        self.houses: set[int] = set()
        self.heard = 0

    async def hear(self, said: Said, when: Heard = "live") -> None:
        """Take in a message, once, however many bots see it and however often it is told."""
        if not takes_part(said, self._settings) or not said.text or not self._seen.add(said.message_id):
            return
        self.heard += 1
        self.lanes.put(said.channel_id, lambda: self._take_in(said, when))
        await self._overtake(said)

    async def _overtake(self, said: Said) -> None:
        """Call off the answer that is being written to an older message of this person, where the settings say so."""
        writing = self._writing.get((said.channel_id, said.author_id))
        if writing is not None and await self.who_is_addressed(said) == writing.character:
            writing.answer.cancel()

    async def who_is_addressed(self, said: Said) -> CharacterId | None:
        """Whom a message speaks to."""
        if said.to is not None:
            return said.to
        cast = await self._cast()
        post = None
        if said.reply_to is not None:
            post = await self._posting.of_message(said.reply_to, said.channel_id)
        mentioned = [self.accounts[account] for account in said.mentioned if account in self.accounts]
        who = addressee(said.text, post.character if post else None, mentioned, cast.values())
        if who is None and not self.houses.isdisjoint(said.mentioned):
            return await self._last_speaker(said, cast)
        return who

    async def _last_speaker(self, said: Said, cast: Mapping[CharacterId, Character]) -> CharacterId | None:
        """Who speaks for the house when nobody is named: whoever spoke last in the channel, or the first of all."""
        talk = await self._turns.recall(ChannelRequest(channel_id=f"{PREFIX}{said.channel_id}", limit=10))
        spoke = [turn.character for turn in reversed(talk.turns) if turn.character in cast]
        return next(iter([*spoke, *cast]), None)

    async def _take_in(self, said: Said, when: Heard) -> None:
        if said.key in self._posting.gone:
            return
        if self._begun.add(said.channel_id):
            await self._channels.begin({said.channel_id: said.message_id - 1})
        with structlog.contextvars.bound_contextvars(message=said.message_id, channel=said.channel_id):
            try:
                await self._answer_or_note(said, when)
            except GreenroomError as exc:
                log.warning("discord.not_taken_in", error=type(exc).__name__, detail=exc.detail)
            if when != "passed over":  # else what is behind it would not be found again after a crash
                await self._channels.saw(said.channel_id, said.message_id)

    async def _answer_or_note(self, said: Said, when: Heard) -> None:
        who = await self.who_is_addressed(said)
        if self._own is not None and who not in {self._own, None}:
            return  # its own door answers
        voice = self._voices.of(who, said.channel_id, in_private=said.to is not None) if who is not None else None
        if who is not None and voice is not None and when != "passed over":
            await self._answer(said, who, voice, when == "late")
        elif voice is not None or self._is_overheard(said):
            line = await self._line(said) | {"text": said.text[:_LONGEST]}
            if when != "live":
                line["said_at"] = said.said_at
            await self._router.hear(HeardLine.model_validate(line))

    def _is_overheard(self, said: Said) -> bool:
        """Whether the cast listens to what is said to nobody in particular."""
        return self._settings.open_floor and not said.for_other_bots and said.place != "private"

    async def _answer(self, said: Said, who: CharacterId, voice: Voice, is_late: bool) -> None:
        line = await self._line(said) | {"character_name": who, "input_text": said.text[:_LONGEST]}
        try:
            async with voice.typing(said.channel_id):
                reply = await self._unless_overtaken(said, who, TurnRequest.model_validate(line), is_late)
            if reply is None:
                return
        except Conflict:
            return  # it is being answered already, and will be posted from the log
        except GreenroomError as exc:
            log.warning("discord.no_answer", character=who, error=type(exc).__name__, detail=exc.detail)
            await self._lose_the_thread(said, who, voice)
            return
        turn = (await self._turns.explain(TurnRef(id=reply.metadata.turn_id))).turn
        await self._posting.take([turn])

    async def _unless_overtaken(
        self, said: Said, who: CharacterId, request: TurnRequest, is_late: bool
    ) -> TurnReply | None:
        """The answer; None when it was called off for a newer message."""
        if not self._settings.newest_only:
            return await self._reply(request, is_late)
        answer = asyncio.create_task(self._reply(request, is_late))
        key = said.channel_id, said.author_id
        self._writing[key] = _Writing(who, answer)
        try:
            await asyncio.wait([answer])
        finally:
            del self._writing[key]
            answer.cancel()
            await asyncio.wait([answer])
        return None if answer.cancelled() else answer.result()

    async def _reply(self, request: TurnRequest, is_late: bool) -> TurnReply:
        """The answer of the router, which is asked again while it is away; the same request is answered once."""
        for failures in range(1, _AGAIN.attempts):
            try:
                return await self._router.orchestrate(request)
            except TurnFailed as exc:
                letter = exc.extra.get("dead_letter")
                if not is_late or not letter:
                    raise
                return await self._router.replay(DeadLetterRef(id=letter))  # it was cut off when we went down
            except GreenroomError as exc:
                if not passes(exc):
                    raise
            await self._clock.sleep(_AGAIN.pause_s(failures))
        return await self._router.orchestrate(request)

    async def _line(self, said: Said) -> dict[str, object]:
        """What the log keeps of a message, beside its text."""
        cast = await self._cast()
        names = [name for character in cast.values() for name in character.names]
        return {
            "channel_id": f"{PREFIX}{said.channel_id}",
            "user_id": f"{PREFIX}{said.author_id}",
            "user_name": safe_name(said.author_name, names, said.author_id),
            "request_id": said.key,
            "message_id": said.key,
            "place": said.place,
            "parent_id": f"{PREFIX}{said.parent_id}" if said.parent_id is not None else None,
            "present": self._present(said, cast),
        }

    def _present(self, said: Said, cast: Mapping[CharacterId, Character]) -> tuple[CharacterId, ...] | None:
        """Who witnesses a message: in private the one who was written to, else those whose bots see the channel.

        The door of a single character cannot see through the eyes of the others: it takes all for present where
        everybody on the server is, and itself alone elsewhere.
        """
        if said.to is not None:
            return (said.to,)
        if self._own is not None and said.is_public:
            return None
        return self._voices.present(said.channel_id, cast.values())

    async def _lose_the_thread(self, said: Said, who: CharacterId, voice: Voice) -> None:
        """Say in character that there is no answer; seldom, and never what went wrong."""
        now_s = self._clock.monotonic_s()
        last_s = self._lost_at_s.get(said.channel_id)
        lines = (await self._cast())[who].sheet.lost_thread
        if not lines or (last_s is not None and now_s - last_s < self._settings.lost_thread_every_s):
            return
        self._lost_at_s[said.channel_id] = now_s
        line = lines[said.message_id % len(lines)]
        try:
            await voice.say(Utterance(said.channel_id, line, nonce=f"lost {said.message_id}"[:25]))
        except GreenroomError as exc:
            log.warning("discord.not_said", character=who, error=type(exc).__name__, detail=exc.detail)

    async def _cast(self) -> dict[CharacterId, Character]:
        return {character.id: character for character in (await self._characters.cast(Nothing())).characters}
