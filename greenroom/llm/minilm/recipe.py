"""Which files the model is made of, to the byte."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pin:
    """A file as it has to be. `path` is where the hub has it; the last part of it is its name anywhere."""

    path: str
    size_bytes: int
    sha256: str

    @property
    def name(self) -> str:
        """What the file is called."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Recipe:
    """A model that can be added: where it is, and which files it is made of."""

    name: str
    hub: str
    weights: Pin
    tokenizer: Pin
    heads: int
    parameters: int


MINILM = Recipe(
    name="all-minilm-l6-v2",
    hub="https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/",
    weights=Pin("model.safetensors", 90_868_376, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
    tokenizer=Pin("tokenizer.json", 466_247, "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
    heads=12,
    parameters=22_713_216,
)
"""Sentence vectors of 384 numbers; Apache-2.0. Source: huggingface.co/sentence-transformers/all-MiniLM-L6-v2."""
