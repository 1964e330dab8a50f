"""The model while it runs: texts in, rows of numbers out. Blocking; the provider runs it in a thread."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from greenroom.errors import BadRequest, InvalidInput

TOKENS = 256
"""The longest text that the model was trained on, in tokens. Source: its `sentence_bert_config.json`."""

AT_ONCE = 8
"""Most texts in one run. More give no more of them in a second (measured in November 2026, 24 tokens each: 170 with 8,
160 with 32), and keep others waiting for longer."""

_READ_CHARACTERS = 20_000
"""Of a text, no more is cut into tokens: 256 of them are far less, but for text made to be slow."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """One row of length 1 for each text, and how many tokens all of them had."""

    rows: NDArray[np.float32]
    tokens: int


class Engine:
    """A model in memory. Making one reads it from the disk and takes a fifth of a second.

    Raises: InvalidInput, when the files are not those of a model that embeds texts.
    """

    def __init__(self, graph: Path, tokenizer: Path, threads: int) -> None:
        # A third of a second to import, both together: only those pay who use the model.
        import onnxruntime  # type: ignore[import-untyped]
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
        except Exception as exc:  # both libraries raise bare exceptions of their own, without a common root
            raise InvalidInput(f"{graph.parent} holds no model that can be run: {exc}") from exc
        self._tokenizer.enable_truncation(TOKENS)
        self._tokenizer.enable_padding()
        self._inputs = frozenset(given.name for given in self._session.get_inputs())

    def embed(self, texts: Sequence[str], *, truncate: bool = True) -> Embedded:
        """Embed at most `AT_ONCE` texts: the mean of what the model says of each token, made of length 1.

        Source: Reimers and Gurevych 2019, "Sentence-BERT", section 3 (mean pooling).
        Raises: BadRequest, for a text of more than 256 tokens without `truncate`.
        """
        assert 0 < len(texts) <= AT_ONCE
        encoded = self._tokenizer.encode_batch([text[:_READ_CHARACTERS] for text in texts])
        too_long = any(e.overflowing or len(t) > _READ_CHARACTERS for e, t in zip(encoded, texts, strict=True))
        if too_long and not truncate:
            raise BadRequest("the input length exceeds the context length")
        mask = np.array([e.attention_mask for e in encoded], np.int64)
        given = {
            "input_ids": np.array([e.ids for e in encoded], np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        (said,) = self._session.run(["last_hidden_state"], {n: v for n, v in given.items() if n in self._inputs})
        return Embedded(_pooled(said, mask), int(mask.sum()))


def _pooled(said: Any, mask: NDArray[np.int64]) -> NDArray[np.float32]:
    weights = mask[:, :, None].astype(np.float32)
    means = (said * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1)
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    rows: NDArray[np.float32] = means / np.maximum(lengths, np.finfo(np.float32).tiny)
    return rows
