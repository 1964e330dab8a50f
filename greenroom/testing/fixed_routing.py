"""A routing that learns nothing, and remembers what it was told."""

from greenroom.errors import GreenroomError, NotFound
from greenroom.model import Comparisons, DecisionRef, Nothing, Outcome, Page, RoutingState


class FixedRouting:
    """A `Routing` for tests. It knows the `decisions` that the test names, and is taken away by setting `away`."""

    def __init__(self, *decisions: str) -> None:
        self.decisions = set(decisions)
        self.told: list[Outcome] = []
        self.forgotten: list[str] = []
        self.away: GreenroomError | None = None

    async def record(self, outcome: Outcome, /) -> Nothing:
        """Remember an outcome."""
        if self.away is not None:
            raise self.away
        if outcome.decision not in self.decisions:
            raise NotFound(f"no decision {outcome.decision!r} is kept")
        self.told.append(outcome)
        return Nothing()

    async def comparisons(self, page: Page, /) -> Comparisons:
        """None."""
        return Comparisons(comparisons=(), total=0)

    async def forget_comparison(self, which: DecisionRef, /) -> Nothing:
        """Remember which."""
        if self.away is not None:
            raise self.away
        self.forgotten.append(which.decision)
        return Nothing()

    async def state(self, nothing: Nothing, /) -> RoutingState:
        """Before anything was learnt."""
        return RoutingState(
            version=0, medium_from=0.35, high_from=0.6, from_traffic=False, requests=0, outcomes=len(self.told)
        )

    async def refit(self, nothing: Nothing, /) -> RoutingState:
        """Learn nothing."""
        return await self.state(nothing)
