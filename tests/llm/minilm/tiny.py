"""A model as small as one can be: MiniLM's files with a dozen words and eight numbers, made on the spot."""

import hashlib
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

from greenroom.llm.minilm.engine import Engine
from greenroom.llm.minilm.graph import graph_of
from greenroom.llm.minilm.recipe import MINILM, Pin, Recipe

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "evening", "night", "cat", "dog", "##s", "a", "quiet")
WIDTH, WIDE, HEADS, LAYERS, POSITIONS = 8, 16, 2, 2, 300

Weights = dict[str, NDArray[np.float32]]


def tiny_weights() -> Weights:
    """Weights of the right shapes, the same every time."""
    chance = np.random.default_rng(7)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(WORDS), WIDTH),
        "embeddings.position_embeddings.weight": (POSITIONS, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
        **_normalisation("embeddings"),
    }
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            shapes |= _dense(f"{layer}.{part}", WIDTH, WIDTH)
        shapes |= _dense(f"{layer}.intermediate.dense", WIDTH, WIDE) | _dense(f"{layer}.output.dense", WIDE, WIDTH)
        shapes |= _normalisation(f"{layer}.attention.output") | _normalisation(f"{layer}.output")
    return {name: chance.normal(0, 0.5, shape).astype(np.float32) for name, shape in shapes.items()}


def write_files(folder: Path) -> Recipe:
    """Put `model.safetensors` and `tokenizer.json` into a folder; the recipe that has exactly these."""
    folder.mkdir(parents=True, exist_ok=True)
    weights, tokenizer = folder / "model.safetensors", folder / "tokenizer.json"
    weights.write_bytes(_safetensors(tiny_weights()))
    _tokenizer().save(str(tokenizer))
    return Recipe(
        name=MINILM.name,
        hub="http://127.0.0.1:1/",
        weights=_pin(weights, "model.safetensors"),
        tokenizer=_pin(tokenizer, "tokenizer.json"),
        heads=HEADS,
        parameters=1234,
    )


def tiny_engine(folder: Path, weights: Weights | None = None) -> Engine:
    """The model, running."""
    write_files(folder)
    graph = folder / "model.onnx"
    graph.write_bytes(graph_of(weights or tiny_weights(), HEADS))
    return Engine(graph, folder / "tokenizer.json", threads=1)


def _pin(file: Path, path: str) -> Pin:
    content = file.read_bytes()
    return Pin(path, len(content), hashlib.sha256(content).hexdigest())


def _dense(name: str, inner: int, outer: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (outer, inner), f"{name}.bias": (outer,)}


def _normalisation(name: str) -> dict[str, tuple[int, ...]]:
    return {f"{name}.LayerNorm.weight": (WIDTH,), f"{name}.LayerNorm.bias": (WIDTH,)}


def _safetensors(weights: Weights) -> bytes:
    head, content = {}, b""
    for name, values in weights.items():
        begin, content = len(content), content + values.tobytes()
        head[name] = {"dtype": "F32", "shape": values.shape, "data_offsets": [begin, len(content)]}
    written = json.dumps({"__metadata__": {"format": "pt"}, **head}).encode()
    written += b" " * (-len(written) % 8)
    return len(written).to_bytes(8, "little") + written + content


def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(WordPiece({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer()
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return tokenizer
