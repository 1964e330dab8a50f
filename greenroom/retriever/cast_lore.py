"""The pages of lore of the cast, kept in the library, so that they are found by meaning as well, and by searches."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import structlog

from greenroom.clock import Clock
from greenroom.following import for_ever
from greenroom.model import Character, Document, DocumentPageRequest, DocumentRefs, Documents, Lore, Nothing
from greenroom.ports import Characters
from greenroom.retriever.library import LibraryService
from greenroom.text import fill

_LOOK_EVERY_S = 5.0
_ENDING = " lore"
"""What the names of these collections end with; before it stands the cast folder's."""

log = structlog.get_logger(__name__)


class CastLore:
    """Follows the cast: what its pages say is in the library within seconds, and what they say no more is not."""

    def __init__(self, characters: Characters, library: LibraryService, clock: Clock) -> None:
        self._characters, self._library, self._clock = characters, library, clock
        self._seen: frozenset[tuple[str, str]] | None = None
        self._filled: tuple[str, ...] = ()
        self.names: dict[str, tuple[str, ...]] = {}
        """The other names of everybody in the cast, by each name in lower case."""
        self.ids: tuple[str, ...] = ()

    async def follow(self) -> None:
        """Look for ever."""
        await for_ever(self._look_and_rest, self._clock, "retriever.cast_lore")

    async def _look_and_rest(self) -> float:
        await self.look()
        return _LOOK_EVERY_S

    async def look(self) -> None:
        """Put the pages as they are now into the library. Cheap when nothing has changed."""
        cast = (await self._characters.cast(Nothing())).characters
        seen = frozenset((character.id, character.version) for character in cast)
        if seen == self._seen:
            return
        self.ids = tuple(character.id for character in cast)
        self.names = {
            name.casefold(): tuple(other for other in character.names if other != name)
            for character in cast
            for name in character.names
        }
        pages = _pages(cast)
        filled = await self._filled_before() if self._seen is None else self._filled
        for collection in {**dict.fromkeys(filled), **pages}:
            await self._put(collection, pages.get(collection, []))
        self._seen, self._filled = seen, tuple(pages)

    async def _filled_before(self) -> tuple[str, ...]:
        """What an earlier run may have filled: a folder may have gone while nobody followed the cast."""
        there = (await self._library.stats(Nothing())).collections
        return tuple(collection.name for collection in there if collection.name.endswith(_ENDING))

    async def _put(self, collection: str, pages: Sequence[Document]) -> None:
        """Put pages in, and take out those that are none any more; what others have put there stays."""
        wanted = {page.id for page in pages}
        listed = (await self._library.documents(DocumentPageRequest(collection=collection, limit=1000))).documents
        if gone := [entry.id for entry in listed if entry.id not in wanted and entry.source == entry.id]:
            await self._library.remove(DocumentRefs(collection=collection, ids=tuple(gone)))
        indexed = await self._library.put(Documents(collection=collection, documents=tuple(pages)))
        log.info("lore_indexed", collection=collection, added=indexed.added, changed=indexed.changed, removed=len(gone))


def _pages(cast: Iterable[Character]) -> dict[str, list[Document]]:
    """The pages of each cast folder, each known to the characters that have it."""
    known_to: defaultdict[str, list[str]] = defaultdict(list)
    pages: dict[str, Lore] = {}
    for character in cast:
        for lore in character.sheet.lore:
            if "/" in lore.source:
                known_to[lore.source].append(character.id)
                pages.setdefault(lore.source, lore)
    found: defaultdict[str, list[Document]] = defaultdict(list)
    for source, lore in list(pages.items())[:1000]:
        page = Document(
            id=source,
            title=lore.title,
            text=fill(lore.text, {"char": "the character", "user": "the person"}),
            aliases=tuple(key[:200] for key in lore.keys[:50]),
            source=source,
            known_to=tuple(known_to[source]),
        )
        found[source.partition("/")[0] + _ENDING].append(page)
    return found
