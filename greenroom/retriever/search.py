"""A search of the library: by words and by meaning side by side, put together, weighed and thinned out."""

import asyncio
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import select

from greenroom.errors import GreenroomError, NotFound
from greenroom.journey import due_in
from greenroom.model import Passage
from greenroom.retriever.evidence import Evidence, meaning_counts, weigh
from greenroom.retriever.library import LibraryService
from greenroom.retriever.narrowing import Narrowing
from greenroom.retriever.pieces import last_words, said_by
from greenroom.retriever.tables import chunks, collections, documents, library_state
from greenroom.retriever.terms import terms
from greenroom.retriever.vectors import Near
from greenroom.retriever.words import Shelf, distinct, words_for
from greenroom.storage.database import Database

DEPTH = 100
"""How many chunks each leg names."""
RANK_CONSTANT = 20
"""The k of reciprocal rank fusion (Cormack, Clarke and Büttcher 2009, who took 60).
Source: measured 2026-11-21; with two legs of different worth, 5 to 30 did alike and 60 worse."""
_OF_A_NEIGHBOUR = 0.2
"""How much of what speaks for a piece speaks for the one before and after it as well."""
_BY_WHO_IS_NAMED, _NEARER_BY_WHO_IS_NAMED = 1.3, 0.05
"""What a line counts that was said by somebody whom the query names: their name itself says next to nothing, since they
say half of the lines."""
_LIKENESS = 0.15
"""What being like a better passage costs, of 1 for the best. Source: Carbonell and Goldstein 1998, with lambda 0.85."""
_TERMS = 24
_CUT_SHOWN = 6
NO_ROOM = "no room: others bear on it more"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: `text` for its meaning, and `terms` for its words, each with its weight (0-1]."""

    text: str
    terms: Mapping[str, float]

    @classmethod
    def of(cls, text: str) -> "Query":
        """A query as it was written."""
        return cls(text, dict.fromkeys(distinct(terms(text))[:_TERMS], 1.0))


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is wanted, and how close it must be."""

    most: int
    floor: float


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, best first, and what was close and left out, with reasons."""

    passages: tuple[Passage, ...] = ()
    cut: tuple[Passage, ...] = ()


@dataclass(slots=True)
class _Candidate:
    row: Any
    fused: float
    evidence: Evidence
    terms: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class _Legs:
    """What each leg named, with how much it says, and how common the terms are."""

    words: Mapping[int, float]
    near: Sequence[Near]
    counts: Mapping[str, int]
    total: int
    embedder: str


class Search:
    """Searches the library as it is now."""

    def __init__(self, database: Database, library: LibraryService, vector_s: float) -> None:
        self._database, self._library, self._vector_s = database, library, vector_s

    async def find(self, query: Query, names: Sequence[str], narrowing: Narrowing, bounds: Bounds) -> Found:
        """The passages that bear on a query. Raises: NotFound, for an unknown collection."""
        shelves, total, embedder = await self._shelves(names)
        if not shelves or not total:
            return Found()
        words, near = await asyncio.gather(
            self._by_words(query, shelves, narrowing, total), self._by_meaning(query, shelves, narrowing, embedder)
        )
        legs = _Legs(words[0], near, words[1], total, embedder)
        candidates = await self._candidates(query, legs, most=2 * bounds.most + _CUT_SHOWN)
        return _chosen(candidates, bounds)

    async def _shelves(self, names: Sequence[str]) -> tuple[list[Shelf], int, str]:
        async with self._database.read() as connection:
            known = {row.name: row.number for row in await connection.execute(select(collections))}
            state = (await connection.execute(select(library_state))).one()
        if unknown := [name for name in names if name not in known]:
            listed = ", ".join(map(repr, sorted(known)[:20])) or "none"
            raise NotFound(f"there is no collection {unknown[0]!r}; there are: {listed}")
        return [Shelf(name, known[name]) for name in names or known], state.chunks, state.embedder

    async def _by_words(
        self, query: Query, shelves: Sequence[Shelf], narrowing: Narrowing, total: int
    ) -> tuple[dict[int, float], dict[str, int]]:
        async with self._database.read() as connection:
            words = words_for(connection.dialect.name)
            counts = await words.counts(connection, list(query.terms))
            telling = _telling(counts, total)
            if not telling:
                return {}, counts
            return await words.search(connection, telling, shelves, narrowing.sql(), DEPTH), counts

    async def _by_meaning(
        self, query: Query, shelves: Sequence[Shelf], narrowing: Narrowing, embedder: str
    ) -> list[Near]:
        """What is near in meaning; nothing while no index is there or nothing embeds: then words must do."""
        if not embedder:
            return []
        stamps = await self._library.store.stamps(embedder)
        ready = [s.collection for s in shelves if await self._library.is_ready(s.collection, embedder, stamps)]
        try:
            async with due_in(self._vector_s):
                vector = await self._library.embedding.of_query(query.text, embedder)
        except GreenroomError as exc:
            log.warning("searched_by_words_alone", error=type(exc).__name__, detail=exc.detail)
            return []
        async with self._database.read() as connection:
            allowed = await narrowing.numbers(connection)
        index = self._library.index
        found = await asyncio.gather(*(index.search(name, embedder, vector, DEPTH, allowed) for name in ready))
        return sorted((near for some in found for near in some), key=lambda near: (-near.cosine, near.chunk))[:DEPTH]

    async def _candidates(self, query: Query, legs: _Legs, most: int) -> list[_Candidate]:
        words, near = await self._in_their_places(query, legs)
        fused = _fused(legs.embedder, words, near)
        best = sorted(fused, key=lambda chunk: (-fused[chunk], chunk))[:most]
        wanted = (
            select(
                chunks,
                documents.c.id,
                documents.c.title,
                documents.c.source,
                documents.c.url,
                documents.c.licence,
                documents.c.metadata.label("facts"),
            )
            .join(documents, documents.c.number == chunks.c.document)
            .where(chunks.c.number.in_(best))
        )
        async with self._database.read() as connection:
            rows = {row.number: row for row in await connection.execute(wanted)}
        cosines = {near.chunk: near.cosine for near in legs.near}
        found = []
        for chunk in best:
            if row := rows.get(chunk):  # it may have been taken out this moment
                body, heading, before = terms(row.text), terms(row.heading), terms(row.before)
                evidence = weigh(query.terms, (heading, before, body), legs.counts, legs.total)
                evidence.add_meaning(legs.embedder, cosines.get(chunk))
                found.append(_Candidate(row, fused[chunk], evidence, frozenset(body)))
        return found

    async def _in_their_places(self, query: Query, legs: _Legs) -> tuple[list[int], list[int]]:
        """What each leg named, best first, heard together with what stands beside it and with who says it."""
        named = dict.fromkeys([*legs.words, *(one.chunk for one in legs.near)])
        wanted = select(chunks, documents.c.title, documents.c.speaker).join(
            documents, documents.c.number == chunks.c.document
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted.where(chunks.c.number.in_(named)))).all() if named else []
        heard, near = dict(legs.words), {one.chunk: one.cosine for one in legs.near}
        for one, other in _neighbours([row for row in rows if row.number in heard]):
            heard[one] += _OF_A_NEIGHBOUR * legs.words[other]
            heard[other] += _OF_A_NEIGHBOUR * legs.words[one]
        for row in rows:
            if row.speaker and not set(terms(row.speaker)).isdisjoint(query.terms):
                if row.number in heard:
                    heard[row.number] *= _BY_WHO_IS_NAMED
                if row.number in near:
                    near[row.number] += _NEARER_BY_WHO_IS_NAMED
        return _best_first(heard), _best_first(near)


def _best_first(said: Mapping[int, float]) -> list[int]:
    return sorted(said, key=lambda chunk: (-said[chunk], chunk))


def _neighbours(rows: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """Pairs of pieces that follow each other, in a document or from line to line of a conversation."""
    lines = {(row.title, last_words(said_by(row.speaker, row.text))): row.number for row in rows if row.speaker}
    at = {(row.document, row.ordinal): row.number for row in rows}
    for row in rows:
        before = at.get((row.document, row.ordinal - 1)) if row.ordinal else lines.get((row.title, row.before))
        if before is not None:
            yield before, row.number


def _telling(counts: Mapping[str, int], total: int) -> list[str]:
    """The terms that tell chunks apart: those in half of them or more do so only when there are no others."""
    present = {term: count for term, count in counts.items() if count}
    return [term for term, count in present.items() if count <= total / 2] or list(present)


def _fused(embedder: str, words: Sequence[int], near: Sequence[int]) -> dict[int, float]:
    """Reciprocal rank fusion: each leg gives its weight / (k + rank) to what it names."""
    by_meaning = meaning_counts(embedder) if words else 1.0
    fused: defaultdict[int, float] = defaultdict(float)
    for rank, chunk in enumerate(words, 1):
        fused[chunk] += 1 / (RANK_CONSTANT + rank)
    for rank, chunk in enumerate(near, 1):
        fused[chunk] += by_meaning / (RANK_CONSTANT + rank)
    return {chunk: value for chunk, value in fused.items() if value}


def _chosen(candidates: Sequence[_Candidate], bounds: Bounds) -> Found:
    close = [one for one in candidates if one.evidence.score >= max(bounds.floor, 1e-4)]
    far = [one for one in candidates if one.evidence.score < max(bounds.floor, 1e-4)]
    order = _diverse(close, bounds.most + _CUT_SHOWN)
    passages, least = [], 1.0
    for one in order[: bounds.most]:
        least = min(least, one.evidence.score)  # what ranks lower shall not claim more
        passages.append(_passage(one, least, one.evidence.reason()))
    cut = [_passage(one, one.evidence.score, NO_ROOM) for one in order[bounds.most :]]
    cut += [_passage(one, one.evidence.score, f"below the floor of {bounds.floor:.2f}") for one in far]
    return Found(tuple(passages), tuple(cut[:_CUT_SHOWN]))


def _diverse(candidates: Sequence[_Candidate], most: int) -> list[_Candidate]:
    """Best first, but what says the same as a better one later (maximal marginal relevance); at most so many."""
    left, order = list(candidates), list[_Candidate]()
    likeness = {id(one): 0.0 for one in left}
    top = max((one.fused for one in left), default=1.0)
    while left and len(order) < most:
        best = max(left, key=lambda one: one.fused / top * (1 - _LIKENESS) - _LIKENESS * likeness[id(one)])
        left.remove(best)
        order.append(best)
        for one in left:
            likeness[id(one)] = max(likeness[id(one)], _overlap(one.terms, best.terms))
    return order


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    """Shared part of two sets, 0-1."""
    return len(a & b) / math.sqrt(len(a) * len(b)) if a and b else 0.0


def _passage(one: _Candidate, score: float, reason: str) -> Passage:
    row = one.row
    about = {"document_id": row.id, "collection": row.collection, "section": row.section, "licence": row.licence}
    return Passage(
        id=f"{row.id}#{row.ordinal}",
        content=row.text,
        source=row.source or row.url or f"{row.collection}: {row.title or row.id}",
        url=row.url,
        title=row.title,
        relevance_score=round(score, 4),
        reason=reason,
        metadata={**row.facts, **{key: value for key, value in about.items() if value}},
    )
