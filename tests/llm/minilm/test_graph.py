"""The graph that is made of plain weights, beside the same sums done by hand."""

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from greenroom.errors import InvalidInput
from greenroom.llm.minilm.graph import graph_of, read_safetensors
from tests.llm.minilm.tiny import HEADS, LAYERS, WIDTH, WORDS, Weights, tiny_engine, tiny_weights

Numbers = NDArray[np.float32]


def test_the_graph_gives_what_the_sums_by_hand_give(tmp_path: Path) -> None:
    (row,) = tiny_engine(tmp_path).embed(["Good evening, cats"]).rows
    ids = [WORDS.index(word) for word in ("[CLS]", "good", "evening", "[UNK]", "cat", "##s", "[SEP]")]
    wanted = by_hand(tiny_weights(), ids).mean(axis=0)
    assert row @ wanted / np.linalg.norm(wanted) > 0.999, "bytes are nearly as good as floats"


def test_a_longer_neighbour_changes_no_vector(tmp_path: Path) -> None:
    engine = tiny_engine(tmp_path)
    alone = engine.embed(["a cat"]).rows[0]
    beside = engine.embed(["a cat", "good night " * 40]).rows[0]
    np.testing.assert_allclose(alone, beside, atol=1e-5)


def test_weights_that_are_all_nothing_give_numbers(tmp_path: Path) -> None:
    weights = {name: np.zeros_like(values) for name, values in tiny_weights().items()}
    (row,) = tiny_engine(tmp_path, weights).embed(["a cat"]).rows
    assert np.isfinite(row).all()


def test_weights_of_something_else_are_refused_by_name() -> None:
    weights = tiny_weights()
    del weights["encoder.layer.1.output.dense.bias"]
    with pytest.raises(InvalidInput, match=r"encoder\.layer\.1\.output\.dense\.bias"):
        graph_of(weights, HEADS)


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 64, (8).to_bytes(8, "little") + b"[1, 2,3]"])
def test_a_file_that_is_not_safetensors_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(InvalidInput, match="not a file of safetensors"):
        read_safetensors(tmp_path / "model.safetensors")


def by_hand(weights: Weights, ids: list[int]) -> Numbers:
    """What the model says of each token."""

    def dense(name: str, given: Numbers) -> Numbers:
        product: Numbers = given @ weights[f"{name}.weight"].T
        return product + weights[f"{name}.bias"]

    def normalised(name: str, given: Numbers) -> Numbers:
        even: Numbers = (given - given.mean(-1, keepdims=True)) / np.sqrt(given.var(-1, keepdims=True) + 1e-12)
        return even * weights[f"{name}.LayerNorm.weight"] + weights[f"{name}.LayerNorm.bias"]

    words, kinds = (weights[f"embeddings.{name}_embeddings.weight"] for name in ("word", "token_type"))
    hidden: Numbers = words[ids] + kinds[0]
    hidden = normalised("embeddings", hidden + weights["embeddings.position_embeddings.weight"][: len(ids)])
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        query, key, value = (dense(f"{layer}.attention.self.{part}", hidden) for part in ("query", "key", "value"))
        seen = np.empty_like(hidden)
        for head in np.split(np.arange(WIDTH), HEADS):
            scores = np.exp(query[:, head] @ key[:, head].T / math.sqrt(len(head)))
            seen[:, head] = scores / scores.sum(-1, keepdims=True) @ value[:, head]
        hidden = normalised(f"{layer}.attention.output", dense(f"{layer}.attention.output.dense", seen) + hidden)
        wide = dense(f"{layer}.intermediate.dense", hidden)
        bent = wide * 0.5 * (1 + np.vectorize(math.erf)(wide / math.sqrt(2)))
        hidden = normalised(f"{layer}.output", dense(f"{layer}.output.dense", bent.astype(np.float32)) + hidden)
    return hidden
