"""Names of models: whose they are, and when two of them mean the same."""

from collections.abc import Iterable

from greenroom.model import AUTO, ModelCard


def split(name: str, providers: Iterable[str]) -> tuple[str, str]:
    """Provider and model of a name; the provider is empty unless it is a known one.

    Models of Ollama have slashes and colons of their own: `hf.co/somebody/model:q4` names no provider.
    """
    first, slash, rest = name.strip().partition("/")
    known = first.casefold()
    return (known, rest) if slash and rest and known in set(providers) else ("", name.strip())


def find(cards: Iterable[ModelCard], name: str) -> ModelCard | None:
    """The model that is meant: case does not matter, and a name without a tag means `latest`."""
    wanted = folded(name)
    return next((card for card in cards if folded(card.name) == wanted), None)


def find_among(cards: Iterable[ModelCard], name: str, providers: Iterable[str]) -> ModelCard | None:
    """The model that a name means among those of all providers, in their order; with or without the provider.

    The name of a provider alone means its first model that completes, else its first: `understudy`, `minilm`.
    """
    order = list(providers)
    provider, rest = split(name, order)
    by_provider = {key: [card for card in cards if card.provider == key] for key in ([provider] if provider else order)}
    for listed in by_provider.values():
        if card := find(listed, rest):
            return card
    own = by_provider.get(folded(rest).removesuffix(":latest"), [])
    return next((card for card in own if completes(card)), next(iter(own), None))


def completes(card: ModelCard) -> bool:
    """Whether the model writes text (and is not only for embeddings)."""
    return "completion" in card.capabilities


def shown_name(card: ModelCard) -> str:
    """The name that outsiders see: Ollama's models and `auto` have their own, the understudy is `understudy:latest`."""
    if card.provider == "ollama" or card.full_name == f"{AUTO}/{AUTO}":
        return card.name
    return f"{card.provider}:latest" if card.stand_in and completes(card) else card.full_name


def may_mean(one: str, other: str, providers: Iterable[str]) -> bool:
    """Whether two names may be of the same model: where one of them says no provider, it may be anybody's."""
    known = list(providers)
    (provider, model), (another, its_model) = split(one, known), split(other, known)
    return folded(model) == folded(its_model) and (provider == another or not provider or not another)


def folded(name: str) -> str:
    """A model's name as it is compared: in lower case, and with its tag."""
    folded = name.strip().casefold()
    return folded if ":" in folded.rpartition("/")[2] else f"{folded}:latest"
