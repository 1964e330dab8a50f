"""Characters who speak unasked, planned when a turn is in the log: who answers a person that spoke to nobody in
particular, and who falls in on another character. What is planned here, `prompter.py` has said."""

from datetime import timedelta

import structlog

from greenroom.clock import Clock
from greenroom.config import CoordinatorSettings
from greenroom.coordinator.chooser import Chooser
from greenroom.coordinator.plans import Plan, Plans
from greenroom.model import Cause, FollowRequest, Opportunity, Turn
from greenroom.ports import Turns

_PAGE_TURNS = 100
_FOLLOWED = ("answered", "heard")

log = structlog.get_logger(__name__)


class FollowUps:
    """Reads the log of turns, and plans who speaks on each."""

    def __init__(
        self, turns: Turns, chooser: Chooser, plans: Plans, settings: CoordinatorSettings, clock: Clock
    ) -> None:
        self._turns = turns
        self._chooser = chooser
        self._plans = plans
        self._settings = settings
        self._clock = clock

    async def read_page(self) -> bool:
        """Plan what may follow the next page of the log; return whether there is probably more."""
        cursor = await self._plans.cursor()
        page = await self._turns.follow(FollowRequest(after=cursor, limit=_PAGE_TURNS))
        if page.cursor > cursor:
            ended = {turn.channel_id: turn for turn in page.turns if turn.state in _FOLLOWED}
            planned = [plan for turn in ended.values() for plan in await self._plan(turn)]
            await self._plans.add(planned, page.cursor)
        return len(page.turns) == _PAGE_TURNS

    async def _plan(self, turn: Turn) -> list[Plan]:
        occasion = await self._chooser.occasion(turn.channel_id)
        if occasion.last_turn is None or occasion.last_turn.id != turn.id:
            return []  # others have spoken since: they will be followed, or not
        if await self._plans.quiet_until(turn.channel_id, self._clock.now()):
            return []
        found = occasion.opportunities(turn.id)
        if found[0].should_respond and (chosen := await self._chooser.tie_broken(occasion)):
            found = occasion.opportunities(turn.id, chosen)
        log.debug("follow_up_weighed", turn=turn.id, who=found[0].character, why_not=found[0].why_not)
        return [self.plan_of(one, turn, place) for place, one in enumerate(found) if one.should_respond]

    def plan_of(self, found: Opportunity, turn: Turn, place: int = 0) -> Plan:
        """A character's line on a turn, as a plan; the one in this `place`, where several answer side by side."""
        assert found.character is not None
        ended = turn.ended_at or self._clock.now()
        return Plan(
            id=f"follow-up:{turn.id}" + (f":{place}" if place else ""),
            channel_id=turn.channel_id,
            turn_id=turn.id,
            character=found.character,
            cause=Cause(
                kind="answer" if turn.state == "heard" else "follow_up",
                reasons=found.reasons,
                chances=found.chances,
                silence=found.silence,
                weights=found.weights,
                mood=found.mood,
                delay_s=found.delay_s,
            ),
            due_at=ended + timedelta(seconds=found.delay_s),
            stale_at=ended + timedelta(seconds=self._settings.stale_after_s),
            side_by_side=turn.state == "heard" and self._settings.simultaneous > 1,
        )
