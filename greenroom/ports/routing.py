"""Which model a request goes to, and how that is learnt."""

from typing import Protocol

from greenroom.at import at
from greenroom.model import Comparisons, ComplexityRequest, Decision, DecisionRef, Nothing, Outcome, Page, RoutingState


class Complexity(Protocol):
    """How hard a request is. Served at the root, beside what clients of Ollama know."""

    @at("POST /api/analyze", repeatable=True)
    async def analyze(self, request: ComplexityRequest, /) -> Decision:
        """Judge a request without answering it: how hard it is, why, and which way it would go."""
        ...


class Routing(Protocol):
    """What the gateway knows of hard and easy, and how it learns."""

    @at("POST /routing/outcomes", repeatable=True)
    async def record(self, outcome: Outcome, /) -> Nothing:
        """Keep how well an answer did. Raises: NotFound, for a decision that is not kept any more; InvalidInput."""
        ...

    @at("GET /routing")
    async def state(self, nothing: Nothing, /) -> RoutingState:
        """Tell where medium and hard begin, and what was learnt."""
        ...

    @at("GET /routing/comparisons")
    async def comparisons(self, page: Page, /) -> Comparisons:
        """List what two models said to the same requests, the newest first; none where nothing is compared."""
        ...

    @at("DELETE /routing/comparisons/{decision}")
    async def forget_comparison(self, which: DecisionRef, /) -> Nothing:
        """Forget what two models said to a request, also if it is only being compared; what is not kept is no error."""
        ...

    @at("POST /routing/refit", repeatable=True)
    async def refit(self, nothing: Nothing, /) -> RoutingState:
        """Learn from all outcomes now; it happens by itself as well. Takes seconds for thousands of them."""
        ...
