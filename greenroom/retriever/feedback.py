"""A second hearing for what both legs named: by the words that were asked for, and by those that the first hits share.

Who asks for a camping trip finds the tent and the fire too. No other chunks are looked up for that, so that it costs no
second search. Source: pseudo relevance feedback, as Lavrenko and Croft 2001 have it, "Relevance-Based Language Models".
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from greenroom.retriever.evidence import rarity
from greenroom.retriever.said import Counts, Said

FIRST_HITS = 10
"""Source: measured 2026-11-21, as all that follows; 5 did nearly as well, 15 a little worse."""
_ADDED, _WEIGHED = 20, 30
_SIZES = 128
_BESIDE_ASKED = 0.3
"""What the best of the added words counts, where a word that was asked for counts 1."""


def shared_words(first: Sequence[int], said: Said, left_out: Iterable[str]) -> dict[str, int]:
    """The words of the first hits, with how many of them have each: those that the other chunks have less."""
    terms, held, everywhere = said.shared(first, left_out)
    best = np.argsort(-held * _rarities(len(said))[everywhere], kind="stable")[:_WEIGHED]
    spelt = map(said.vocabulary.__getitem__, terms[best].tolist())
    return dict(zip(spelt, held[best].tolist(), strict=True))


def weights(
    asked: Mapping[str, float], shared: Mapping[str, int], counts: Mapping[str, int], total: int
) -> list[float]:
    """What each word counts: those that were asked for, and after them those that the first hits share.

    `counts` says how many of the library's `total` chunks have each word; those that none has are left out, and say
    nothing.
    """
    rare = {term: rarity(total, holding) for term, holding in counts.items()}
    added = sorted(((held * rare[t], t) for t, held in shared.items() if t in rare), key=lambda one: (-one[0], one[1]))
    best = max((value for value, _ in added), default=0.0) or 1.0
    beside = {term: _BESIDE_ASKED * value / best * rare[term] for value, term in added[:_ADDED]}
    return [weight * rare.get(term, 0.0) for term, weight in asked.items()] + [beside.get(t, 0.0) for t in shared]


def heard_again(said: Said, times: Counts, weights: Sequence[float]) -> dict[int, float]:
    """What the words of each chunk say, of those that say something, whichever leg named them.

    `times` is how often each has each word, shape (chunks, words). The formula is that of the databases, BM25 (see
    `words.py`).
    """
    lengths = said.lengths()
    room = 1.2 * (0.25 + 0.75 * lengths / max(1.0, lengths.mean() if said else 0.0))
    heard = (np.array(weights) * 2.2 * times / (times + room[:, np.newaxis])).sum(axis=1)
    return {chunk: value for chunk, value in zip(said, heard.tolist(), strict=True) if value}


@lru_cache(_SIZES)
def _rarities(total: int) -> NDArray[np.float64]:
    """How much a word says, by how many of so many chunks hold it; shape (total + 1,)."""
    return np.array([rarity(total, holding) for holding in range(total + 1)])
