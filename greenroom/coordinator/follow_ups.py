"""Characters who fall in unasked: planned when a turn is in the log, said when their pause is over, and only once."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta

import structlog

from greenroom.clock import Clock
from greenroom.config import CoordinatorSettings
from greenroom.coordinator.occasion import Occasion
from greenroom.coordinator.plans import Plan, Plans
from greenroom.errors import GreenroomError, UnknownCharacter
from greenroom.model import ChannelRequest, Character, FollowRequest, Nothing, Turn, TurnId, TurnReply, TurnRequest
from greenroom.ports import Characters, Router, Turns

_PAGE_TURNS = 100
_LINES = 60
_LOOK_EVERY_S = 0.25

log = structlog.get_logger(__name__)


class FollowUps:
    """Reads the log of turns, plans who falls in, and has it said by the router."""

    def __init__(
        self,
        router: Router,
        turns: Turns,
        characters: Characters,
        plans: Plans,
        settings: CoordinatorSettings,
        clock: Clock,
    ) -> None:
        self._router = router
        self._turns = turns
        self._characters = characters
        self._plans = plans
        self._settings = settings
        self._clock = clock
        self.said = self.dropped = 0

    async def occasion(self, channel_id: str, cast: Iterable[Character] | None = None) -> Occasion:
        """A channel as it is now. `cast` are the characters that may speak; the whole cast, unless it is given.

        Who did not witness what was said last cannot answer it.
        """
        conversation = await self._turns.recall(ChannelRequest(channel_id=channel_id, limit=_LINES))
        there = (await self._characters.cast(Nothing())).characters if cast is None else cast
        witnesses = conversation.turns[-1].present if conversation.turns else None
        there = [c for c in there if witnesses is None or c.id in witnesses]
        return Occasion(conversation, {c.name: c for c in there}, self._settings, self._clock.now())

    async def read_page(self) -> bool:
        """Plan what may follow the next page of the log; return whether there is probably more."""
        cursor = await self._plans.cursor()
        page = await self._turns.follow(FollowRequest(after=cursor, limit=_PAGE_TURNS))
        if page.cursor > cursor:
            ended = {turn.channel_id: turn for turn in page.turns if turn.state in ("answered", "heard")}
            planned = [plan for turn in ended.values() if (plan := await self._plan(turn))]
            await self._plans.advance(planned, page.cursor)
        return len(page.turns) == _PAGE_TURNS

    async def _plan(self, turn: Turn) -> Plan | None:
        occasion = await self.occasion(turn.channel_id)
        now = self._clock.now()
        if occasion.last_turn is None or occasion.last_turn.id != turn.id:
            return None  # others have spoken since: they will be followed, or not
        if await self._plans.quiet_until(turn.channel_id, now):
            return None
        found = occasion.opportunity(turn.id)
        log.debug("follow_up_weighed", turn=turn.id, who=found.character, why_not=found.why_not)
        if not found.should_respond or found.character is None:
            return None
        return Plan(
            turn_id=turn.id,
            channel_id=turn.channel_id,
            character=found.character,
            mood=found.mood,
            confidence=found.confidence,
            due_at=(turn.ended_at or now) + timedelta(seconds=found.delay_s),
            reason="; ".join(found.reasons),
        )

    async def keep_saying(self) -> None:
        """Have said what is due, for ever; different channels side by side."""
        while True:
            try:
                due = await self._plans.due(self._clock.now())
                await asyncio.gather(*(self.carry_out(plan) for plan in due))
            except GreenroomError as exc:
                log.warning("follow_ups_wait", error=type(exc).__name__, detail=exc.detail)
            except Exception:
                log.exception("follow_ups_broke")
            await self._clock.sleep(_LOOK_EVERY_S)

    async def carry_out(self, plan: Plan) -> None:
        """Have a planned line said, unless somebody has spoken since."""
        try:
            await self.fall_in(plan.channel_id, plan.character, plan.turn_id)
        except GreenroomError as exc:
            self.dropped += 1
            await self._plans.end(plan, "dropped", exc.detail, self._clock.now())
        else:
            self.said += 1
            await self._plans.end(plan, "said", plan.reason, self._clock.now())

    async def fall_in(self, channel_id: str, character: str, turn_id: str) -> TurnReply:
        """Have a character fall in on a turn. Raises: Conflict, when it is no longer the last; what the turn raises."""
        conversation = await self._turns.recall(ChannelRequest(channel_id=channel_id, limit=1))
        if not conversation.messages:
            raise UnknownCharacter(f"nothing was said in {channel_id!r} yet")
        last, turn = conversation.messages[-1], conversation.turns[-1]
        request = TurnRequest(
            character_name=character,
            input_text=last.content,
            channel_id=channel_id,
            user_id=turn.user_id if turn.state == "heard" else f"character:{last.author}"[:200],
            user_name=last.author,
            message_type="organic",
            follows=TurnId(turn_id),
            request_id=f"follow-up:{turn_id}",
        )
        return await self._router.orchestrate(request)
