"""The way into the retriever: what a character's own sheet says of what was just said, and the library."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Self

import structlog
from cachetools import LRUCache

from greenroom.clock import Clock
from greenroom.config import KnowledgeSettings
from greenroom.errors import GreenroomError, UnknownCharacter
from greenroom.journey import due_in
from greenroom.model import (
    Character,
    CharacterRef,
    Collections,
    Knowledge,
    KnowledgeRequest,
    Nothing,
    Passage,
    Passages,
    RetrieveRequest,
    SemanticSearch,
)
from greenroom.ports import Characters
from greenroom.retriever.cast_lore import CastLore
from greenroom.retriever.choosing import NO_ROOM
from greenroom.retriever.leaves import leaves
from greenroom.retriever.library import LibraryService
from greenroom.retriever.lorebook import Lorebook
from greenroom.retriever.memories import remembered
from greenroom.retriever.narrowing import Narrowing
from greenroom.retriever.own_lore import OwnLore
from greenroom.retriever.query import Bounds, Found, Query
from greenroom.retriever.rewriting import rewritten
from greenroom.retriever.search import Search
from greenroom.retriever.topic import topic
from greenroom.text import jaccard, shingles, words

_KEPT = 32
_CONSTANT_WORDS = 600
_SAME = 0.8
_CUT_SHOWN = 6

_Runs = set[tuple[str, ...]]

log = structlog.get_logger(__name__)


class RetrieverService:
    """Finds passages in the lore entries of sheets and imported cards, and searches the library.

    While it is entered, it keeps the pages of lore of the cast in the library.

    The lore of each version of a character is indexed at its first use and kept while it is among the 32 used
    last. That may take a few hundred milliseconds for a very large card and has a thread of its own; a search
    takes about one and runs on the event loop.
    """

    def __init__(
        self,
        characters: Characters,
        library: LibraryService,
        search: Search,
        settings: KnowledgeSettings,
        clock: Clock,
    ) -> None:
        self._characters, self._library, self._search = characters, library, search
        self._settings, self._clock = settings, clock
        self._cast = CastLore(characters, library, clock)
        self._own: LRUCache[tuple[str, str], OwnLore] = LRUCache(maxsize=_KEPT)
        self._following: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to follow the cast; nobody waits for it."""
        self._following = asyncio.create_task(self._cast.follow(), name="the library follows the cast")
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Stop following."""
        assert self._following is not None
        self._following.cancel()
        await asyncio.wait([self._following])

    async def retrieve(self, request: RetrieveRequest, /) -> Passages:
        """Find passages for what was just said: constant entries first, then at most `max_results` others, best first.

        Constant entries belong to every prompt of their character, so they do not use up `max_results`; of all of
        them the first 600 words come. The library is done without when it fails. Raises: UnknownCharacter.
        """
        character = await self._characters.get(CharacterRef(character=request.character))
        lore, told = await asyncio.gather(self._lore_of(character), self._told(request, character))
        constant = _within(lore.constant())
        own = lore.find(topic(request, character.names), request.max_results)
        book = Lorebook(character).read([*request.recent, request.query])
        constant += book.passages
        said = _said_by([*constant, *own])
        most = min(request.max_results, max(len(own), self._settings.passages))
        fresh = [passage for passage in told.passages if not _is_among(passage, said)]
        ranked = sorted([*own, *fresh], key=lambda passage: -passage.relevance_score)
        crowded = [passage.model_copy(update={"reason": NO_ROOM}) for passage in ranked[most:]]
        cut = (passage for passage in (*book.cut, *crowded, *told.cut) if not _is_among(passage, said))
        return Passages(results=(*constant, *ranked[:most]), cut=tuple(islice(cut, _CUT_SHOWN)))

    async def character_knowledge(self, request: KnowledgeRequest, /) -> Knowledge:
        """Tell what a character knows."""
        character = await self._characters.get(CharacterRef(character=request.character))
        lore = await self._lore_of(character)
        found = await self._known_of(request, character, lore) if request.query else lore.everything()
        listed = (await self._library.stats(Nothing())).collections
        names = tuple(c.name for c in listed if not self._settings.collections or c.name in self._settings.collections)
        return Knowledge(character=character.id, results=tuple(found[: request.max_results]), collections=names)

    async def _known_of(self, request: KnowledgeRequest, character: Character, lore: OwnLore) -> list[Passage]:
        own = lore.find(topic(RetrieveRequest(character=character.id, query=request.query), ()), request.max_results)
        bounds = Bounds(request.max_results, self._settings.floor)
        query, names = Query.of(request.query), self._settings.collections
        told = await self._search.find(query, names, Narrowing(character.id), bounds)
        said = _said_by(own)
        fresh = [passage for passage in told.passages if not _is_among(passage, said)]
        return sorted([*own, *fresh], key=lambda passage: -passage.relevance_score)

    async def _told(self, request: RetrieveRequest, character: Character) -> Found:
        """What the library has for the moment; nothing when it fails, for a turn goes on without."""
        query = rewritten(request.query, request.recent, character.names, self._cast.names)
        hearers = request.present if request.present is not None else (() if request.place == "private" else None)
        narrowing = Narrowing(character.id, hearers=hearers, world=request.world_id)
        bounds = Bounds(min(request.max_results, self._settings.passages), self._settings.floor)
        if not bounds.most or not query.terms:
            return Found()
        try:
            async with due_in(self._settings.library_s):
                found = await self._search.find(query, self._settings.collections, narrowing, bounds)
                return replace(found, passages=remembered(found.passages, self._clock.now()))
        except GreenroomError as exc:
            log.warning("library_done_without", error=type(exc).__name__, detail=exc.detail)
            return Found()

    async def semantic_search(self, search: SemanticSearch, /) -> Passages:
        """Search the library."""
        wanted = search.search_settings
        who = await self._id_of(search.character) if search.character else None
        narrowing = Narrowing(who, search.filters)
        bounds = Bounds(wanted.max_results, wanted.min_relevance)
        found = await self._search.find(Query.of(search.query), search.collections, narrowing, bounds)
        return Passages(results=found.passages)

    async def collections(self, nothing: Nothing, /) -> Collections:
        """List what is in the library."""
        return await self._library.stats(nothing)

    async def ping(self) -> None:
        """Make sure that this machine's SQLite can index. Raises: StorageFailed."""
        OwnLore(())

    async def _id_of(self, name: str) -> str:
        """The id of a character; of somebody who is none, the name: whoever that is knows what all may know."""
        try:
            return (await self._characters.get(CharacterRef(character=name))).id
        except UnknownCharacter:
            return name.casefold()

    async def _lore_of(self, character: Character) -> OwnLore:
        key = (character.id, character.version)
        if key not in self._own:
            self._own[key] = await asyncio.to_thread(_own_lore_of, character)
        return self._own[key]


def _said_by(passages: Iterable[Passage]) -> list[_Runs]:
    """What each passage says, as it is compared."""
    return [shingles(words(passage.content), 3) for passage in passages]


def _is_among(passage: Passage, others: Sequence[_Runs]) -> bool:
    """Whether one of the others says the same already."""
    [said] = _said_by([passage])
    return any(jaccard(said, other) >= _SAME for other in others)


def _own_lore_of(character: Character) -> OwnLore:
    return OwnLore(leaves(character))


def _within(passages: list[Passage]) -> list[Passage]:
    kept, room = [], _CONSTANT_WORDS
    for passage in passages:
        room -= len(passage.content.split())
        if room < 0:
            break
        kept.append(passage)
    return kept
