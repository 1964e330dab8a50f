"""Reads the log of turns and records how each turn went, off the person's path."""

from greenroom.clock import Clock
from greenroom.following import follow_for_ever, receipt_of
from greenroom.lane import Lane, step
from greenroom.model import FollowRequest, Performance, Receipt, Turn
from greenroom.ports import Turns
from greenroom.tuning.outcomes import by_quality
from greenroom.tuning.performances import FOLLOWER, Performances, Read

PAGE_TURNS = 100


class Follower:
    """Follows the log from a cursor that is kept with the records, so that a turn is recorded once, come what may."""

    def __init__(self, turns: Turns, performances: Performances, clock: Clock, lane: Lane | None = None) -> None:
        self._turns = turns
        self._performances = performances
        self._clock = clock
        self._lane = lane

    async def follow(self) -> None:
        """Follow for ever."""
        await follow_for_ever(self.read_page, self._clock, FOLLOWER, self._lane)

    async def read_page(self) -> bool:
        """Record the next page of the log; return whether there is probably more.

        Raises: whatever the router or the database raise; then nothing of the page is recorded.
        """
        async with step():
            cursor = await self._performances.cursor()
            page = await self._turns.follow(FollowRequest(after=cursor, limit=PAGE_TURNS))
        if page.cursor > cursor:
            ended = [turn for turn in page.turns if turn.state in ("answered", "failed")]
            read = [found for turn in ended if (found := await self._read(turn))]
            withdrawn = [turn.id for turn in page.turns if turn.state == "withdrawn"]
            forgotten = [turn.user_id for turn in page.turns if turn.state == "forgotten"]
            async with step():
                await self._performances.advance(read, page.cursor, withdrawn, forgotten)
        return len(page.turns) == PAGE_TURNS

    async def _read(self, turn: Turn) -> Read | None:
        async with step():
            receipt = await receipt_of(self._turns, turn.id)
        if receipt is None:
            return None
        ended_at = receipt.turn.ended_at or receipt.turn.begun_at
        return Read(performance_of(receipt), ended_at, by_quality(receipt))


def performance_of(receipt: Receipt) -> Performance:
    """How a turn went, by its receipt. A rule that two drafts broke is named twice."""
    turn = receipt.turn
    verdicts = [attempt.verdict for attempt in receipt.attempts if attempt.verdict]
    return Performance(
        turn_id=turn.id,
        character=turn.character,
        success=turn.state == "answered",
        quality_score=turn.quality_score,
        attempts=len(receipt.attempts),
        violations=tuple(violation.rule for verdict in verdicts for violation in verdict.violations),
        seconds=max(0.0, (turn.ended_at - turn.begun_at).total_seconds()) if turn.ended_at else 0.0,
    )
