"""The decision: how hard a request is, what that means here, and which model it leads to."""

import uuid

from greenroom.config import Policy
from greenroom.errors import UpstreamFailed, UpstreamSilent
from greenroom.llm.routing.fit import needs_of
from greenroom.llm.routing.learning import Learning
from greenroom.llm.routing.policies import Policies
from greenroom.llm.routing.prints import Print, printed
from greenroom.llm.routing.ways import Taken, Ways
from greenroom.model import ComplexityRequest, Decision, ModelDetails, Side

_FAILED_AT_IT = tuple(f": {error.__name__}" for error in (UpstreamFailed, UpstreamSilent))


class Routes:
    """`Complexity`, and the decisions for those who act on them. The same request, the same decision.

    Only what was learnt meanwhile, and the percentiles of the traffic, can change it. `searches` says whether the web
    can be asked.
    """

    def __init__(self, policies: Policies, ways: Ways, learning: Learning, *, searches: bool) -> None:
        self._policies = policies
        self._ways = ways
        self._searches = searches
        self._learning = learning

    async def analyze(self, request: ComplexityRequest, /) -> Decision:
        """Judge what a person said last, or the prompt; find the model that would answer, and ask none.

        Raises: UnknownModel, NoUpstream.
        """
        seen = printed(request.text, request.characters_before)
        policy = self._policies.named(request.model)
        if policy is not None:
            return (await self._decide(policy, request, seen, may_search=True))[0]
        card = await self._ways.card(request.model)
        return self._judge(seen).model_copy(update={"route": "as named", "model": card.full_name})

    async def take(self, policy: Policy, request: ComplexityRequest, *, may_search: bool) -> Decision:
        """Decide for a request that is answered now, and count it. Raises: UnknownModel, NoUpstream."""
        seen = printed(request.text, request.characters_before)
        decision, taken = await self._decide(policy, request, seen, may_search=may_search)
        decision = decision.model_copy(update={"id": uuid.uuid4().hex})
        self._learning.note(decision.id, taken.side, seen)
        return decision

    def note_failure(self, decision: Decision, request: ComplexityRequest, why: str) -> None:
        """Learn from it when another answered in the place of the model that was chosen, and `why`: `name: Error`.

        A request at which a model failed was too much for it. A server that is away or busy says nothing of a request.
        """
        if why.endswith(_FAILED_AT_IT):
            side: Side = "cloud" if decision.route.endswith("cloud") else "local"
            self._learning.note_failure(decision.id, side, printed(request.text, request.characters_before))

    async def lacks(self) -> tuple[str, ...]:
        """What requests for `auto` do without at this moment, in words."""
        cloud = await self._ways.missing_cloud(self._policies.auto)
        return tuple(filter(None, [cloud, "" if self._searches else "no web search"]))

    async def describe(self, policy: Policy, name: str) -> ModelDetails:
        """What the models of a policy can do together, as one model."""
        models = await self._ways.there(policy)
        abilities = dict.fromkeys(ability for model in models for ability in model.card.capabilities)
        card = self._policies.card(name).model_copy(update={"capabilities": tuple(abilities) or ("completion",)})
        longest = max((model.context_tokens or 0 for model in models), default=0)
        return ModelDetails(card=card, context_tokens=longest or None)

    async def _decide(
        self, policy: Policy, request: ComplexityRequest, seen: Print, *, may_search: bool
    ) -> tuple[Decision, Taken]:
        judged = self._judge(seen)
        taken = await self._ways.of(policy, judged.complexity, needs_of(request))
        wants_search = taken.searches and may_search
        found = {
            "reasons": (*judged.reasons, *taken.remarks),
            "route": f"search + {taken.side}" if wants_search and self._searches else taken.side,
            "model": taken.model,
            "degraded": taken.degraded + (("no web search",) if wants_search and not self._searches else ()),
        }
        return judged.model_copy(update=found), taken

    def _judge(self, seen: Print) -> Decision:
        """How hard it is; which way that means is still open."""
        weights = self._learning.weights
        score = weights.score(seen)
        return Decision(
            complexity=self._learning.levels.of(score),
            score=round(score, 4),
            reasons=weights.reasons(seen),
            route="local",
            model="",
        )
