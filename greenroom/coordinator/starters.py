"""Characters who begin to talk in a channel that has been quiet, where the settings ask for it."""

import asyncio
import hashlib
from datetime import timedelta
from functools import partial

from greenroom.clock import Clock
from greenroom.config import CoordinatorSettings
from greenroom.coordinator.chooser import Chooser
from greenroom.coordinator.dice import drawn
from greenroom.coordinator.occasion import Occasion
from greenroom.coordinator.plans import Plan, Plans
from greenroom.following import for_ever
from greenroom.model import Cause, Character
from greenroom.text import content_words

_LOOK_EVERY_S = 5.0
_LINES_REMEMBERED = 12
_WORTH_SAYING_S = 60.0
_REASON = "it has been quiet for a while"


class Starters:
    """Plans openings. Each is planned once, however many coordinators look at the same quiet channel."""

    def __init__(self, chooser: Chooser, plans: Plans, settings: CoordinatorSettings, clock: Clock) -> None:
        self._chooser = chooser
        self._plans = plans
        self._settings = settings
        self._clock = clock

    async def keep_beginning(self) -> None:
        """Look after the channels that ask for it, for ever."""
        if not self._settings.organic:
            return
        async with asyncio.TaskGroup() as channels:
            for channel_id in self._settings.starter_channels:
                looking = for_ever(partial(self._look_and_rest, channel_id), self._clock, f"starter in {channel_id}")
                channels.create_task(looking)

    async def _look_and_rest(self, channel_id: str) -> float:
        await self.look_at(channel_id)
        return _LOOK_EVERY_S

    async def look_at(self, channel_id: str) -> None:
        """Plan an opening, if the channel has been quiet for long enough and not too many were said within a day."""
        now = self._clock.now()
        if await self._plans.quiet_until(channel_id, now):
            return
        if await self._plans.begun_since(channel_id, now - timedelta(days=1)) >= self._settings.starters_per_day:
            return
        occasion = await self._chooser.occasion(channel_id)
        last = occasion.last_turn
        waited_s = now.timestamp() if occasion.quiet_s is None else occasion.quiet_s
        if waited_s < self._settings.starter_after_s or not occasion.free or (last and last.state == "begun"):
            return
        await self._plans.add([self._plan(channel_id, occasion, int(waited_s // self._settings.starter_after_s))])

    def _plan(self, channel_id: str, occasion: Occasion, nth: int) -> Plan:
        """The opening for this silence. `nth` counts how often it has lasted long enough: an opening that came to
        nothing is followed by another."""
        turn_id = occasion.last_turn.id if occasion.last_turn else None
        channel = hashlib.sha256(channel_id.encode()).hexdigest()[:16]
        plan_id = f"starter:{channel}:{turn_id or 'first'}:{nth}"
        name = occasion.chances.anyone(plan_id)
        now = self._clock.now()
        return Plan(
            id=plan_id,
            channel_id=channel_id,
            turn_id=turn_id,
            character=name,
            cause=Cause(
                kind="starter",
                reasons=(_REASON, *occasion.chances.reasons[name]),
                chances={one: round(chance, 4) for one, chance in occasion.chances.of.items()},
                silence=round(occasion.chances.silence, 4),
                weights=occasion.weights,
                topic=_topic(occasion.free[name], occasion, plan_id),
            ),
            due_at=now,
            stale_at=now + timedelta(seconds=_WORTH_SAYING_S),
        )


def _topic(character: Character, occasion: Occasion, seed: str) -> str:
    """Something that the character cares for and that was not spoken of just now; the dearer, the likelier."""
    late = {word for line in occasion.history[-_LINES_REMEMBERED:] for word in content_words(line.content)}
    interests = character.sheet.interests
    fresh = [i for i in interests if not late & {*i.keywords, *content_words(i.topic)}] or [*interests]
    left = drawn(f"topic {seed}") * sum(i.weight for i in fresh)
    for interest in fresh:
        left -= interest.weight
        if left < 0:
            return interest.topic[:200]
    return ""
