"""The way into the retriever: what a character's own sheet says of what was just said, and the library."""

import asyncio

from cachetools import LRUCache

from greenroom.errors import UnknownCharacter
from greenroom.model import (
    Character,
    CharacterRef,
    Collections,
    Nothing,
    Passage,
    Passages,
    RetrieveRequest,
    SemanticSearch,
)
from greenroom.ports import Characters
from greenroom.retriever.leaves import leaves
from greenroom.retriever.library import LibraryService
from greenroom.retriever.narrowing import Narrowing
from greenroom.retriever.own_lore import OwnLore
from greenroom.retriever.search import Bounds, Query, Search
from greenroom.retriever.topic import topic

_KEPT = 32
_CONSTANT_WORDS = 600


class RetrieverService:
    """Finds passages in the lore entries of sheets and imported cards, and searches the library.

    The lore of each version of a character is indexed at its first use and kept while it is among the 32 used
    last. That may take a few hundred milliseconds for a very large card and has a thread of its own; a search
    takes about one and runs on the event loop.
    """

    def __init__(self, characters: Characters, library: LibraryService, search: Search) -> None:
        self._characters, self._library, self._search = characters, library, search
        self._own: LRUCache[tuple[str, str], OwnLore] = LRUCache(maxsize=_KEPT)

    async def retrieve(self, request: RetrieveRequest, /) -> Passages:
        """Find passages for what was just said: constant entries first, then at most `max_results` others, best first.

        Constant entries belong to every prompt of their character, so they do not use up `max_results`; of all of
        them the first 600 words come. Raises: UnknownCharacter.
        """
        character = await self._characters.get(CharacterRef(character=request.character))
        lore = await self._lore_of(character)
        spoken_of = topic(request, character.names)
        return Passages(results=(*_within(lore.constant()), *lore.find(spoken_of, request.max_results)))

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
