"""Posting what the cast says: from the log of turns through the outbox into the channel, in order, and once."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog

from greenroom.clock import Clock
from greenroom.config import Backoff, DiscordSettings
from greenroom.discord.lanes import Lanes
from greenroom.discord.outbox import PREFIX, Outbox, Post, channel_of, id_in
from greenroom.discord.pace import typing_s
from greenroom.discord.recent import Recent
from greenroom.discord.splitting import split
from greenroom.discord.standing import Standing
from greenroom.discord.voices import Utterance, Voice, Voices
from greenroom.discord.wording import harmless
from greenroom.errors import Forbidden, GreenroomError, NotFound, UpstreamRefused
from greenroom.following import receipt_of
from greenroom.model import LineRef, Turn, TurnId
from greenroom.patience import passes
from greenroom.ports import Turns

_AGAIN = Backoff(attempts=6, base_s=1.0, factor=3.0, max_s=60.0)

log = structlog.get_logger(__name__)


class Posting:
    """Posts turns.

    `gone` holds the keys of messages that were deleted: nothing is posted in answer to them; and the ids of turns that
    were called off. `deleted_by_us` are those messages that we deleted ourselves, by their ids. `is_quiet` tells of a
    channel of the log whether nothing unasked is to be said there now.
    """

    def __init__(
        self,
        voices: Voices,
        outbox: Outbox,
        turns: Turns,
        settings: DiscordSettings,
        clock: Clock,
        standing: Standing,
        is_quiet: Callable[[str], Awaitable[bool]],
    ) -> None:
        self._voices = voices
        self._outbox = outbox
        self._turns = turns
        self._settings = settings
        self._clock = clock
        self._standing = standing
        self._is_quiet = is_quiet
        self._began_at = clock.now()
        self.lanes = Lanes("posting")
        self.gone = Recent()
        self.deleted_by_us = Recent()
        self.posted = 0

    async def resume(self) -> None:
        """Post what an earlier run has left."""
        for turn_id in await self._outbox.waiting():
            await self._queue(turn_id)

    async def take(self, turns: Sequence[Turn], cursor: int | None = None) -> None:
        """Post what was answered, and take back what was withdrawn; each is written down before this returns."""
        answered = [turn for turn in turns if is_to_be_posted(turn)]
        withdrawn = [turn for turn in turns if turn.state == "withdrawn"]
        await self._outbox.take(answered, self._clock.now(), cursor, withdrawn)
        for turn in (*answered, *withdrawn):
            await self._queue(turn.id)

    async def post(self, turn: Turn) -> Sequence[Post]:
        """Post a turn, and return its posts when that is done."""
        await self.take([turn])
        channel_id = channel_of(turn)
        assert channel_id is not None, "only turns of Discord are posted"
        await self.lanes.rest(channel_id)
        return await self._outbox.of_turn(turn.id)

    async def of_message(self, message_id: int, channel_id: int) -> Post | None:
        """The post that became this message, which may be so new that it is not written down yet."""
        post = await self._outbox.of_message(message_id)
        if post is None:
            await self.lanes.rest(channel_id)
            post = await self._outbox.of_message(message_id)
        return post

    async def _queue(self, turn_id: TurnId) -> None:
        posts = await self._outbox.of_turn(turn_id)
        if any(post.state == "waiting" for post in posts):
            self.lanes.put(posts[0].channel_id, lambda: self._patiently(turn_id))

    async def _patiently(self, turn_id: TurnId) -> None:
        """Deliver a turn, with pauses where Discord or the log are away; in the end it waits for the next start."""
        for failures in range(_AGAIN.attempts):
            try:
                return await self._deliver(turn_id, failures > 0)
            except GreenroomError as exc:
                if not passes(exc) or failures + 1 == _AGAIN.attempts:
                    log.warning("discord.post_failed", turn=turn_id, error=type(exc).__name__, detail=exc.detail)
                    return None
            await self._clock.sleep(_AGAIN.pause_s(failures + 1))
        return None

    async def _deliver(self, turn_id: TurnId, was_tried: bool) -> None:
        posts = await self._outbox.of_turn(turn_id)
        if not any(post.state == "waiting" for post in posts):
            return
        turn = await self._turn(turn_id)
        voice = self._voice(turn, posts[0]) if turn is not None else None
        if turn is None or voice is None:
            log.warning("discord.nobody_to_post", turn=turn_id, character=posts[0].character)
            await self._outbox.drop_waiting(turn_id)
            return
        parts = self._parts(turn)
        try:
            for post in await self._outbox.add(posts[0], len(parts)):
                if post.state == "waiting":
                    await self._settle(turn, voice, post, parts, was_tried)
        except (Forbidden, NotFound, UpstreamRefused) as exc:
            self._standing.notice(posts[0].character, posts[0].channel_id, exc.detail)
            await self._outbox.drop_waiting(turn_id)

    def _voice(self, turn: Turn, post: Post) -> Voice | None:
        return self._voices.of(post.character, post.channel_id, in_private=turn.place == "private")

    async def _turn(self, turn_id: TurnId) -> Turn | None:
        receipt = await receipt_of(self._turns, turn_id)
        return receipt.turn if receipt else None

    def _parts(self, turn: Turn) -> list[str]:
        """What is to stand in the channel for a turn; nothing for what was withdrawn, or comes too late."""
        now = self._clock.now()
        is_late = now - (turn.ended_at or now) > timedelta(seconds=self._settings.catch_up_s)
        if turn.state != "answered" or not turn.reply or is_late or self._is_gone(turn):
            return []
        return split(harmless(turn.reply))

    def _is_gone(self, turn: Turn) -> bool:
        return turn.id in self.gone or turn.message_id in self.gone

    async def _settle(self, turn: Turn, voice: Voice, post: Post, parts: list[str], was_tried: bool) -> None:
        """Bring one message to what it should be: sent, changed, or gone."""
        if post.part >= len(parts) or self._is_gone(turn):
            if post.message_id is not None:
                self.deleted_by_us.add(post.message_id)
                await voice.delete(post.channel_id, post.message_id)
            await self._outbox.drop(post)
            return
        if post.message_id is not None and await self._edited(voice, post, parts[post.part]):
            return
        line = self._utterance(turn, post, parts[post.part])
        if was_tried or post.begun_at < self._began_at:
            found = await voice.find(line, post.begun_at)
            unknown = [message for message in found if message not in await self._outbox.known(found)]
            if unknown:
                await self._outbox.posted(post, unknown[-1])
                return
        await self._send(turn, voice, post, line)

    async def _edited(self, voice: Voice, post: Post, text: str) -> bool:
        assert post.message_id is not None
        try:
            await voice.edit(post.channel_id, post.message_id, text)
        except NotFound:
            await self._outbox.lost(post)
            return False
        await self._outbox.posted(post, post.message_id)
        return True

    async def _send(self, turn: Turn, voice: Voice, post: Post, line: Utterance) -> None:
        now = self._clock.now()
        spent_s = (now - turn.begun_at).total_seconds() if post.part == 0 else 0.0
        pause_s = typing_s(line.text, self._settings, spent_s)
        if pause_s:
            async with voice.typing(post.channel_id):
                await self._clock.sleep(pause_s)
        if post.part == 0 and turn.message_type == "organic" and await self._is_quiet(turn.channel_id):
            await self._turns.withdraw(LineRef(turn_id=turn.id))  # nobody has read it
            self.gone.add(turn.id)
        if self._is_gone(turn):
            await self._outbox.drop(post)
            return
        await self._outbox.posted(post, await voice.say(line))
        self.posted += 1

    def _utterance(self, turn: Turn, post: Post, text: str) -> Utterance:
        asked = turn.message_id.removeprefix(PREFIX) if turn.message_id and turn.message_type == "direct" else ""
        is_first = post.part == 0
        reply_to = id_in(asked) if is_first and turn.place != "private" else None
        return Utterance(post.channel_id, text, post.nonce, reply_to, silent=not is_first)


def is_to_be_posted(turn: Turn) -> bool:
    """Whether a turn was answered, and not by a program that has posted the line and only told the house of it."""
    return turn.state == "answered" and not (turn.message_type == "organic" and turn.message_id is not None)
