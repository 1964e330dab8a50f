"""Putting results into order: by their words, by closeness of meaning, and by where the engine had them."""

import math
from collections import Counter
from collections.abc import Sequence

from greenroom.model import SearchResult
from greenroom.text import content_words

_K1, _B = 1.2, 0.75
"""BM25's saturation and normalisation by length. Source: Robertson and Zaragoza 2009, section 3.5."""

_TITLE_WEIGHT = 2
"""A word in the title counts as if it stood twice in the text."""

_WORDS, _MEANING, _PLACE = 0.4, 0.35, 0.25
"""Weights of the three opinions. They are our judgement, not a measurement: engines know most about pages, but SearXNG
and ddgs mix the orders of several of them."""


def ranked(
    query: str, results: Sequence[SearchResult], vectors: Sequence[Sequence[float]] | None
) -> list[SearchResult]:
    """The results, best first, with scores of 0–1; the same for the same input, ties in the engine's order.

    `vectors` are those of the query and then of each result, of length 1; without them words and place decide alone.
    """
    words = _by_words(query, results)
    places = [1 - place / len(results) for place in range(len(results))]
    if vectors is None:
        scores = [(_WORDS * w + _PLACE * p) / (_WORDS + _PLACE) for w, p in zip(words, places, strict=True)]
    else:
        asked, *found = vectors
        meanings = [min(1.0, max(0.0, sum(a * b for a, b in zip(asked, one, strict=True)))) for one in found]
        opinions = zip(words, meanings, places, strict=True)
        scores = [_WORDS * w + _MEANING * m + _PLACE * p for w, m, p in opinions]
    scored = [r.model_copy(update={"score": round(s, 4)}) for r, s in zip(results, scores, strict=True)]
    return sorted(scored, key=lambda result: -result.score)


def _by_words(query: str, results: Sequence[SearchResult]) -> list[float]:
    """BM25 of each result, as a share of what a text with all words of the query could reach; 0–1.

    The rarity is Lucene's, which is never negative: in twenty results that were found by a word, nearly all have it.
    Source: Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009, equations 3.15 and 3.16.
    """
    asked = set(content_words(query))
    texts = [_TITLE_WEIGHT * content_words(r.title) + content_words(r.snippet) for r in results]
    counts = [Counter(text) for text in texts]
    average = sum(map(len, texts)) / max(1, len(texts)) or 1.0
    rarity = {word: _rarity(len(texts), sum(word in count for count in counts)) for word in asked}
    most = sum(rarity.values()) * (_K1 + 1)
    return [
        sum(rarity[word] * _strength(count[word], len(text) / average) for word in asked) / most if most else 0.0
        for count, text in zip(counts, texts, strict=True)
    ]


def _rarity(total: int, holding: int) -> float:
    return math.log1p((total - holding + 0.5) / (holding + 0.5))


def _strength(times: int, length: float) -> float:
    return times * (_K1 + 1) / (times + _K1 * (1 - _B + _B * length))
