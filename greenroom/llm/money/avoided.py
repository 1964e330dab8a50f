"""What was not spent because a request was sent to a model of one's own."""

from greenroom.config import LlmSettings
from greenroom.llm.money.prices import NANOS, Prices
from greenroom.llm.routing.policies import Policies
from greenroom.model import Decision, RoleName, Usage


class Avoided:
    """Compares what an answer cost with what its tokens would have cost at the paid model of the same policy."""

    def __init__(self, settings: LlmSettings, prices: Prices) -> None:
        self._policies = Policies(settings)
        self._prices = prices

    async def by(self, model: str, role: RoleName | None, way: Decision, usage: Usage) -> int | None:
        """Nanodollars that the way of a request avoided; 0 where there was no other way, None where nobody knows."""
        policy = self._policies.of(model, role)
        if policy is None or not policy.cloud or not way.route.endswith("local"):
            return 0
        rate = await self._prices.rate(policy.cloud)
        if rate is None or usage.cost_usd is None or usage.prompt_tokens is None or usage.completion_tokens is None:
            return None
        instead = rate(usage.prompt_tokens, usage.completion_tokens)
        return None if instead is None else max(0, instead - round(usage.cost_usd * NANOS))
