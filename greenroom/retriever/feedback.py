"""A second hearing for what both legs named: by the words that were asked for, and by those that the first hits share.

Who asks for a camping trip finds the tent and the fire too. No other chunks are looked up for that, so that it costs no
second search. Source: pseudo relevance feedback, as Lavrenko and Croft 2001 have it, "Relevance-Based Language Models".
"""

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np

from greenroom.retriever.evidence import rarity
from greenroom.retriever.said import Said

FIRST_HITS = 10
"""Source: measured 2026-11-21, as all that follows; 5 did nearly as well, 15 a little worse."""
_ADDED, _WEIGHED = 20, 30
_BESIDE_ASKED = 0.3
"""What the best of the added words counts, where a word that was asked for counts 1."""

Count = Callable[[Sequence[str]], Mapping[str, int]]
"""In how many chunks of the library each term stands; those that stand in none are left out."""


def heard_again(
    asked: Mapping[str, float],
    first: Sequence[int],
    said: Said,
    names: Collection[str],
    total: int,
    count: Count,
) -> dict[int, float]:
    """What the words of each chunk say (BM25), of all of `said` that say something, whichever leg named them.

    `first` are the best so far, and `names` the terms that tell who speaks, which say nothing of what is spoken of.
    `total` is how many chunks the library has.
    """
    shared = _shared(first, said, {*asked, *names})
    counts = count([*asked, *shared])
    rare = {term: rarity(total, holding) for term, holding in counts.items()}
    added = sorted(((held * rare[t], t) for t, held in shared.items() if t in rare), key=lambda one: (-one[0], one[1]))
    best = max((value for value, _ in added), default=0.0) or 1.0
    weights = {term: weight * rare[term] for term, weight in asked.items() if term in rare}
    weights |= {term: _BESIDE_ASKED * value / best * rare[term] for value, term in added[:_ADDED]}
    heard = zip(said, _bm25(said, weights), strict=True)
    return {chunk: value for chunk, value in heard if value}


def _shared(first: Sequence[int], said: Said, left_out: set[str]) -> dict[str, int]:
    """The words of the first hits, with how many of them have each: those that the other chunks have less."""
    terms, held, everywhere = said.shared(first, left_out)
    rare = np.array([rarity(len(said), holding) for holding in range(len(said) + 1)])
    values = held * rare[everywhere]
    least = np.sort(values)[-_WEIGHED:].min(initial=np.inf)
    best = np.flatnonzero(values >= least)
    spelt = map(said.vocabulary.__getitem__, terms[best].tolist())
    valued = sorted(zip((-values[best]).tolist(), spelt, held[best].tolist(), strict=True))
    return {term: many for _, term, many in valued[:_WEIGHED]}


def _bm25(said: Said, weights: Mapping[str, float]) -> list[float]:
    """What these words of each chunk say, as the databases reckon it (see `words.py`)."""
    if not said:
        return []
    lengths = said.lengths()
    room = 1.2 * (0.25 + 0.75 * lengths / max(1.0, lengths.mean()))
    times = said.times(list(weights))
    heard = np.array(list(weights.values())) * times * 2.2 / (times + room[:, np.newaxis])
    return [float(value) for value in heard.sum(axis=1)]
