"""The model servers and their models."""

from collections import Counter

from greenroom.model import STAND_IN, Models, Nothing
from greenroom.ports import Llm
from greenroom.web.card import Card
from greenroom.web.figures import count, facts, size, state
from greenroom.web.look import box, text

_ROLES = {
    "generation": "Writes lines",
    "analysis": "Reads turns",
    "maintenance": "Writes notes",
    "embedding": "Makes vectors",
}


def models_card(llm: Llm) -> None:
    """Who can be asked, and which model does which job."""
    Card("Models", "card-models", lambda: llm.models(Nothing()), _draw)


def _draw(models: Models) -> None:
    offered = Counter(card.provider for card in models.models)
    for one in models.providers:
        words = count(offered[one.provider], "model") if one.reachable else "does not answer"
        words = "stands in; not a language model" if one.provider == STAND_IN else words
        state(one.provider, one.reachable, words, "" if one.reachable else one.detail, f"provider-{one.provider}")
    facts({words: models.roles.get(role, "nobody") for role, words in _ROLES.items()})
    with box("g-prompt", "details"):
        text(f"All that can be asked ({len(models.models)})", tag="summary")
        with box("g-list", "ul"):
            for card in models.models:
                about = [card.full_name, *([size(card.size_bytes)] if card.size_bytes else []), *card.capabilities]
                text(" · ".join(about), tag="li")
