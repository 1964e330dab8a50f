"""The decision: how hard a request is, what that means here, and which model it leads to."""

from greenroom.config import Policy, RoutingSettings
from greenroom.llm.routing.complexity import scored
from greenroom.llm.routing.fit import needs_of
from greenroom.llm.routing.policies import Policies
from greenroom.llm.routing.ways import Taken, Ways
from greenroom.model import ComplexityRequest, Decision, Level, ModelDetails, Way


class Routes:
    """`Complexity`, and the decisions for those who act on them. The same request, the same decision."""

    def __init__(self, settings: RoutingSettings, policies: Policies, ways: Ways) -> None:
        self._settings = settings
        self._policies = policies
        self._ways = ways

    async def analyze(self, request: ComplexityRequest, /) -> Decision:
        """Judge what a person said last, or the prompt; find the model that would answer, and ask none.

        Raises: UnknownModel, NoUpstream.
        """
        policy = self._policies.named(request.model)
        if policy is not None:
            return await self.decide(policy, request)
        found = scored(request.text, request.characters_before)
        return Decision(
            complexity=self._level(found.score),
            score=round(found.score, 4),
            reasons=found.reasons,
            route="as named",
            model=(await self._ways.card(request.model)).full_name,
        )

    async def decide(self, policy: Policy, request: ComplexityRequest) -> Decision:
        """Which way a request goes under a policy. Raises: UnknownModel, NoUpstream."""
        found = scored(request.text, request.characters_before)
        level = self._level(found.score)
        taken = await self._ways.of(policy, level, needs_of(request))
        return Decision(
            complexity=level,
            score=round(found.score, 4),
            reasons=(*found.reasons, *taken.remarks),
            route=_way(taken),
            model=taken.model,
            degraded=taken.degraded + (("no web search",) if taken.searches else ()),
        )

    async def describe(self, policy: Policy, name: str) -> ModelDetails:
        """What the models of a policy can do together, as one model."""
        models = await self._ways.there(policy)
        abilities = dict.fromkeys(ability for model in models for ability in model.card.capabilities)
        card = self._policies.card(name).model_copy(update={"capabilities": tuple(abilities) or ("completion",)})
        longest = max((model.context_tokens or 0 for model in models), default=0)
        return ModelDetails(card=card, context_tokens=longest or None)

    def _level(self, score: float) -> Level:
        if score >= self._settings.high_from:
            return "high"
        return "medium" if score >= self._settings.medium_from else "low"


def _way(taken: Taken) -> Way:
    return "local" if taken.side == "local" else "cloud"
