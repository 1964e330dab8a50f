"""`Routing`, the port: how hard things are in this house, learnt from its own traffic and from how that went."""

import asyncio
import hashlib
from collections.abc import Iterable
from typing import Self

import structlog

from greenroom.clock import Clock
from greenroom.config import RoutingSettings
from greenroom.errors import GreenroomError, InvalidInput, NotFound
from greenroom.following import for_ever
from greenroom.llm.routing.complexity import Weights, default_weights
from greenroom.llm.routing.fitting import FEWEST_ROWS, Row, fitted
from greenroom.llm.routing.journal import Journal, Judged, Learnt, Routed
from greenroom.llm.routing.levels import Levels
from greenroom.llm.routing.prints import Print, printed
from greenroom.model import Comparison, Comparisons, DecisionRef, Nothing, Outcome, Page, RoutingState, Side

_WRITE_EVERY_S = 1.0
_SOURCES = ("rating", "check", "quality", "fallback")
"""Whose word counts where several are known, the weightiest first."""

_log = structlog.get_logger()


class Learning:
    """Knows the weights and levels in force. Enter it before use: it reads what was kept, and writes from then on.

    It learns anew in the background when there are a tenth more outcomes than last time.
    """

    def __init__(self, settings: RoutingSettings, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._first = default_weights()
        self._learnt: Learnt | None = None
        self._outcomes = self._outcomes_then = 0
        self._enough = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self.weights: Weights = self._first
        self.levels = Levels(settings)

    async def __aenter__(self) -> Self:
        """Read what was kept, and let go of what was kept for long enough. Raises: StorageFailed."""
        await self._journal.drop_old_comparisons()
        self._learnt = await self._journal.learnt()
        await self._go_by(self._learnt)
        self._outcomes = self._outcomes_then = len(_rows(await self._journal.outcomes()))
        self._tasks = [
            asyncio.create_task(
                for_ever(self._write_some, self._clock, "llm.routing.journal"), name="llm writes down what it routed"
            ),
            asyncio.create_task(
                for_ever(self._learn, self._clock, "llm.routing.learning"), name="llm learns how hard things are"
            ),
        ]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Stop, and write down what waits."""
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        await self._write()

    def note(self, id_: str, side: Side, seen: Print) -> None:
        """Count a request that is being answered."""
        self.levels.note(self.weights.score(seen))
        self._journal.note(Routed(id_, side, seen, self._clock.now()))

    def note_failure(self, id_: str, side: Side, seen: Print) -> None:
        """Count that a request was too much for its model. Nothing is read for it: somebody waits for an answer."""
        self._judge(id_, side, "fallback", 0.0, seen)

    async def record(self, outcome: Outcome, /) -> Nothing:
        """Keep how well an answer did. Raises: NotFound, for a decision that is not kept any more; InvalidInput."""
        request_id, side, seen = await self._about(outcome)
        self._judge(request_id, side, outcome.source, outcome.good, seen)
        return Nothing()

    async def learn_from(self, comparison: Comparison) -> None:
        """Keep what two models said to the same request, and what that says of the model at home."""
        await self._journal.keep_comparison(comparison)
        request = await self._journal.request(comparison.decision)
        if request is not None and comparison.local_is_as_good is not None:
            self._judge(request.id, "local", "check", float(comparison.local_is_as_good), request.seen)

    async def comparisons(self, page: Page, /) -> Comparisons:
        """What two models said to the same requests, the newest first."""
        return await self._journal.comparisons(page)

    async def forget_comparison(self, which: DecisionRef, /) -> Nothing:
        """Forget what two models said to a request, also if it is only being compared."""
        await self._journal.forget_comparison(which.decision)
        return Nothing()

    async def state(self, nothing: Nothing, /) -> RoutingState:
        """What the routing goes by now."""
        learnt = self._learnt
        known = (
            {
                "learnt_from": learnt.rows,
                "held_out": learnt.held_out,
                "held_out_before": learnt.held_out_before,
                "learnt_at": learnt.at,
            }
            if learnt
            else {}
        )
        return RoutingState(
            version=self.weights.version,
            medium_from=min(1.0, self.levels.medium_from),
            high_from=min(1.0, self.levels.high_from),
            from_traffic=self.levels.from_traffic,
            requests=self.levels.requests,
            outcomes=self._outcomes,
            lost=self._journal.lost,
            **known,
        )

    async def refit(self, nothing: Nothing, /) -> RoutingState:
        """Learn from all outcomes now. The weights stay as they are where new ones are no better than the first."""
        async with self._one_at_a_time:
            await self._journal.write()
            rows = _rows(await self._journal.outcomes())
            self._outcomes = self._outcomes_then = len(rows)
            fit = await asyncio.to_thread(fitted, rows, self._first, self.weights.version + 1)
            if fit is not None and fit.is_better:
                self._learnt = await self._journal.keep(fit)
                await self._go_by(self._learnt)
        return await self.state(nothing)

    def _judge(self, request_id: str, side: Side, source: str, good: float | None, seen: Print) -> None:
        self._journal.note(Judged(request_id, side, source, good, seen, self._clock.now()))
        self._outcomes += side == "local" and good is not None
        if self._outcomes >= max(FEWEST_ROWS, self._outcomes_then * 1.1):
            self._enough.set()

    async def _go_by(self, learnt: Learnt | None) -> None:
        """Take weights into use; the levels are then looked for among the same requests, scored anew."""
        self.weights = learnt.weights if learnt else self._first
        requests = await self._journal.requests()
        self.levels.begin_with(self.weights.score(request.seen) for request in requests)

    async def _about(self, outcome: Outcome) -> tuple[str, Side, Print]:
        if outcome.decision:
            request = await self._journal.request(outcome.decision)
            if request is None:
                raise NotFound(f"no decision {outcome.decision!r} is kept")
            return request.id, request.side, request.seen
        if not outcome.prompt.strip() or outcome.side is None:
            raise InvalidInput("give the id of a decision, or a prompt and the side that answered it")
        seen = printed(outcome.prompt)
        return hashlib.sha256(seen.packed()).hexdigest(), outcome.side, seen

    async def _write_some(self) -> None:
        await self._journal.has_news.wait()
        await self._clock.sleep(_WRITE_EVERY_S)
        await self._journal.write()

    async def _write(self) -> None:
        try:
            await self._journal.write()
        except GreenroomError as exc:
            _log.warning("routing was not written down", detail=exc.detail)

    async def _learn(self) -> None:
        await self._enough.wait()
        self._enough.clear()
        await self.refit(Nothing())


def _rows(outcomes: Iterable[Judged]) -> list[Row]:
    """What can be learnt from: how badly the model at home did, as its weightiest source says.

    That the cloud failed at a request too says most of all that it is hard: on RouteLLM's data, leaving such requests
    out of those that needed it made the order no better (measured 2026-11-21).
    """
    told: dict[str, Judged] = {}
    for outcome in outcomes:
        known = told.get(outcome.request_id)
        if outcome.side == "local" and (known is None or _rank(outcome) < _rank(known)):
            told[outcome.request_id] = outcome
    return [Row(id_, each.seen, 1 - each.good) for id_, each in told.items() if each.good is not None]


def _rank(outcome: Judged) -> int:
    return _SOURCES.index(outcome.source)
