"""What the house has been told to know: documents come in, and are cut, embedded and indexed."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Self

import structlog
from sqlalchemy import func, select

from greenroom.clock import Clock
from greenroom.config import KnowledgeSettings
from greenroom.errors import GreenroomError
from greenroom.model import (
    Collection,
    CollectionRef,
    Collections,
    Document,
    DocumentEntry,
    DocumentPage,
    DocumentPageRequest,
    DocumentRefs,
    Documents,
    Indexed,
    Nothing,
)
from greenroom.ports import Llm
from greenroom.retriever.embedding import AT_ONCE, Ahead, Embedding
from greenroom.retriever.frequency import CHANGED, Extent, Frequency
from greenroom.retriever.pieces import Piece, pieces, said_by, speaker_of
from greenroom.retriever.rows import Prepared, blob_of, parts
from greenroom.retriever.said import Said
from greenroom.retriever.sayings import ROOM, Sayings
from greenroom.retriever.store import Change, Stamp, Store, content_hash
from greenroom.retriever.tables import collections, document_knowers, documents
from greenroom.retriever.terms import terms
from greenroom.retriever.vectors import VectorIndex
from greenroom.retriever.words import Terms
from greenroom.storage.database import Database

_READ_AT_ONCE = 16
"""Chunks of a page that is read ahead: 1 ms in a thread (SQLite), 3 ms (PostgreSQL)."""

log = structlog.get_logger(__name__)


class LibraryService:
    """A `Library`. While it is entered, it keeps the index beside the database in step with it.

    One write at a time, in the order in which they came. A search reads what is there, and needs no lock.
    """

    def __init__(
        self, database: Database, index: VectorIndex, llm: Llm, settings: KnowledgeSettings, clock: Clock
    ) -> None:
        self.index, self._settings, self._clock = index, settings, clock
        self.store = Store(database, clock)
        self.embedding = Embedding(llm)
        self.sayings, self.frequency = Sayings(), Frequency()
        self._coming, self._writing = asyncio.Lock(), asyncio.Lock()
        self._doubted = asyncio.Event()
        self._next = ""
        self._read_until = 0
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to make the index; nobody waits for it. Raises: WrongSetting."""
        await self.index.open()
        self._keeper = asyncio.create_task(self._keep(), name="the library keeps its index")
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Stop. What is half embedded goes on at the next start."""
        assert self._keeper is not None
        self._keeper.cancel()
        await asyncio.wait([self._keeper])

    # Writing ----------------------------------------------------------------------------------------------------

    async def put(self, order: Documents, /) -> Indexed:
        """Put documents in; those that are there and say the same are left as they are.

        They are embedded while those before them are written. Which have to be is decided anew when that is done.
        """
        latest = {document.id: document for document in order.documents}
        hashes = {id_: content_hash(document) for id_, document in latest.items()}
        async with AsyncExitStack() as turn:
            async with self._coming:
                ahead = await self._ahead(order.collection, latest, hashes)
                await turn.enter_async_context(self._writing)
            known = await self.store.hashes(order.collection, latest)
            fresh = [document for id_, document in latest.items() if known.get(id_) != hashes[id_]]
            same = [d for id_, d in latest.items() if known.get(id_) == hashes[id_] and d.fetched_at]
            await self.store.touch(order.collection, [(d.id, d.fetched_at) for d in same if d.fetched_at])
            change = await self._put(order.collection, fresh, hashes, ahead) if fresh else None
        return Indexed(
            collection=order.collection,
            added=sum(document.id not in known for document in fresh),
            changed=sum(document.id in known for document in fresh),
            unchanged=len(latest) - len(fresh),
            chunks=len(change.added) if change else 0,
            embedder=change.embedder if change else await self.store.embedder(),
        )

    async def remove(self, which: DocumentRefs, /) -> Indexed:
        """Take documents out."""
        return await self._remove(which.collection, which.ids, which.turn_ids)

    async def drop(self, which: CollectionRef, /) -> Indexed:
        """Take a whole collection out."""
        return await self._remove(which.collection, None)

    async def _ahead(self, collection: str, latest: Mapping[str, Document], hashes: Mapping[str, str]) -> Ahead | None:
        """The vectors of what has to be put in, as far as it can be told before it is its turn."""
        known = await self.store.hashes(collection, latest)
        cut = await self._cut(collection, [one for id_, one in latest.items() if known.get(id_) != hashes[id_]])
        texts = [piece.for_embedding for found in cut for piece in found]
        return await self.embedding.ahead(texts, await self.store.embedder()) if texts else None

    async def _put(
        self, collection: str, fresh: Sequence[Document], hashes: Mapping[str, str], ahead: Ahead | None
    ) -> Change:
        cut = await self._cut(collection, fresh)
        texts = [piece.for_embedding for found in cut for piece in found]
        embedder, vectors = await self.embedding.going_on(texts, await self.store.embedder(), ahead)
        said = await asyncio.to_thread(_terms_of, [piece for found in cut for piece in found])
        prepared, start = [], 0
        for document, found in zip(fresh, cut, strict=True):
            this = slice(start, start + len(found))
            prepared.append(Prepared(document, hashes[document.id], found, vectors[this], said[this]))
            start += len(found)
        change = await self.store.put(collection, prepared, embedder)
        await self._follow(change)
        return change

    async def _cut(self, collection: str, fresh: Sequence[Document]) -> list[list[Piece]]:
        """The pieces of each document. A line of a conversation goes on from the one before it."""
        found: list[list[Piece]] = []
        previous: Document | None = None
        known = await self.store.hashes(collection, [document.id for document in fresh])
        for document in fresh:
            before = ""
            if speaker_of(document):
                before = await self._line_before(collection, document, None if document.id in known else previous)
            found.append(await asyncio.to_thread(pieces, document, before))
            previous = document
        return found

    async def _line_before(self, collection: str, document: Document, previous: Document | None) -> str:
        if previous is None:
            return await self.store.line_before(document, collection)
        if speaker_of(previous) and previous.title == document.title:
            return said_by(speaker_of(previous), previous.text)
        return ""

    async def _remove(self, collection: str, ids: Sequence[str] | None, turn_ids: Sequence[str] = ()) -> Indexed:
        """Take out these documents (None means all), and those made of any of these turns."""
        async with self._coming, self._writing:
            if ids is not None:
                ids = [*ids, *await self.store.made_of(collection, turn_ids)]
            embedder = await self.store.embedder()
            count, change = await self.store.remove(collection, ids, embedder)
            await self._follow(change)
        return Indexed(collection=collection, removed=count, embedder=embedder)

    async def _follow(self, change: Change) -> None:
        """Have what is in memory follow a write."""
        self.sayings.forget(change.removed)
        await self.index.apply(change)

    # For searches ------------------------------------------------------------------------------------------------

    async def said(self, numbers: Sequence[int]) -> Said:
        """What each of these chunks says, in their order, without those that are gone: as it is kept, or read now."""
        known = self.sayings.known(numbers)
        return await self.store.look(self.sayings.of, numbers) if known is None else known

    async def counts(self, wanted: Sequence[str], extent: Extent) -> dict[str, int]:
        """In how many chunks each term stands, without those that stand in none: as it is kept, or counted now."""
        known = self.frequency.known(wanted, extent)
        return await self.store.look(self.frequency.of, wanted, extent) if known is None else known

    # Telling ----------------------------------------------------------------------------------------------------

    async def stats(self, nothing: Nothing, /) -> Collections:
        """List the collections in figures."""
        embedder = await self.store.embedder()
        stamps = await self.store.stamps(embedder)
        counted = (
            select(
                collections.c.name,
                collections.c.updated_at,
                func.count(documents.c.number).label("documents"),
                func.coalesce(func.sum(documents.c.chunks), 0).label("chunks"),
            )
            .outerjoin(documents, documents.c.collection == collections.c.name)
            .group_by(collections.c.name, collections.c.updated_at)
            .order_by(collections.c.name)
        )
        rows = await self.store.read(counted)
        nothing_there = Stamp(0, 0)
        found = [
            Collection(
                name=row.name,
                documents=row.documents,
                chunks=row.chunks,
                vectors=stamps.get(row.name, nothing_there).vectors,
                ready=await self.is_ready(row.name, embedder, stamps),
                updated_at=row.updated_at,
            )
            for row in rows
        ]
        return Collections(collections=tuple(found), embedder=embedder, next_embedder=self._next, index=self.index.name)

    async def documents(self, request: DocumentPageRequest, /) -> DocumentPage:
        """List documents of a collection, in the order in which they were put."""
        table = documents
        wanted = select(table).where(table.c.collection == request.collection, table.c.number > request.after)
        rows = await self.store.read(wanted.order_by(table.c.number).limit(request.limit))
        knowing = select(document_knowers).where(document_knowers.c.document.in_([row.number for row in rows]))
        knowers = await self.store.read(knowing)
        entries = [
            DocumentEntry(
                id=row.id,
                title=row.title,
                source=row.source,
                url=row.url,
                licence=row.licence,
                content_hash=row.content_hash,
                known_to=tuple(sorted(k.character for k in knowers if k.document == row.number)),
                chunks=row.chunks,
                fetched_at=row.fetched_at,
                indexed_at=row.indexed_at,
            )
            for row in rows
        ]
        return DocumentPage(documents=tuple(entries), cursor=rows[-1].number if rows else request.after)

    async def is_ready(self, collection: str, embedder: str, stamps: Mapping[str, Stamp]) -> bool:
        """Whether the index holds what the database does; if not, it is made anew soon, and not searched meanwhile."""
        wanted = stamps.get(collection)
        if wanted is None or not wanted.vectors:
            return True
        try:
            if await self.index.stamp(collection, embedder) == wanted:
                return True
        except GreenroomError:  # it is away: the keeper says so, and asks again at its own pace
            return False
        self._doubted.set()
        return False

    # Keeping the index ------------------------------------------------------------------------------------------

    async def _keep(self) -> None:
        """Make shelves that are not what the database says, and embed everything anew for another model."""
        while True:
            try:
                self._doubted.clear()
                await self.index.look_again()
                serving = await self.store.embedder()
                await self._make_shelves(serving)
                await self._read_ahead()
                if serving and await self.store.lacks_vectors(serving):
                    await self._embed_what_lacks(serving)
                    await self._make_shelves(serving)
                await self._follow_the_role()
            except Exception as exc:
                _report(exc)
            try:
                async with asyncio.timeout(self._settings.check_every_s):
                    await self._doubted.wait()
            except TimeoutError:
                continue

    async def _make_shelves(self, embedder: str) -> None:
        for collection in await self.store.stamps(embedder):
            async with self._writing:
                stamp = (await self.store.stamps(embedder)).get(collection, Stamp(0, 0))
                if await self.index.stamp(collection, embedder) != stamp and stamp.vectors:
                    damaged: list[int] = []
                    pages = self.store.vectors(collection, embedder, damaged)
                    await self.index.load(collection, embedder, stamp, pages)
                    log.info("index_made", collection=collection, vectors=stamp.vectors, embedder=embedder)
                    if damaged:
                        log.error("vectors_damaged", collection=collection, vectors=len(damaged), embedder=embedder)
                        await self.store.drop_vectors(embedder, damaged)

    async def _read_ahead(self) -> None:
        """Read what all chunks say, if there is room for that, so that no search has to."""
        count, newest = await self.store.extent()
        if count > ROOM or newest - self._read_until <= CHANGED * count:
            return
        for some in parts(self.sayings.keep_only(await self.store.numbers()), _READ_AT_ONCE):
            begun_s, before = self._clock.monotonic_s(), len(self.sayings)
            await self.store.look(self.sayings.of, some)
            if before and not self.sayings:  # begun anew: there are too many words for the room
                break
            await asyncio.sleep(self._clock.monotonic_s() - begun_s)  # as long is left to those who search meanwhile
        if len(self.sayings) >= (1 - CHANGED) * count:
            self.frequency.keep(await asyncio.to_thread(self.sayings.counted), newest)
        self._read_until = newest

    async def _follow_the_role(self) -> None:
        serving, wanted = await self.store.embedder(), await self.embedding.role()
        if not serving or wanted in {"", serving}:
            self._next = ""
            return
        self._next = wanted
        log.info("library_embeds_anew", embedder=wanted, before=serving)
        await self._embed_what_lacks(wanted)
        await self._make_shelves(wanted)
        if await self.store.serve(wanted):
            for collection in await self.store.stamps(serving):
                await self.index.drop(collection, serving)
            await self.store.forget_vectors(wanted)
            self._next = ""
            log.info("library_embedded_anew", embedder=wanted)

    async def _embed_what_lacks(self, embedder: str) -> None:
        after = 0
        while lacking := await self.store.without_vector(embedder, after, AT_ONCE):
            _, vectors = await self.embedding.of([piece.for_embedding for _, _, piece in lacking], embedder)
            rows = zip(lacking, vectors, strict=True)
            async with self._writing:
                written = [(number, collection, blob_of(row)) for (number, collection, _), row in rows]
                await self.store.add_vectors(embedder, written)
            after = lacking[-1][0]


def _terms_of(found: Sequence[Piece]) -> list[Terms]:
    """The terms of each piece. Endings take their time: run it in a thread."""
    return [(terms(piece.heading), terms(piece.before), terms(piece.text)) for piece in found]


def _report(exc: Exception) -> None:
    """Log it: in one line what was foreseen, with its traceback what was not."""
    if isinstance(exc, GreenroomError):
        log.warning("index_not_kept", error=type(exc).__name__, detail=exc.detail)
    else:
        log.error("index_not_kept", exc_info=exc)
