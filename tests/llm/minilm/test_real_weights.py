"""The real weights, where somebody has fetched them: the numbers that are known of them."""

import os
from pathlib import Path

import numpy as np
import pytest

from greenroom.llm.minilm import MiniLM, Shelf
from greenroom.llm.minilm.adding import Adding
from greenroom.model import Texts
from greenroom.testing import FrozenClock


@pytest.mark.weights
async def test_sentences_are_as_close_as_is_known_of_this_model(tmp_path: Path) -> None:
    """The figures are those that the model's own page shows for these sentences; in bytes they come near to that."""
    source = os.environ.get("TESTS_MINILM")
    if not source:
        pytest.skip("TESTS_MINILM names no wheel or folder with the weights (.ci/run fetches them)")
    shelf = Shelf(tmp_path / "minilm")
    added = Adding(shelf, FrozenClock()).from_path(Path(source))
    assert added.dimensions == 384
    sentences = "That is a happy person", "That is a happy dog", "That is a very happy person", "Today is a sunny day"
    async with MiniLM(shelf, FrozenClock()) as minilm:
        rows = np.array((await minilm.embed(Texts(texts=sentences))).vectors)
    np.testing.assert_allclose(rows @ rows[0], [1, 0.695, 0.943, 0.257], atol=0.025)
