"""Follows the log of turns: what was said goes to be read, what was taken back goes out of the world."""

from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.background import TaskQueue
from greenroom.clock import Clock
from greenroom.following import follow_for_ever, to_its_end
from greenroom.model import FollowRequest, TurnToAnalyze
from greenroom.ports import Turns
from greenroom.world.analyst import task_of
from greenroom.world.conversations import Conversations

PAGE_TURNS = 100
_IS_NO_TURN = frozenset({"begun", "forgotten"})
"""Nothing was said yet; or an entry of the log that speaks of turns which come by themselves."""


class Follower:
    """Follows the log from a durable cursor. A page that was half done is done again, which is no harm.

    Where it only `forgets`, what is taken back goes out of the world, and nothing comes in.
    """

    def __init__(
        self, turns: Turns, conversations: Conversations, queue: TaskQueue, clock: Clock, *, forgets: bool
    ) -> None:
        self._turns, self._conversations, self._queue, self._clock = turns, conversations, queue, clock
        self._forgets = forgets

    async def follow(self) -> None:
        """Follow for ever."""
        await follow_for_ever(self.read_page, self._clock, "world")

    async def read_page(self) -> bool:
        """Take in the next page of the log; return whether there is probably more."""
        cursor, leave = await to_its_end(self._conversations.cursor()), None if self._forgets else self._leave
        page = await self._turns.follow(FollowRequest(after=cursor, limit=PAGE_TURNS))
        for turn in page.turns:
            if turn.state not in _IS_NO_TURN:
                await to_its_end(self._conversations.observe(turn, leave))
        if page.cursor > cursor:
            await to_its_end(self._conversations.advance(page.cursor))
        return len(page.turns) == PAGE_TURNS

    async def _leave(self, connection: AsyncConnection, turn: TurnToAnalyze) -> None:
        await self._queue.enqueue_within(connection, [task_of(turn)])
