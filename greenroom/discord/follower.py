"""Reads the log of turns, so that what is said on Discord without being asked there is posted as well."""

from datetime import timedelta

from greenroom.clock import Clock
from greenroom.discord.outbox import Outbox, channel_of
from greenroom.discord.posting import Posting, is_to_be_posted
from greenroom.following import follow_for_ever
from greenroom.model import CharacterId, FollowRequest, Turn
from greenroom.ports import Turns

FOLLOWER = "discord"
_PAGE_TURNS = 100
_LONG_PAGE_TURNS = 1000


class Follower:
    """Follows the log from a cursor that is kept with the outbox. `own` is the one character to post for, if any.

    What is older than `catch_up_s` is not posted any more.
    """

    def __init__(
        self,
        turns: Turns,
        outbox: Outbox,
        posting: Posting,
        clock: Clock,
        own: CharacterId | None,
        catch_up_s: float,
    ) -> None:
        self._turns = turns
        self._outbox = outbox
        self._posting = posting
        self._clock = clock
        self._own = own
        self._catch_up = timedelta(seconds=catch_up_s)

    async def follow(self) -> None:
        """Follow for ever."""
        await follow_for_ever(self.read_page, self._clock, FOLLOWER)

    async def begin(self) -> None:
        """Begin at the end of the log, if it is read for the first time: what was said long ago was said without us.

        What is new was perhaps said while this door was opening. It is posted, unless it stands in its channel.
        """
        if await self._outbox.cursor() is None:
            recent, end = await self._recent()
            await self._outbox.take(recent, self._clock.now(), end)

    async def read_page(self) -> bool:
        """Take the next page of the log; return whether there is probably more."""
        cursor = await self._outbox.cursor() or 0
        page = await self._turns.follow(FollowRequest(after=cursor, limit=_PAGE_TURNS))
        if page.cursor > cursor:
            await self._posting.take([turn for turn in page.turns if self._is_for_us(turn)], page.cursor)
        return len(page.turns) == _PAGE_TURNS

    async def _recent(self) -> tuple[list[Turn], int]:
        """The answers that may still be posted, and where the log ends."""
        cursor, recent = 0, list[Turn]()
        while (page := await self._turns.follow(FollowRequest(after=cursor, limit=_LONG_PAGE_TURNS))).turns:
            cursor = page.cursor
            recent += [turn for turn in page.turns if self._is_for_us(turn) and self._is_new(turn)]
        return recent, cursor

    def _is_new(self, turn: Turn) -> bool:
        ended = turn.ended_at if is_to_be_posted(turn) else None
        return ended is not None and self._clock.now() - ended <= self._catch_up

    def _is_for_us(self, turn: Turn) -> bool:
        return channel_of(turn) is not None and self._own in {None, turn.character}
