"""What the list of models tells about who speaks."""

import pytest

from greenroom.model import ModelCard, Models, ProviderHealth

UNDERSTUDY = ModelCard(name="understudy", provider="understudy", stand_in=True)
LLAMA = ModelCard(name="llama3.2", provider="ollama")


@pytest.mark.parametrize(
    ("reachable", "cards", "why"),
    [
        (False, (UNDERSTUDY,), "no model server was found"),
        (True, (UNDERSTUDY,), "ollama has no model yet (`ollama pull llama3.2` gets one)"),
        (True, (UNDERSTUDY, LLAMA), "the settings ask for it"),
    ],
)
def test_the_reason_for_the_understudy_says_what_was_found(
    reachable: bool, cards: tuple[ModelCard, ...], why: str
) -> None:
    providers = (
        ProviderHealth(provider="ollama", reachable=reachable),
        ProviderHealth(provider="understudy", reachable=True),
    )
    models = Models(models=cards, providers=providers, roles={"generation": "understudy/understudy"})
    assert models.stand_in
    assert models.why_stand_in == why


def test_a_model_that_speaks_is_no_stand_in() -> None:
    assert not Models(models=(UNDERSTUDY, LLAMA), roles={"generation": "ollama/llama3.2"}).stand_in
