"""The way into tuning: opinions come in, advice for the prompts goes out, and the log of turns is followed.

What people and quality control think of a line is also told to the routing that chose its model.
"""

from asyncio import TaskGroup
from types import TracebackType
from typing import Self

from greenroom.clock import Clock
from greenroom.errors import InvalidInput
from greenroom.following import receipt_of
from greenroom.lane import Lane
from greenroom.model import (
    CharacterId,
    Guidance,
    Nothing,
    OptimizeRequest,
    Performance,
    PerformanceRequest,
    PerformanceStats,
    Rating,
    Ratings,
    RatingsRequest,
    TurnId,
    TurnRef,
)
from greenroom.ports import Routing, Turns
from greenroom.storage.database import Database
from greenroom.tuning.follower import Follower
from greenroom.tuning.guidance import Evidence, guidance
from greenroom.tuning.opinions import Opinions
from greenroom.tuning.outcomes import Outcomes, decision_behind
from greenroom.tuning.performances import Performances

_HABIT_TURNS = 200
_DISLIKED_LINES = 2


class TuningService:
    """Ratings, recorded turns and guidance. While it is entered (`async with`), it follows the log of turns, when
    nobody waits for an answer of this process.

    Characters are known here by their id.
    """

    def __init__(
        self,
        database: Database,
        turns: Turns,
        routing: Routing,
        clock: Clock,
        lane: Lane | None = None,
    ) -> None:
        self._database = database
        self._turns = turns
        self._clock = clock
        self._opinions = Opinions(database)
        self._performances = Performances(database)
        self._follower = Follower(turns, self._performances, clock, lane)
        self._outcomes = Outcomes(database, routing, clock)

    async def __aenter__(self) -> Self:
        self._tasks = await TaskGroup().__aenter__()
        following, telling = self._follower.follow(), self._outcomes.tell()
        self._at_work = [self._tasks.create_task(following), self._tasks.create_task(telling)]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._at_work:
            task.cancel()
        await self._tasks.__aexit__(None, None, None)

    async def rate(self, rating: Rating, /) -> Ratings:
        """Keep one person's opinion of a turn; thumb 0 without stars takes it back.

        Raises: UnknownTurn; InvalidInput, when another character made the turn.
        """
        receipt = await self._turns.explain(TurnRef(id=rating.turn_id))
        turn = receipt.turn
        if rating.character.casefold() not in {turn.character, turn.character_name.casefold()}:
            raise InvalidInput(f"character: turn {turn.id!r} is by {turn.character!r}, not by {rating.character!r}")
        await self._opinions.keep(rating, turn.character, self._clock.now(), decision_behind(receipt))
        return await self._opinions.matching(RatingsRequest(turn_id=turn.id))

    async def ratings(self, request: RatingsRequest, /) -> Ratings:
        """List ratings, newest first."""
        return await self._opinions.matching(request)

    async def record_performance(self, performance: Performance, /) -> Nothing:
        """Keep how a turn went; the same turn again replaces its record."""
        await self._performances.keep(performance, self._clock.now())
        return Nothing()

    async def performance_stats(self, request: PerformanceRequest, /) -> PerformanceStats:
        """Sum up the recorded turns."""
        character = request.character and request.character.casefold()
        sums = await self._performances.sums(character)
        thumbs = await self._opinions.matching(RatingsRequest(character=character, limit=1))
        return sums.model_copy(update={"up": thumbs.up, "down": thumbs.down})

    async def optimize_prompt(self, request: OptimizeRequest, /) -> Guidance:
        """Return advice from this turn's faults, those of the character's last 200 turns, and lines disliked."""
        character = CharacterId(request.character.casefold())
        habits, turns = await self._performances.habits(character, _HABIT_TURNS)
        return guidance(Evidence(request.violations, tuple(habits), turns, await self._disliked(character)))

    async def ping(self) -> None:
        """Ask the database for an answer. Raises: Unavailable, StorageFailed."""
        await self._database.ping()

    async def _disliked(self, character: CharacterId) -> tuple[tuple[str, int], ...]:
        """The text is asked for anew each time, so that a line which was removed is not quoted."""
        disliked = await self._opinions.disliked(character, _DISLIKED_LINES)
        lines = [(await self._reply(turn_id), down) for turn_id, down in disliked]
        return tuple((line, down) for line, down in lines if line)

    async def _reply(self, turn_id: TurnId) -> str | None:
        """The text of a reply that may be quoted anywhere: not one that was given before some of the cast alone."""
        receipt = await receipt_of(self._turns, turn_id)
        return receipt.turn.reply if receipt and receipt.turn.present is None else None
