"""How likely an answer is thought to be wrong before there is experience."""

import pytest

from greenroom.llm.similar.chance import chance_of_wrong
from greenroom.llm.similar.guards import Likeness

BOUND = 0.01
MINILM = ["minilm/all-minilm-l6-v2", "ollama/all-minilm:latest"]


@pytest.mark.parametrize("embedder", ["understudy/hash", "ollama/nomic-embed-text:latest", *MINILM])
def test_the_same_words_are_trusted_whatever_the_embedder(embedder: str) -> None:
    assert chance_of_wrong("typing", 0.1, embedder) < chance_of_wrong("words", 0.1, embedder) <= BOUND


@pytest.mark.parametrize("embedder", ["understudy/hash", "ollama/nomic-embed-text:latest"])
@pytest.mark.parametrize("likeness", ["reworded", "substituted"])
def test_other_words_are_not_trusted_to_an_embedder_that_was_not_measured(likeness: Likeness, embedder: str) -> None:
    assert chance_of_wrong(likeness, 1.0, embedder) > BOUND


@pytest.mark.parametrize("embedder", MINILM)
def test_other_words_are_trusted_to_one_that_was_the_more_the_closer(embedder: str) -> None:
    assert chance_of_wrong("reworded", 0.92, embedder) < BOUND < chance_of_wrong("reworded", 0.85, embedder)
    assert chance_of_wrong("substituted", 0.95, embedder) < BOUND < chance_of_wrong("substituted", 0.92, embedder)
