"""Names of models: whose they are, and when two of them mean the same."""

from collections.abc import Collection, Iterable

from greenroom.model import AUTO, ModelCard


def split(name: str, providers: Collection[str]) -> tuple[str, str]:
    """Provider and model of a name; the provider is empty unless it is a known one.

    Models of Ollama have slashes and colons of their own: `hf.co/somebody/model:q4` names no provider.
    """
    first, slash, rest = name.strip().partition("/")
    known = first.casefold()
    return (known, rest) if slash and rest and known in providers else ("", name.strip())


class Shelf:
    """Models in the order of their providers, to be found by name. Those of a list are put onto it once, for lists may
    be long and every request names a model."""

    def __init__(self, cards: Iterable[ModelCard], providers: Iterable[str]) -> None:
        self.cards = cards
        self._by_provider: dict[str, dict[str, ModelCard]] = {provider: {} for provider in providers}
        for card in cards:
            if card.provider in self._by_provider:
                self._by_provider[card.provider].setdefault(folded(card.name), card)

    def find(self, name: str) -> ModelCard | None:
        """The model that a name means, with or without its provider. Case does not matter, and no tag means `latest`.

        The name of a provider alone means its first model that completes, else its first: `understudy`, `minilm`.
        """
        provider, rest = split(name, self._by_provider)
        wanted = folded(rest)
        among = {provider: self._by_provider[provider]} if provider else self._by_provider
        for listed in among.values():
            if card := listed.get(wanted):
                return card
        own = among.get(wanted.removesuffix(":latest"), {}).values()
        return next((card for card in own if completes(card)), next(iter(own), None))


def completes(card: ModelCard) -> bool:
    """Whether the model writes text (and is not only for embeddings)."""
    return "completion" in card.capabilities


def shown_name(card: ModelCard) -> str:
    """The name that outsiders see: Ollama's models and `auto` have their own, the understudy is `understudy:latest`."""
    if card.provider == "ollama" or card.full_name == f"{AUTO}/{AUTO}":
        return card.name
    return f"{card.provider}:latest" if card.stand_in and completes(card) else card.full_name


def may_mean(one: str, other: str, providers: Collection[str]) -> bool:
    """Whether two names may be of the same model: where one of them says no provider, it may be anybody's."""
    (provider, model), (another, its_model) = split(one, providers), split(other, providers)
    return folded(model) == folded(its_model) and (provider == another or not provider or not another)


def folded(name: str) -> str:
    """A model's name as it is compared: in lower case, and with its tag."""
    folded = name.strip().casefold()
    return folded if ":" in folded.rpartition("/")[2] else f"{folded}:latest"
