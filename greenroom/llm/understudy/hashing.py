"""Turning texts into vectors without a model: the hashing trick over words and pieces of words.

It knows spelling, not meaning: texts that share words or stems are close, synonyms are not.
Source: Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask Learning", equation 2 (signed hashing);
pieces of words as in Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information", section 3.2.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from greenroom.text import COMMON_WORDS, words

_COMMON_WEIGHT = 0.2
_PIECE_WEIGHT = 0.4
_PIECE_LENGTH = 4


class HashingEmbedder:
    """Embeds texts by the words that they are made of. The same in every process and on every machine."""

    def __init__(self, dimensions: int = 512) -> None:
        assert dimensions >= 1
        self.dimensions = dimensions

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed each text.

        Returns: float32, shape (len(texts), dimensions), rows of length 1; a text without words gives a row of zeros.
        """
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[:] = self._row(text)
        return rows

    def _row(self, text: str) -> NDArray[np.float64]:
        weights = _features(words(text))
        hashes = np.fromiter((crc32(feature.encode()) for feature in weights), np.uint32, len(weights))
        hashes = (hashes ^ (hashes >> np.uint32(16))) * np.uint32(0x85EBCA6B)
        signs = np.where(hashes >> np.uint32(31), 1.0, -1.0)
        values = signs * np.fromiter(weights.values(), np.float64, len(weights))
        cells = hashes % np.uint32(self.dimensions)
        row = np.bincount(cells, weights=values, minlength=self.dimensions).astype(np.float64, copy=False)
        length = np.linalg.norm(row)
        return row / length if length else row


def _features(tokens: Iterable[str]) -> dict[str, float]:
    """Features and their weights. A word counts 1 + ln(occurrences), so that repeating it does not drown the rest."""
    weights: defaultdict[str, float] = defaultdict(float)
    for token, count in Counter(tokens).items():
        weight = float(1 + np.log(count)) if count > 1 else 1.0
        if token in COMMON_WORDS:
            weights[token] = _COMMON_WEIGHT * weight
            continue
        weights[token] = weight
        framed = f"<{token}>"
        for start in range(len(framed) - _PIECE_LENGTH + 1):
            weights[f"#{framed[start : start + _PIECE_LENGTH]}"] += _PIECE_WEIGHT * weight
    return weights
