"""The lore of one version of a character, indexed in memory: SQLite's FTS5 finds and stems, the scoring is ours."""

import math
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from weakref import finalize

from greenroom.errors import StorageFailed
from greenroom.model import Passage
from greenroom.retriever.leaves import Leaf
from greenroom.retriever.topic import RECENT_WEIGHT, Topic, spoken_words

FLOOR = 0.32
"""Least score of a passage. Source: on the pages of lore that ship, words in passing ("love", "help", "day") reach
0.31, words of a key 0.34 and more; measured 2026-11-21."""

_WORD_BELIEF = 0.6
_KEY_BELIEF = 0.6
_LEAVES_PER_ENTRY = 2
_SATURATION = 2.2
"""The most that BM25 gives for one word before its rarity: k1 + 1, where FTS5 has k1 = 1.2."""

_CREATE = """
    CREATE VIRTUAL TABLE leaves USING fts5(keys, text, content='', tokenize='porter unicode61 remove_diacritics 2')
"""
_INSERT = "INSERT INTO leaves (rowid, keys, text) VALUES (?, ?, ?)"
_SEARCH = "SELECT rowid, bm25(leaves, 3.0, 1.0) FROM leaves WHERE leaves MATCH ? ORDER BY rowid"
"""A hit in a key counts three times a hit in the text."""


@dataclass(slots=True)
class _Evidence:
    """What speaks for a leaf. `doubt` is the chance that all of it is coincidence."""

    doubt: float = 1.0
    keys: list[str] = field(default_factory=list)
    newest: list[str] = field(default_factory=list)
    earlier: list[str] = field(default_factory=list)


class OwnLore:
    """An index over leaves. It closes its database by itself when it is no longer held."""

    def __init__(self, leaves: Iterable[Leaf]) -> None:
        self._leaves = tuple(leaves)
        self._by_key = _by_key(self._leaves)
        self._longest_key = max((len(key) for key in self._by_key), default=0)
        with _translated():
            connection = sqlite3.connect(":memory:", check_same_thread=False)
            finalize(self, connection.close)
            connection.execute(_CREATE)
            connection.executemany(_INSERT, map(_row, range(len(self._leaves)), self._leaves))
        self._connection = connection

    def constant(self) -> list[Passage]:
        """The leaves that are always in mind, in the order of the sheet; their score is 1."""
        return [_passage(leaf, 1.0, "always in mind") for leaf in self._leaves if leaf.constant]

    def everything(self) -> list[Passage]:
        """All leaves, in the order of the sheet."""
        return [_passage(leaf, 1.0, "always in mind" if leaf.constant else "") for leaf in self._leaves]

    def find(self, topic: Topic, max_results: int) -> list[Passage]:
        """The other leaves that the topic speaks of, best first, ties in the order of the sheet.

        The score is 0–1, higher is better, and means the same in every library: each word and key that matches is
        taken as a witness who is right with some probability, and the score is the chance that not all are wrong,
        1 - Π(1 - pᵢ) ("noisy or"; Pearl, Probabilistic Reasoning in Intelligent Systems, 1988, section 4.3.2).
        A word's p is 0.6 · its rarity here (0–1) · how strongly the leaf speaks of it (BM25's term frequency,
        0–1), a key's is 0.6; both are multiplied by 0.4 when only earlier lines hold them.
        At most two leaves of one entry are returned, and none below `FLOOR`.
        """
        weighed = self._weigh(topic)
        chances = {row: 1 - evidence.doubt for row, evidence in weighed.items()}
        close = (row for row, chance in chances.items() if chance >= FLOOR and not self._leaves[row].constant)
        best = self._few_of_each_entry(sorted(close, key=lambda row: (-chances[row], row)))
        return [
            _passage(self._leaves[row], chances[row], _reason(weighed[row], len(topic.newest)))
            for row in islice(best, max_results)
        ]

    def _few_of_each_entry(self, rows: Iterable[int]) -> Iterator[int]:
        taken: Counter[int] = Counter()
        for row in rows:
            entry = self._leaves[row].entry
            taken[entry] += 1
            if taken[entry] <= _LEAVES_PER_ENTRY:
                yield row

    def _weigh(self, topic: Topic) -> dict[int, _Evidence]:
        weighed: dict[int, _Evidence] = {}
        for word in topic.newest:
            for row, strength in self._strengths(word):
                evidence = weighed.setdefault(row, _Evidence())
                evidence.doubt *= 1 - _WORD_BELIEF * strength
                evidence.newest.append(word)
        for word in topic.earlier:
            for row, strength in self._strengths(word):
                evidence = weighed.setdefault(row, _Evidence())
                evidence.doubt *= 1 - _WORD_BELIEF * strength * RECENT_WEIGHT
                evidence.earlier.append(word)
        self._weigh_keys(topic, weighed)
        return weighed

    def _weigh_keys(self, topic: Topic, weighed: dict[int, _Evidence]) -> None:
        newest = self._keys_in(topic.line)
        earlier = [key for key in self._keys_in(topic.lines_before) if key not in newest]
        for keys, weight in ((newest, 1.0), (earlier, RECENT_WEIGHT)):
            for key in keys:
                for row in self._by_key[key]:
                    evidence = weighed.setdefault(row, _Evidence())
                    evidence.doubt *= 1 - _KEY_BELIEF * weight
                    evidence.keys.append(" ".join(key))

    def _keys_in(self, line: tuple[str, ...]) -> list[tuple[str, ...]]:
        sizes = range(1, self._longest_key + 1)
        runs = (line[start : start + size] for start in range(len(line)) for size in sizes)
        return list(dict.fromkeys(run for run in runs if run in self._by_key))

    def _strengths(self, word: str) -> list[tuple[int, float]]:
        """Row and strength, 0–1, of each leaf with this word: its rarity here times BM25's term frequency.

        FTS5 multiplies by its own rarity, which is nothing for a word in half of the leaves or more; in a library
        of five that would be most words. So that part is divided out again, and Lucene's (never negative, here
        scaled to 1 for a word of a single leaf) put in its place.
        Source: sqlite.org/fts5.html, "The bm25() function"; Robertson and Zaragoza, The Probabilistic Relevance
        Framework, 2009, equation 3.15.
        """
        with _translated():
            hits = self._connection.execute(_SEARCH, (f'"{word}"',)).fetchall()
        if not hits:
            return []
        total, holding = len(self._leaves), len(hits)
        built_in = max(math.log((total - holding + 0.5) / (holding + 0.5)), 1e-6)
        rarity = _rarity(total, holding) / _rarity(total, 1)
        return [(row, rarity * -score / built_in / _SATURATION) for row, score in hits]


