"""Has planned lines said by the router when their time has come, and each only once."""

import asyncio
from datetime import timedelta

import structlog

from greenroom.clock import Clock
from greenroom.coordinator.floor import NARRATOR
from greenroom.coordinator.plans import Plan, Plans
from greenroom.errors import Conflict, GreenroomError, Overtaken, Unavailable
from greenroom.following import for_ever
from greenroom.model import ChannelRequest, TurnReply, TurnRequest
from greenroom.ports import Router, Turns

_LOOK_EVERY_S = 0.25
_AGAIN_S = 2.0
_LINES = 20
_QUIET_ROOM = "(It has been quiet for a while. {name} begins to talk{about}.)"

log = structlog.get_logger(__name__)


class Prompter:
    """Carries plans out. `said` and `dropped` count how they ended here."""

    def __init__(self, router: Router, turns: Turns, plans: Plans, clock: Clock) -> None:
        self._router = router
        self._turns = turns
        self._plans = plans
        self._clock = clock
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self.said = self.dropped = 0

    async def keep_saying(self) -> None:
        """Have said what is due, for ever; a slow line holds up nobody else's, and ends where it is to be quiet."""
        async with asyncio.TaskGroup() as lines:

            async def look() -> float:
                await self._call_off()
                for plan in await self._plans.due(self._clock.now()):
                    if plan.id not in self._under_way:
                        self._under_way[plan.id] = lines.create_task(self._carried_out(plan))
                return _LOOK_EVERY_S

            await for_ever(look, self._clock, "coordinator.plans")

    async def _call_off(self) -> None:
        """End the lines that are being written in channels which were told to be quiet meanwhile."""
        for plan_id in await self._plans.hushed(self._under_way) if self._under_way else ():
            if line := self._under_way.pop(plan_id, None):
                log.info("line_called_off", plan=plan_id)
                line.cancel()  # once: a second time would strike while the turn is brought to its end

    async def _carried_out(self, plan: Plan) -> None:
        try:
            await self.carry_out(plan)
        except GreenroomError as exc:
            log.warning("plan_waits", plan=plan.id, error=type(exc).__name__, detail=exc.detail)
        except Exception:
            log.exception("plan_broke", plan=plan.id)
        finally:
            self._under_way.pop(plan.id, None)

    async def carry_out(self, plan: Plan) -> None:
        """Have a planned line said, unless somebody has spoken since, or the channel was told to be quiet.

        While the router is away, or another coordinator has the same line said, it is tried again until it is stale.
        """
        now = self._clock.now()
        if await self._plans.quiet_until(plan.channel_id, now):
            return await self._drop(plan, "the channel was told to be quiet")
        try:
            await self.say(plan)
        except Overtaken as exc:
            await self._drop(plan, exc.detail)
        except (Conflict, Unavailable) as exc:
            again = self._clock.now() + timedelta(seconds=_AGAIN_S)
            if again > plan.stale_at:
                return await self._drop(plan, exc.detail)
            await self._plans.postpone(plan, again)
        except GreenroomError as exc:
            await self._drop(plan, exc.detail)
        else:
            self.said += 1
            await self._plans.end(plan, "said", "; ".join(plan.cause.reasons), self._clock.now())

    async def say(self, plan: Plan) -> TurnReply:
        """Have it said now. Raises: Overtaken, when somebody has spoken since; what the turn raises."""
        said_to = await self._followed(plan) if plan.cause.kind != "starter" else _nobody(plan)
        request = {
            "character_name": plan.character,
            "channel_id": plan.channel_id,
            "message_type": "organic",
            "follows": plan.turn_id,
            "request_id": plan.id,
            "side_by_side": plan.side_by_side,
            "cause": plan.cause,
        }
        return await self._router.orchestrate(TurnRequest.model_validate(request | said_to))

    async def _drop(self, plan: Plan, why: str) -> None:
        self.dropped += 1
        await self._plans.end(plan, "dropped", why, self._clock.now())

    async def _followed(self, plan: Plan) -> dict[str, str]:
        """The line that is taken up, and who said it."""
        recent = await self._turns.recall(ChannelRequest(channel_id=plan.channel_id, limit=_LINES))
        turn = next((turn for turn in recent.turns if turn.id == plan.turn_id), None)
        if turn is None:
            raise Overtaken(f"turn {plan.turn_id!r} is no longer there")
        if turn.reply is None:
            return {"input_text": turn.input_text, "user_id": turn.user_id, "user_name": turn.user_name}
        author = turn.character_name
        return {"input_text": turn.reply, "user_id": f"character:{author}"[:200], "user_name": author}


def _nobody(plan: Plan) -> dict[str, str]:
    """What stands for a line where nobody has said one."""
    about = f" about {plan.cause.topic}" if plan.cause.topic else ""
    text = _QUIET_ROOM.format(name=plan.character, about=about)
    return {"input_text": text, "user_id": NARRATOR, "user_name": NARRATOR.capitalize()}
