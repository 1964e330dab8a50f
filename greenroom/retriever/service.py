"""The way into the retriever: the lore of a character's own sheet, found by what was just said."""

import asyncio

from cachetools import LRUCache

from greenroom.model import Character, CharacterRef, Passage, Passages, RetrieveRequest
from greenroom.ports import Characters
from greenroom.retriever.leaves import leaves
from greenroom.retriever.library import Library
from greenroom.retriever.topic import topic

_LIBRARIES = 32
_CONSTANT_WORDS = 600


class RetrieverService:
    """Finds passages in the lore entries of sheets and imported cards.

    Each version of a character has its own library, made at its first use and kept while it is among the 32 used
    last. Making one may take a few hundred milliseconds for a very large card and has a thread of its own; a search
    takes about one and runs on the event loop.
    """

    def __init__(self, characters: Characters) -> None:
        self._characters = characters
        self._libraries: LRUCache[tuple[str, str], Library] = LRUCache(maxsize=_LIBRARIES)

    async def retrieve(self, request: RetrieveRequest, /) -> Passages:
        """Find passages for what was just said: constant entries first, then at most `max_results` others, best first.

        Constant entries belong to every prompt of their character, so they do not use up `max_results`; of all of
        them the first 600 words come. Raises: UnknownCharacter.
        """
        character = await self._characters.get(CharacterRef(character=request.character))
        library = await self._library(character)
        spoken_of = topic(request, character.names)
        return Passages(results=(*_within(library.constant()), *library.find(spoken_of, request.max_results)))

    async def ping(self) -> None:
        """Make sure that this machine's SQLite can index. Raises: StorageFailed."""
        Library(())

    async def _library(self, character: Character) -> Library:
        key = (character.id, character.version)
        if key not in self._libraries:
            self._libraries[key] = await asyncio.to_thread(_library_of, character)
        return self._libraries[key]


def _library_of(character: Character) -> Library:
    return Library(leaves(character))


def _within(passages: list[Passage]) -> list[Passage]:
    kept, room = [], _CONSTANT_WORDS
    for passage in passages:
        room -= len(passage.content.split())
        if room < 0:
            break
        kept.append(passage)
    return kept
