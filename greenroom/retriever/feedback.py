"""A second hearing for what both legs named: by the words that were asked for, and by those that the first hits share.

Who asks for a camping trip finds the tent and the fire too. No other chunks are looked up for that, so that it costs no
second search. Source: pseudo relevance feedback, as Lavrenko and Croft 2001 have it, "Relevance-Based Language Models".
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import chain

from greenroom.retriever.evidence import rarity
from greenroom.retriever.sayings import Saying

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
    said: Mapping[int, Saying],
    names: Collection[str],
    total: int,
    count: Count,
) -> dict[int, float]:
    """What the words of each chunk say (BM25), of all of `said` that say something, whichever leg named them.

    `first` are the best so far, and `names` the terms that tell who speaks, which say nothing of what is spoken of.
    `total` is how many chunks the library has.
    """
    shared = _shared([said[chunk] for chunk in first], said, {*asked, *names})
    counts = count([*asked, *shared])
    rare = {term: rarity(total, holding) for term, holding in counts.items()}
    added = sorted(((held * rare[t], t) for t, held in shared.items() if t in rare), key=lambda one: (-one[0], one[1]))
    best = max((value for value, _ in added), default=0.0) or 1.0
    weights = {term: weight * rare[term] for term, weight in asked.items() if term in rare}
    weights |= {term: _BESIDE_ASKED * value / best * rare[term] for value, term in added[:_ADDED]}
    average = sum(one.length for one in said.values()) / max(1, len(said))
    heard = {chunk: _bm25(one, weights, one.length / average) for chunk, one in said.items()}
    return {chunk: value for chunk, value in heard.items() if value}


def _shared(first: Sequence[Saying], said: Mapping[int, Saying], left_out: set[str]) -> dict[str, int]:
    """The words of the first hits, with how many of them have each: those that the other chunks have less."""
    held = Counter(chain.from_iterable(one.body - left_out for one in first))
    shared = frozenset(held)
    everywhere = Counter(chain.from_iterable(one.body & shared for one in said.values()))
    rare = [rarity(len(said), holding) for holding in range(len(said) + 1)]
    valued = sorted((-many * rare[everywhere[term]], term) for term, many in held.items())
    return {term: held[term] for _, term in valued[:_WEIGHED]}


def _bm25(saying: Saying, weights: Mapping[str, float], length: float) -> float:
    """As the databases reckon it (see `words.py`); `length` is 1 for the average."""
    halves, room, heard = saying.halves, 1.2 * (0.25 + 0.75 * length), 0.0
    for term in weights:
        if term in halves:
            many = halves[term] / 2
            heard += weights[term] * many * 2.2 / (many + room)
    return heard
