"""What is known of each provider: whether it answers, and with which models. Looking costs no tokens."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog

from greenroom.clock import Clock
from greenroom.errors import GreenroomError, RateLimited
from greenroom.model import ModelCard, Nothing
from greenroom.ports import Llm

_log = structlog.get_logger()

SOON_S = 2.0
"""A look that is older than this is repeated when somebody asks how things are now."""

_LONGEST_LOOK_S = 4.0
_REST_AFTER_SLOW_LOOK = 5.0
_JITTER = 0.1


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a provider showed. `cards` of one that is away are those that it had when it was last there."""

    reachable: bool
    cards: tuple[ModelCard, ...]
    detail: str
    at_s: float
    rest_s: float = 0.0

    def holds_for(self, now_s: float, seconds: float) -> bool:
        """Whether it need not be repeated yet. `rest_s` is the longer of what the server asked for and what a look
        deserves that took long, as at a host that is gone."""
        return now_s - self.at_s <= max(seconds, self.rest_s)


class Lookout:
    """Looks at providers, each at most once at a time, and remembers."""

    def __init__(self, providers: Mapping[str, Llm], clock: Clock, check_every_s: float) -> None:
        self._providers = providers
        self._clock = clock
        self._check_every_s = check_every_s
        self._seen: dict[str, Look] = {}
        self._locks = {name: asyncio.Lock() for name in providers}
        self._heard_at_s: dict[str, float] = {}
        self._doubted = asyncio.Event()

    async def at(self, name: str, no_older_than_s: float | None = None) -> Look:
        """What is known of a provider; looks when that is too old. A provider that was away is looked at again soon."""
        if fresh := self._fresh(name, no_older_than_s):
            return fresh
        async with self._locks[name]:
            if fresh := self._fresh(name, no_older_than_s):
                return fresh
            seen = self._seen.get(name)
            self._seen[name] = await self._look(name, seen.cards if seen else ())
            return self._seen[name]

    async def everywhere(self, no_older_than_s: float) -> dict[str, Look]:
        """The same of all providers, side by side."""
        fresh = {name: self._fresh(name, no_older_than_s) for name in self._providers}
        known = {name: look for name, look in fresh.items() if look}
        if len(known) == len(fresh):
            return known
        async with asyncio.TaskGroup() as group:
            looks = {name: group.create_task(self.at(name, no_older_than_s)) for name in self._providers}
        return {name: look.result() for name, look in looks.items()}

    def doubt(self, name: str) -> None:
        """A request has failed: forget how the provider was, and look at once."""
        if name in self._seen:
            self._seen[name] = replace(self._seen[name], at_s=float("-inf"), rest_s=0.0)
        self._doubted.set()

    def heard(self, name: str) -> None:
        """A provider has said something to somebody: so it is there, even if it is slow to be looked at."""
        self._heard_at_s[name] = self._clock.monotonic_s()

    def _is_only_slow(self, name: str) -> bool:
        heard_at_s = self._heard_at_s.get(name)
        return heard_at_s is not None and self._clock.monotonic_s() - heard_at_s <= self._check_every_s

    async def next_round(self) -> None:
        """Wait until it is time to look again: after nearly `check_every_s`, or as soon as there is doubt."""
        try:
            async with asyncio.timeout(self.pause_s(random.random())):
                await self._doubted.wait()
        except TimeoutError:
            return
        self._doubted.clear()

    def _fresh(self, name: str, no_older_than_s: float | None) -> Look | None:
        """What was seen last, unless it is too old."""
        seen = self._seen.get(name)
        if seen is None:
            return None
        trusted_s = no_older_than_s or (self._check_every_s if seen.reachable else SOON_S)
        return seen if seen.holds_for(self._clock.monotonic_s(), trusted_s) else None

    def pause_s(self, chance: float) -> float:
        """How long to wait; `chance` is 0–1. Houses that share a server shall not come all at once."""
        return self._check_every_s * (1 - _JITTER * (1 - chance))

    def figures(self) -> dict[str, float]:
        """Which providers answered when they were last looked at, 1 or 0."""
        return {f"llm_reachable_{n.replace('-', '_')}": float(look.reachable) for n, look in self._seen.items()}

    async def _look(self, name: str, known: tuple[ModelCard, ...]) -> Look:
        began_s, asked_rest_s = self._clock.monotonic_s(), 0.0
        reachable, cards, detail = False, known, f"{name} does not answer within {_LONGEST_LOOK_S:g} s"
        try:
            async with asyncio.timeout(_LONGEST_LOOK_S):
                found = await self._providers[name].models(Nothing())
            reachable, cards = True, found.models
            detail = next((health.detail for health in found.providers if health.provider == name), "")
        except TimeoutError:
            reachable = self._is_only_slow(name)
            _log.info("provider is silent", provider=name)
        except GreenroomError as exc:
            is_slow = isinstance(exc.__cause__, TimeoutError) and self._is_only_slow(name)
            reachable, detail = is_slow or (isinstance(exc, RateLimited) and bool(known)), exc.detail
            asked_rest_s = min(exc.extra.get("retry_after_s") or 0.0, self._check_every_s)
        now_s = self._clock.monotonic_s()
        return Look(reachable, cards, detail, now_s, max(asked_rest_s, _REST_AFTER_SLOW_LOOK * (now_s - began_s)))
