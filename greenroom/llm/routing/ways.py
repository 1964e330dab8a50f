"""Which model a level of complexity leads to: what the policy wants, what is there, and what fits."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import get_args

from cachetools import TTLCache

from greenroom.clock import Clock
from greenroom.config import Policy
from greenroom.errors import GreenroomError, NoUpstream, UnknownModel, Unsupported
from greenroom.llm.cache.cached import Answering
from greenroom.llm.choice import OLLAMA
from greenroom.llm.names import completes
from greenroom.llm.routing.fit import Needs, lack
from greenroom.model import GenerateRequest, Level, ModelCard, ModelDetails, ModelRef, Nothing, Side, Way

_KNOWN_S, _KNOWN_MODELS = 300.0, 200


@dataclass(frozen=True, slots=True)
class Taken:
    """The model to ask. `searches` says whether the policy wants the web to be asked before.

    `degraded` is what was wanted and is not there; `remarks` say why a model that is there does not do.
    """

    side: Side
    searches: bool
    model: str
    degraded: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


class _Worth(IntEnum):
    """How good an offer is, the best first."""

    FITS = 0
    STANDS_IN = 1
    UNFIT = 2
    MISSING = 3


@dataclass(frozen=True, slots=True)
class _Offer:
    """What one side has for a request, and what is wrong with it."""

    side: Side
    worth: _Worth
    model: str = ""
    why: str = ""
    error: GreenroomError | None = None


class Ways:
    """Finds the model for a level. `keyless` maps providers whose key is not there to the variable that lacks it."""

    def __init__(self, llm: Answering, clock: Clock, keyless: Mapping[str, str]) -> None:
        self._llm = llm
        self._keyless = keyless
        self._known: TTLCache[str, ModelDetails] = TTLCache(_KNOWN_MODELS, _KNOWN_S, timer=clock.monotonic_s)

    async def of(self, policy: Policy, level: Level, needs: Needs) -> Taken:
        """The way that a policy means, or the nearest that is there. Raises: UnknownModel, NoUpstream."""
        wanted: Way = getattr(policy, level)
        searches = wanted.startswith("search")
        sides: tuple[Side, Side] = ("cloud", "local") if wanted.endswith("cloud") else ("local", "cloud")
        first = await self._offer(policy, sides[0], needs)
        if first.worth is _Worth.FITS:
            return Taken(first.side, searches, first.model)
        second = await self._offer(policy, sides[1], needs)
        offers = [first, second, *await self._others(first, second, needs)]
        best = min(offers, key=lambda offer: offer.worth)
        if best.error is not None:
            raise next(offer.error for offer in offers if offer.error and offer.side == "local")
        degraded = (first.why,) if first.worth in {_Worth.MISSING, _Worth.STANDS_IN} else ()
        remarks = tuple(f"{offer.model} {offer.why}" for offer in offers if offer.worth is _Worth.UNFIT)
        return Taken(best.side, searches, best.model, degraded, remarks)

    async def fitting(self, policy: Policy, side: Side, needs: Needs) -> str:
        """The model of one side, by its full name. Raises: UnknownModel, NoUpstream, Unsupported: it does not do."""
        offer = await self._offer(policy, side, needs)
        if offer.error is not None:
            raise offer.error
        if offer.worth is not _Worth.FITS:
            raise Unsupported(f"{offer.model} {offer.why}")
        return offer.model

    async def missing_cloud(self, policy: Policy) -> str:
        """Why the cloud cannot be asked; empty when it can."""
        return (await self._offer(policy, "cloud", Needs())).why

    async def there(self, policy: Policy) -> list[ModelDetails]:
        """The models of a policy that can be asked now."""
        offers = [await self._offer(policy, side, Needs()) for side in get_args(Side)]
        return [await self.details(await self.card(offer.model)) for offer in offers if offer.model]

    async def card(self, model: str) -> ModelCard:
        """The model that a name means; without one, that of the role `generation`. Raises: UnknownModel, NoUpstream."""
        card, _ = await self._llm.meant(GenerateRequest(model=model, prompt="", role="generation"))
        return card

    async def details(self, card: ModelCard) -> ModelDetails:
        """What is known of a model; it is asked for again after a while. No more than its card, when nobody tells."""
        known = self._known.get(card.full_name)
        if known is None or known.card.digest != card.digest:
            try:
                told = await self._llm.show(ModelRef(model=card.full_name))
            except GreenroomError:
                return ModelDetails(card=card)
            known = self._known[card.full_name] = told.model_copy(update={"card": card, "said": {}})
        return known

    async def _offer(self, policy: Policy, side: Side, needs: Needs) -> _Offer:
        try:
            card = await self._card_of(policy, side)
        except (UnknownModel, NoUpstream) as exc:
            return _Offer(side, _Worth.MISSING, why=exc.detail, error=exc)
        if card.stand_in:
            return _Offer(side, _Worth.STANDS_IN, card.full_name, "no model server answers: the understudy stands in")
        why = lack(await self.details(card), needs)
        return _Offer(side, _Worth.UNFIT if why else _Worth.FITS, card.full_name, why)

    async def _card_of(self, policy: Policy, side: Side) -> ModelCard:
        provider = policy.cloud.partition("/")[0].casefold()
        if side == "local":
            card = await self.card(policy.local)
            if not policy.local and policy.cloud and card.provider == provider:
                raise NoUpstream("no model of one's own is there")  # the first that answers is one that costs
            return card
        if not policy.cloud:
            raise UnknownModel("no cloud model is set")
        if provider in self._keyless:
            raise NoUpstream(f"no cloud key: {self._keyless[provider]} is not set")
        return await self.card(policy.cloud)

    async def _others(self, first: _Offer, second: _Offer, needs: Needs) -> list[_Offer]:
        """Another model of Ollama's, where none of the two fits what is needed."""
        if _Worth.UNFIT not in {first.worth, second.worth} or _Worth.FITS in {first.worth, second.worth}:
            return []
        for card in (await self._llm.models(Nothing())).models:
            if card.provider == OLLAMA and completes(card) and not lack(await self.details(card), needs):
                return [_Offer("local", _Worth.FITS, card.full_name)]
        return []