def _rarity(total: int, holding: int) -> float:
    return math.log1p((total - holding + 0.5) / (holding + 0.5))


def _by_key(leaves: tuple[Leaf, ...]) -> dict[tuple[str, ...], list[int]]:
    rows: dict[tuple[str, ...], list[int]] = {}
    for row, leaf in enumerate(leaves):
        for key in dict.fromkeys(tuple(spoken_words(key)) for key in leaf.keys):
            if key:
                rows.setdefault(key, []).append(row)
    return rows


def _row(row: int, leaf: Leaf) -> tuple[int, str, str]:
    return row, " ".join(spoken_words("\n".join(leaf.keys))), " ".join(spoken_words(leaf.text))


def _passage(leaf: Leaf, score: float, reason: str) -> Passage:
    return Passage(
        id=leaf.id,
        content=leaf.text,
        source=leaf.source,
        title=leaf.title,
        relevance_score=round(score, 4),
        reason=reason,
    )


def _reason(evidence: _Evidence, asked: int) -> str:
    """For example: speaks of 'clam'; 2 of 3 words match ('clam', 'beer'); earlier lines: 'quahog'."""
    parts = [f"speaks of {_quoted(evidence.keys)}"] if evidence.keys else []
    if evidence.newest:
        parts.append(f"{len(evidence.newest)} of {asked} words match ({_quoted(evidence.newest)})")
    if evidence.earlier:
        parts.append(f"earlier lines: {_quoted(evidence.earlier)}")
    return "; ".join(parts)


def _quoted(texts: list[str]) -> str:
    return ", ".join(f"'{text}'" for text in texts)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as exc:
        raise StorageFailed(f"the index of the lore failed: {exc} (SQLite with FTS5 is needed)") from exc
