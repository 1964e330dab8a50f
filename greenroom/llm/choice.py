"""Which model answers a request: the one that is named, the role's, or the first that can be reached."""

from collections.abc import Mapping

from greenroom.config import LlmSettings
from greenroom.errors import NoUpstream, UnknownModel
from greenroom.llm.lookout import SOON_S, Look, Lookout
from greenroom.llm.names import Shelf, completes, split
from greenroom.model import AUTO, IN_HOUSE, MINILM_PROVIDER, ModelCard, RoleName
from greenroom.ports import Llm

OLLAMA, UNDERSTUDY = "ollama", "understudy"
HASH = f"{UNDERSTUDY}/hash"

Chosen = tuple[str, str]
"""A provider, and the name of a model as that provider knows it."""


class Choice:
    """Knows the rules by which a model is chosen. The `providers` are asked in order, Ollama first, our own last."""

    def __init__(self, settings: LlmSettings, providers: Mapping[str, Llm], lookout: Lookout) -> None:
        self._settings = settings
        self.providers = sorted(providers, key=lambda name: (name != OLLAMA, name in IN_HOUSE))
        self._servers = [name for name in self.providers if name not in IN_HOUSE]
        self._lookout = lookout
        self._shelves: dict[str, Shelf] = {}

    async def of(self, model: str, role: RoleName | None) -> Chosen:
        """The model of a request. Raises: UnknownModel; NoUpstream, with what to do about it."""
        return await self._named(model) if model.strip() else await self.of_role(role or "generation")

    async def of_role(self, role: RoleName) -> Chosen:
        """The model of a role: that of the settings, or the first that can be reached."""
        if self._settings.understudy == "always":
            return await self._stand_in()
        named = self.set_for(role)
        if not named:
            return await self._first()
        try:
            return await self._named(named)
        except (UnknownModel, NoUpstream) as exc:
            away = await self._away()
            if self._settings.understudy == "auto" and len(away) == len(self._servers):
                return await self._stand_in()
            if away:
                raise NoUpstream(f"the model of the role {role!r}: {exc.detail}") from exc
            raise UnknownModel(f"the model of the role {role!r}: {exc.detail}; choose another, or fetch it") from exc

    async def card(self, chosen: Chosen, no_older_than_s: float | None = None) -> ModelCard | None:
        """What is known of a model; a server may have one that it does not list."""
        provider, model = chosen
        look = await self._lookout.at(provider, no_older_than_s)
        return self._shelf(provider, look).find(f"{provider}/{model}")

    async def remembered(self, model: str) -> Chosen | None:
        """The model that a name meant when its server last answered, whether it does now or not."""
        provider, rest = split(model, self.providers)
        for name in [provider] if provider else self.providers:
            if card := self._shelf(name, await self._lookout.at(name)).find(rest):
                return name, card.name
        return None

    def set_for(self, role: RoleName | None) -> str:
        """The model that the settings name for a role; empty for none. `auto` stands for that of easy requests."""
        named: str = getattr(self._settings, role).model if role else ""
        return self._settings.routing.local if named.partition("/")[0].casefold() == AUTO else named

    async def may_be_away(self, model: str) -> bool:
        """Whether a model that nobody lists may be on a server that has not answered yet."""
        provider, _ = split(model, self.providers)
        looks = [await self._lookout.at(name) for name in ([provider] if provider else self._servers)]
        return any(not look.reachable and not look.cards for look in looks)

    async def of_embedding(self, model: str) -> Chosen:
        """The model that embeds. Where nobody says which: the one that was added, else the one without a model."""
        if named := model.strip() or self._settings.embedding.model.strip():
            return await self._named(named)
        if MINILM_PROVIDER in self.providers:
            look = await self._lookout.at(MINILM_PROVIDER)
            if look.reachable and look.cards:
                return MINILM_PROVIDER, look.cards[0].name
        return await self._named(HASH)

    def offered(self, looks: Mapping[str, Look]) -> tuple[ModelCard, ...]:
        """All models that can be asked now; the understudy speaks no lines where the settings forbid it."""
        cards = [card for name in self.providers if looks[name].reachable for card in looks[name].cards]
        return tuple(card for card in cards if self._allowed(card))

    def _shelf(self, provider: str, look: Look) -> Shelf:
        shelf = self._shelves.get(provider)
        if shelf is None or shelf.cards is not look.cards:
            shelf = self._shelves[provider] = Shelf(look.cards, [provider])
        return shelf

    async def _named(self, name: str) -> Chosen:
        provider, rest = split(name, self.providers)
        if provider:
            return await self._of_provider(provider, rest)
        for no_older_than_s in (None, SOON_S):
            if chosen := await self._search(rest, no_older_than_s):
                return chosen
        known = ", ".join(repr(card.full_name) for card in self.offered(await self._lookout.everywhere(SOON_S))[:20])
        own = f"; {name} is {(await self._lookout.at(name)).detail}" if name in IN_HOUSE else ""
        raise UnknownModel(f"unknown model {name!r}; known: {known or 'none'}{own}")

    async def _of_provider(self, provider: str, model: str) -> Chosen:
        """A model of a provider that is named. One that is not in its list may exist: the provider shall say."""
        look = await self._lookout.at(provider)
        if not look.reachable:
            raise NoUpstream(look.detail)
        card = self._shelf(provider, look).find(f"{provider}/{model}")
        if card is not None and not self._allowed(card):
            raise UnknownModel(f"unknown model {model!r}: the setting llm.understudy is 'never'")
        return provider, card.name if card else model

    async def _search(self, name: str, no_older_than_s: float | None) -> Chosen | None:
        for provider in self.providers:
            look = await self._lookout.at(provider, no_older_than_s)
            card = self._shelf(provider, look).find(name)
            if card is None or not self._allowed(card):
                continue
            if not look.reachable:
                raise NoUpstream(look.detail)
            return provider, card.name
        return None

    async def _first(self) -> Chosen:
        """Ollama's newest model, else the first of another server, else the understudy if it may."""
        details = []
        for provider in self._servers:
            look = await self._lookout.at(provider)
            speaking = [card for card in look.cards if completes(card)] if look.reachable else []
            if speaking:
                best = max(speaking, key=_age) if provider == OLLAMA else speaking[0]
                return provider, best.name
            details.append(look.detail or f"{provider} has no model yet")
        if self._settings.understudy != "never" and UNDERSTUDY in self.providers:
            return await self._stand_in()
        advice = "set llm.understudy to 'auto' to let the understudy stand in"
        raise NoUpstream("; ".join([*details, advice]) if details else f"no model server is set; {advice}")

    async def _stand_in(self) -> Chosen:
        if UNDERSTUDY not in self.providers:
            raise NoUpstream("the understudy is not here, and no model server answers")
        look = await self._lookout.at(UNDERSTUDY)
        card = next((card for card in look.cards if completes(card)), None)
        if card is None:
            raise NoUpstream(look.detail or "the understudy has no model")
        return UNDERSTUDY, card.name

    async def _away(self) -> list[str]:
        return [name for name in self._servers if not (await self._lookout.at(name)).reachable]

    def _allowed(self, card: ModelCard) -> bool:
        return not (self._settings.understudy == "never" and card.stand_in and completes(card))


def _age(card: ModelCard) -> float:
    return card.modified_at.timestamp() if card.modified_at else 0.0
