"""A search of the library: by words and by meaning side by side, put together, weighed and thinned out."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, select, true

from greenroom.errors import GreenroomError, NotFound
from greenroom.journey import due_in
from greenroom.retriever.choosing import CUT_SHOWN, Candidate, chosen
from greenroom.retriever.evidence import rarities, weigh
from greenroom.retriever.feedback import FIRST_HITS, heard_again, shared_words, weights
from greenroom.retriever.frequency import Extent, telling
from greenroom.retriever.fusion import Fusion, best_first
from greenroom.retriever.library import LibraryService
from greenroom.retriever.narrowing import Narrowing, Numbers
from greenroom.retriever.query import Bounds, Found, Query
from greenroom.retriever.reranking import Reranker
from greenroom.retriever.said import Saying
from greenroom.retriever.store import Stamp
from greenroom.retriever.tables import collections, library_state, shelves
from greenroom.retriever.vectors import Vector
from greenroom.retriever.words import Shelf, words_for
from greenroom.storage.database import Database

DEPTH = 50
"""How many chunks each leg names. Source: measured 2026-11-21; 50 to 100 did alike."""
STAY_FIRST = 5
"""How many of the first hits stay where they are, whatever the words that they share speak for: in a small library of
pages that are much alike, others came before the only one that answers. Source: measured 2026-11-21; recall among five
and among ten was best so.
"""
_DIGITS = 5
"""Of cosines: from the seventh on each kind of index has its own, and so its own order of what is equally near."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where is searched: the shelves (none of them means all), what they hold by whose vectors, and how large it is.

    What is put in after this was looked at may be hidden, without being among what is known to be: it is not found.
    """

    shelves: Sequence[Shelf]
    stamps: Mapping[str, Stamp]
    embedder: str
    extent: Extent


@dataclass(frozen=True, slots=True)
class _Legs:
    """What each leg named, with how much it says, and how rare the terms of the query are (0-1)."""

    words: Mapping[int, float]
    near: Mapping[int, float]
    rare: Mapping[str, float]


class Search:
    """Searches the library as it is when the search begins.

    The database is asked once, and again for what was not read before: what is weighed, and given, is kept in memory.
    """

    def __init__(
        self, database: Database, library: LibraryService, vector_s: float, reranker: Reranker | None = None
    ) -> None:
        self._database, self._library, self._vector_s = database, library, vector_s
        self._reranker = reranker
        self._embedder = ""
        """Whose vectors were searched last: most likely they are now."""

    async def find(self, query: Query, names: Sequence[str], narrowing: Narrowing, bounds: Bounds) -> Found:
        """The passages that bear on a query. Raises: NotFound, for an unknown collection."""
        meant, (place, words, counts, allowed) = await asyncio.gather(
            self._meant(query, self._embedder),
            self._database.look(lambda connection: self._by_words(connection, query, names, narrowing)),
        )
        if not place.extent.searched:
            return Found()
        if place.embedder != self._embedder:
            self._embedder = place.embedder
            meant = await self._meant(query, place.embedder)
        near = await self._near(meant, place, allowed) if meant is not None else {}
        legs = _Legs(words, near, rarities(query.terms, counts, place.extent.chunks))
        candidates = await self._weighed(query, legs, place, 2 * bounds.most + CUT_SHOWN)
        if self._reranker:
            candidates = await self._reranker.ordered(query.text, candidates)
        return chosen(candidates, bounds)

    def _by_words(
        self, connection: Connection, query: Query, names: Sequence[str], narrowing: Narrowing
    ) -> tuple[_Place, dict[int, float], dict[str, int], Numbers]:
        """Where is searched, what the words leg names there, how common the terms are, what the other leg may name."""
        place = _place(connection, names)
        counts = self._library.frequency.of(connection, list(query.terms), place.extent)
        allowed = narrowing.numbers(connection)
        wanted = telling(counts, place.extent)
        if not wanted:
            return place, {}, counts, allowed
        words = words_for(connection.dialect.name)
        found = words.search(connection, wanted, place.shelves, allowed, DEPTH)
        found = {chunk: said for chunk, said in found.items() if chunk < place.extent.newest}
        self._library.sayings.of(connection, found)  # needed in a moment; the query is being embedded now
        return place, found, counts, allowed

    async def _weighed(self, query: Query, legs: _Legs, place: _Place, most: int) -> list[Candidate]:
        """What may be given, best first, with what speaks for it."""
        said = await self._library.said([*dict.fromkeys([*legs.words, *legs.near])])
        fusion = Fusion(said.values(), query.terms, place.embedder)
        both = fusion.fused(legs.words, legs.near)
        first = [chunk for chunk in best_first(both) if chunk in said][:FIRST_HITS] if legs.words else []
        shared = shared_words(first, said, {*query.terms}.union(*fusion.speakers.values()))
        times = said.times([*query.terms, *shared])
        if legs.words:
            counts = await self._library.counts([*query.terms, *shared], place.extent)
            heard = heard_again(said, times, weights(query.terms, shared, counts, place.extent.chunks))
            both = _behind(best_first(both)[:STAY_FIRST], fusion.fused(heard, legs.near))
        asked = dict(zip(said, times[:, : len(query.terms)].tolist(), strict=True))
        best = [chunk for chunk in best_first(both) if chunk in said][:most]  # it may have been taken out this moment
        return [self._candidate(query, legs, place, said[chunk], both[chunk], asked[chunk]) for chunk in best]

    def _candidate(
        self, query: Query, legs: _Legs, place: _Place, one: Saying, fused: float, times: list[float]
    ) -> Candidate:
        evidence = weigh(query.terms, times, one.heading, legs.rare)
        evidence.add_meaning(place.embedder, legs.near.get(one.number))
        return Candidate(one, fused, evidence, one.own_terms)

    async def _meant(self, query: Query, embedder: str) -> Vector | None:
        """The vector of a query; None when nothing embeds: then words must do."""
        if not embedder:
            return None
        try:
            async with due_in(self._vector_s):
                return await self._library.embedding.of_query(query.text, embedder)
        except GreenroomError as exc:
            log.warning("searched_by_words_alone", error=type(exc).__name__, detail=exc.detail)
            return None

    async def _near(self, vector: Vector, place: _Place, allowed: Numbers) -> dict[int, float]:
        """The cosine of each chunk that is near in meaning, of the shelves whose index is ready and answers in time."""
        try:
            async with due_in(self._vector_s):
                return await self._nearest(vector, place, allowed)
        except GreenroomError as exc:
            log.warning("searched_by_words_alone", error=type(exc).__name__, detail=exc.detail)
            return {}

    async def _nearest(self, vector: Vector, place: _Place, allowed: Numbers) -> dict[int, float]:
        names = [shelf.collection for shelf in place.shelves] or list(place.stamps)
        ready = [name for name in names if await self._library.is_ready(name, place.embedder, place.stamps)]
        index = self._library.index
        found = await asyncio.gather(*(index.search(name, place.embedder, vector, DEPTH, allowed) for name in ready))
        known = place.extent.newest
        cosines = {one.chunk: round(one.cosine, _DIGITS) for some in found for one in some if one.chunk < known}
        return {chunk: cosines[chunk] for chunk in best_first(cosines)[:DEPTH]}


_STATE = (
    select(
        *(library_state.c.chunks, library_state.c.next_number, library_state.c.embedder),
        *(collections.c.name, collections.c.number, shelves.c.vectors, shelves.c.newest),
    )
    .select_from(library_state)
    .outerjoin(collections, true())
    .outerjoin(shelves, (shelves.c.collection == collections.c.name) & (shelves.c.embedder == library_state.c.embedder))
)


def _place(connection: Connection, names: Sequence[str]) -> _Place:
    rows = connection.execute(_STATE).all()
    known = {row.name: row.number for row in rows if row.name is not None}
    if unknown := [name for name in names if name not in known]:
        listed = ", ".join(map(repr, sorted(known)[:20])) or "none"
        raise NotFound(f"there is no collection {unknown[0]!r}; there are: {listed}")
    state = rows[0]
    stamps = {row.name: Stamp(row.vectors, row.newest) for row in rows if row.vectors is not None}
    everywhere = not names or known.keys() <= set(names)
    searched = state.chunks if everywhere else sum(stamps[name].vectors for name in {*names} if name in stamps)
    asked = [] if everywhere else [Shelf(name, known[name]) for name in dict.fromkeys(names)]
    return _Place(asked, stamps, state.embedder, Extent(state.chunks, searched, state.next_number))


def _behind(first: Sequence[int], heard: Mapping[int, float]) -> dict[int, float]:
    """What speaks for each chunk, those first that were first before."""
    order = dict.fromkeys([*(chunk for chunk in first if chunk in heard), *best_first(heard)])
    return dict(zip(order, sorted(heard.values(), reverse=True), strict=True))
