"""Follows the log of turns: what was said goes to be read, what was taken back goes out of the world, and so does what
somebody did by hand who shall be forgotten."""

from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.background import TaskQueue
from greenroom.clock import Clock
from greenroom.following import follow_for_ever, to_its_end
from greenroom.lane import Lane, step
from greenroom.model import FollowRequest, Turn, TurnToAnalyze
from greenroom.ports import Turns
from greenroom.world.analyst import task_of
from greenroom.world.conversations import Conversations
from greenroom.world.forgetting import Forgetting

PAGE_TURNS = 100


class Follower:
    """Follows the log from a durable cursor. A page that was half done is done again, which is no harm.

    Each turn is a step of the `lane`. Where it `only_forgets`, what is taken back goes out of the world, and nothing
    comes in.
    """

    def __init__(
        self,
        turns: Turns,
        conversations: Conversations,
        forgetting: Forgetting,
        queue: TaskQueue,
        clock: Clock,
        lane: Lane | None,
        *,
        only_forgets: bool,
    ) -> None:
        self._turns, self._conversations, self._forgetting = turns, conversations, forgetting
        self._queue, self._clock, self._lane = queue, clock, lane
        self._leaving = None if only_forgets else self._leave

    async def follow(self) -> None:
        """Follow for ever."""
        await follow_for_ever(self.read_page, self._clock, "world", self._lane)

    async def read_page(self) -> bool:
        """Take in the next page of the log; return whether there is probably more."""
        async with step():
            cursor = await to_its_end(self._conversations.cursor())
            page = await self._turns.follow(FollowRequest(after=cursor, limit=PAGE_TURNS))
        for turn in page.turns:
            async with step():
                await to_its_end(self._hear(turn))
        if page.cursor > cursor:
            async with step():
                await to_its_end(self._conversations.advance(page.cursor))
        return len(page.turns) == PAGE_TURNS

    async def _hear(self, turn: Turn) -> None:
        if turn.state == "forgotten":  # what this person said comes by itself
            await self._forgetting.forget(turn.user_id, turn.begun_at)
        elif turn.state != "begun":
            await self._conversations.observe(turn, self._leaving)

    async def _leave(self, connection: AsyncConnection, turn: TurnToAnalyze) -> None:
        await self._queue.enqueue_within(connection, [task_of(turn)])
