"""Documents, their chunks, words and vectors in the database. What is written is written together or not at all."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.clock import Clock
from greenroom.following import to_its_end
from greenroom.model import Document
from greenroom.retriever.narrowing import facts_of
from greenroom.retriever.pieces import Piece, said_by
from greenroom.retriever.rows import (
    ROWS_AT_ONCE,
    Matrix,
    Prepared,
    Rows,
    count_more,
    insert_all,
    parts,
    vector_row,
)
from greenroom.retriever.tables import (
    chunk_vectors,
    chunks,
    collections,
    document_facts,
    document_knowers,
    documents,
    library_state,
    shelves,
)
from greenroom.retriever.words import Shelf, words_for
from greenroom.storage.database import Database
from greenroom.storage.upsert import insert_into

T = TypeVar("T")
P = ParamSpec("P")

_VECTORS_AT_ONCE = 5000
_ROUNDING = 0.01


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is in a shelf: how many vectors, and the number of the newest write to it."""

    vectors: int
    newest: int


@dataclass(frozen=True, slots=True)
class Change:
    """What a write did to the vectors of one collection, for the index beside the database.

    `before` is the number of the write to it that came before, 0 for the first.
    """

    collection: str
    embedder: str
    removed: Sequence[int]
    added: Sequence[int]
    vectors: Matrix
    before: int
    stamp: Stamp


class Store:
    """The tables. Writes are for one at a time: the library has a lock for that."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    # Reading ----------------------------------------------------------------------------------------------------

    async def embedder(self) -> str:
        """The model whose vectors are searched; empty before the first document."""
        return await self._database.look(lambda c: str(c.execute(select(library_state.c.embedder)).scalar_one()))

    async def extent(self) -> tuple[int, int]:
        """How many chunks there are, and the number of the newest write."""
        [row] = await self.read(select(library_state.c.chunks, library_state.c.next_number))
        return row.chunks, row.next_number

    async def numbers(self) -> list[int]:
        """The numbers of all chunks, the oldest first."""
        return [row.number for row in await self.read(select(chunks.c.number).order_by(chunks.c.number))]

    async def hashes(self, collection: str, ids: Iterable[str]) -> dict[str, str]:
        """What is there of these documents: the hash of each by its id."""
        table, found = documents, dict[str, str]()
        for part in parts(ids, ROWS_AT_ONCE):
            known = select(table.c.id, table.c.content_hash).where(
                table.c.collection == collection, table.c.id.in_(part)
            )
            found |= {row.id: row.content_hash for row in await self.read(known)}
        return found

    async def made_of(self, collection: str, turn_ids: Iterable[str]) -> list[str]:
        """The documents whose metadata names any of these turns as those that they were made of."""
        table, of, found = documents, document_facts, list[str]()
        for part in parts((fact for one in turn_ids for fact in facts_of(one)), ROWS_AT_ONCE):
            known = (
                select(table.c.id)
                .distinct()
                .join(of, of.c.document == table.c.number)
                .where(table.c.collection == collection, of.c.key == "turn_ids", of.c.value.in_(part))
            )
            found += [row.id for row in await self.read(known)]
        return found

    async def line_before(self, document: Document, collection: str) -> str:
        """What was said before a line of a conversation; empty when it is the first under its title.

        For a document that is there already it is the one before it, else the last one.
        """
        return await self._database.look(lambda connection: _line_before(connection, document, collection))

    async def stamps(self, embedder: str) -> dict[str, Stamp]:
        """What each shelf of an embedder holds, by collection."""
        rows = await self.read(select(shelves).where(shelves.c.embedder == embedder))
        return {row.collection: Stamp(row.vectors, row.newest) for row in rows}

    async def vectors(
        self, collection: str, embedder: str, damaged: list[int]
    ) -> AsyncIterator[tuple[NDArray[np.int64], Matrix]]:
        """All vectors of a shelf, some thousands at a time, with the numbers of their chunks.

        The numbers of those that cannot be what was written are added to `damaged` instead.
        """
        table, after = chunk_vectors, 0
        wanted = select(table.c.chunk, table.c.vector).where(
            table.c.embedder == embedder, table.c.collection == collection
        )
        while True:
            page = wanted.where(table.c.chunk > after).order_by(table.c.chunk).limit(_VECTORS_AT_ONCE)
            rows = await self.read(page)
            if not rows:
                return
            after = rows[-1].chunk
            usual = Counter(len(row.vector) for row in rows).most_common(1)[0][0]
            whole = [row for row in rows if len(row.vector) == usual and not usual % 4]
            numbers, matrix = np.array([row.chunk for row in whole], np.int64), matrix_of([row.vector for row in whole])
            sound = _can_be_true(matrix)
            damaged += {row.chunk for row in rows} - set(numbers[sound].tolist())
            yield numbers[sound], matrix[sound]

    async def lacks_vectors(self, embedder: str) -> bool:
        """Whether there are chunks that an embedder has not embedded."""
        counted = select(func.coalesce(func.sum(shelves.c.vectors), 0)).where(shelves.c.embedder == embedder)
        [(lacks,)] = await self.read(select(counted.scalar_subquery() < library_state.c.chunks))
        return bool(lacks)

    async def without_vector(self, embedder: str, after: int, most: int) -> list[tuple[int, str, Piece]]:
        """Chunks that an embedder has not embedded yet, oldest first from the one after `after`: number, collection."""
        have = select(chunk_vectors.c.chunk).where(chunk_vectors.c.embedder == embedder)
        wanted = (
            select(chunks, documents.c.speaker)
            .join(documents, documents.c.number == chunks.c.document)
            .where(chunks.c.number > after, chunks.c.number.not_in(have))
            .order_by(chunks.c.number)
            .limit(most)
        )
        rows = await self.read(wanted)
        return [(r.number, r.collection, Piece(r.section, r.heading, r.before, r.text, r.speaker)) for r in rows]

    async def read(self, wanted: Select[Any]) -> Sequence[Row[Any]]:
        """All rows. In a thread: a keeper that is stopped meanwhile leaves no connection half read."""
        return await self.look(lambda connection: connection.execute(wanted).all())

    async def look(self, work: Callable[Concatenate[Connection, P], T], *given: P.args, **named: P.kwargs) -> T:
        """Read several things, as `Database.look` does it."""
        return await self._database.look(work, *given, **named)

    # Writing ----------------------------------------------------------------------------------------------------

    async def put(self, collection: str, prepared: Sequence[Prepared], embedder: str) -> Change:
        """Write documents in the place of those with their ids. Raises: StorageFull and the rest; then nothing is."""
        return await to_its_end(self._put(collection, prepared, embedder))

    async def touch(self, collection: str, fetched: Iterable[tuple[str, datetime]]) -> None:
        """Note that documents were fetched again and are what they were."""
        async with self._database.write() as connection:
            for id_, moment in fetched:
                same = (documents.c.collection == collection) & (documents.c.id == id_)
                await connection.execute(update(documents).where(same).values(fetched_at=moment))

    async def remove(self, collection: str, ids: Sequence[str] | None, embedder: str) -> tuple[int, Change]:
        """Delete documents, or the whole collection with None; how many there were."""
        return await to_its_end(self._remove(collection, ids, embedder))

    async def add_vectors(self, embedder: str, rows: Sequence[tuple[int, str, bytes]]) -> None:
        """Write vectors of chunks (number, collection, vector) by another embedder; of chunks still there."""
        await to_its_end(self._add_vectors(embedder, rows))

    async def drop_vectors(self, embedder: str, numbers: Sequence[int]) -> None:
        """Delete vectors of an embedder, so that they are made anew."""
        await to_its_end(self._drop_vectors(embedder, numbers))

    async def _drop_vectors(self, embedder: str, numbers: Sequence[int]) -> None:
        table = chunk_vectors
        async with self._database.write() as connection:
            newest = next(await _draw(connection, 1))
            for some in parts(numbers, ROWS_AT_ONCE):
                these = (table.c.embedder == embedder) & table.c.chunk.in_(some)
                counted = select(table.c.collection, func.count().label("vectors")).where(these)
                for row in (await connection.execute(counted.group_by(table.c.collection))).all():
                    await _stamp(connection, row.collection, embedder, -row.vectors, newest)
                await connection.execute(delete(table).where(these))

    async def serve(self, embedder: str) -> bool:
        """Search the vectors of another embedder from now on; False when some are missing, and nothing changes."""
        return await to_its_end(self._serve(embedder))

    async def _serve(self, embedder: str) -> bool:
        have = select(chunk_vectors.c.chunk).where(chunk_vectors.c.embedder == embedder)
        async with self._database.write() as connection:
            missing = select(func.count()).select_from(chunks).where(chunks.c.number.not_in(have))
            if (await connection.execute(missing)).scalar_one():
                return False
            await connection.execute(update(library_state).values(embedder=embedder))
        return True

    async def forget_vectors(self, but_of: str) -> None:
        """Delete the vectors of all other embedders."""
        await to_its_end(self._forget_vectors(but_of))

    async def _forget_vectors(self, but_of: str) -> None:
        async with self._database.write() as connection:
            for table in (chunk_vectors, shelves):
                await connection.execute(delete(table).where(table.c.embedder != but_of))

    async def _put(self, collection: str, prepared: Sequence[Prepared], embedder: str) -> Change:
        now = self._clock.now()
        async with self._database.write() as connection:
            shelf = await self._shelf(connection, collection, now)
            await self._begin_to_serve(connection, embedder)
            before = await _newest(connection, collection, embedder)
            old = await _numbers_of(connection, collection, [p.document.id for p in prepared])
            fresh = await _draw(connection, len(prepared) + sum(len(p.pieces) for p in prepared) + 1)
            newest, rows = next(fresh), Rows(shelf, embedder)
            removed = await self._clear(connection, list(old.values()), newest)
            for one in prepared:
                number = old.get(one.document.id) or next(fresh)
                rows.add(one, number, [next(fresh) for _ in one.pieces], now)
            await rows.write(connection)
            stamp = await _stamp(connection, collection, embedder, len(rows.numbers), newest)
        vectors = np.concatenate([one.vectors for one in prepared])
        return Change(collection, embedder, removed, rows.numbers, vectors, before, stamp)

    async def _remove(self, collection: str, ids: Sequence[str] | None, embedder: str) -> tuple[int, Change]:
        async with self._database.write() as connection:
            before = await _newest(connection, collection, embedder)
            old = await _numbers_of(connection, collection, ids)
            newest = next(await _draw(connection, 1))
            removed = await self._clear(connection, list(old.values()), newest)
            stamp = await _stamp(connection, collection, embedder, 0, newest)
            if ids is None:
                for table, column in ((shelves, shelves.c.collection), (collections, collections.c.name)):
                    await connection.execute(delete(table).where(column == collection))
        return len(old), Change(collection, embedder, removed, (), np.empty((0, 0), np.float32), before, stamp)

    async def _clear(self, connection: AsyncConnection, numbers: Sequence[int], newest: int) -> list[int]:
        """Take documents out with all that hangs on them. Returns the numbers of their chunks."""
        gone: list[int] = []
        words = words_for(connection.dialect.name)
        for part in parts(numbers, ROWS_AT_ONCE):
            those = select(chunks.c.number).where(chunks.c.document.in_(part))
            lost = list((await connection.execute(those)).scalars())
            if lost:
                await count_more(connection, -len(lost), -await words.remove(connection, lost))
                await _forget_shelved(connection, lost, newest)
                for some in parts(lost, ROWS_AT_ONCE):
                    await connection.execute(delete(chunks).where(chunks.c.number.in_(some)))
            for table in (document_facts, document_knowers):
                await connection.execute(delete(table).where(table.c.document.in_(part)))
            await connection.execute(delete(documents).where(documents.c.number.in_(part)))
            gone += lost
        return gone

    async def _shelf(self, connection: AsyncConnection, collection: str, now: datetime) -> Shelf:
        known = select(collections.c.number).where(collections.c.name == collection)
        number = (await connection.execute(known)).scalar()
        if number is None:
            number = next(await _draw(connection, 1))
            row = {"name": collection, "number": number, "updated_at": now}
            await connection.execute(insert(collections).values(row))
        else:
            changed = update(collections).where(collections.c.name == collection).values(updated_at=now)
            await connection.execute(changed)
        return Shelf(collection, number)

    async def _begin_to_serve(self, connection: AsyncConnection, embedder: str) -> None:
        first = update(library_state).where(library_state.c.embedder == "").values(embedder=embedder)
        await connection.execute(first)

    async def _add_vectors(self, embedder: str, rows: Sequence[tuple[int, str, bytes]]) -> None:
        async with self._database.write() as connection:
            numbers = [number for number, _, _ in rows]
            there = set(
                (await connection.execute(select(chunks.c.number).where(chunks.c.number.in_(numbers)))).scalars()
            )
            have = select(chunk_vectors.c.chunk).where(
                chunk_vectors.c.embedder == embedder, chunk_vectors.c.chunk.in_(numbers)
            )
            there -= set((await connection.execute(have)).scalars())
            wanted = [row for row in rows if row[0] in there]
            fresh = await _draw(connection, len({collection for _, collection, _ in wanted}))
            await insert_all(connection, chunk_vectors, [vector_row(embedder, *row) for row in wanted])
            for collection in dict.fromkeys(collection for _, collection, _ in wanted):
                more = sum(row[1] == collection for row in wanted)
                await _stamp(connection, collection, embedder, more, next(fresh))


def _line_before(connection: Connection, document: Document, collection: str) -> str:
    table = documents
    own = select(table.c.number).where(table.c.collection == collection, table.c.id == document.id)
    number = connection.execute(own).scalar()
    earlier = select(table).where(table.c.collection == collection)
    if number is not None:
        earlier = earlier.where(table.c.number < number)
    found = connection.execute(earlier.order_by(table.c.number.desc()).limit(1)).first()
    if found is None or not found.speaker or found.title != document.title:
        return ""
    texts = select(chunks.c.text).where(chunks.c.document == found.number).order_by(chunks.c.ordinal)
    return said_by(found.speaker, " ".join(connection.execute(texts).scalars()))


def content_hash(document: Document) -> str:
    """A hash of all that can be found or shown of a document; not of when it was fetched."""
    return sha256(document.model_dump_json(exclude={"fetched_at"}).encode()).hexdigest()[:32]


def _can_be_true(matrix: Matrix) -> NDArray[np.bool_]:
    """Which rows are of length 1, as all are written, or of length 0, as a text without words has it."""
    lengths = np.linalg.norm(np.where(np.isfinite(matrix), matrix, 1e9), axis=1)
    sound: NDArray[np.bool_] = (np.abs(lengths - 1) < _ROUNDING) | (lengths == 0)
    return sound


def matrix_of(blobs: Sequence[bytes]) -> Matrix:
    """Vectors out of the database."""
    if not blobs:
        return np.empty((0, 0), np.float32)
    return np.frombuffer(b"".join(blobs), dtype="<f4").reshape(len(blobs), -1).astype(np.float32, copy=False)


async def _numbers_of(connection: AsyncConnection, collection: str, ids: Sequence[str] | None) -> dict[str, int]:
    wanted: Select[Any] = select(documents.c.id, documents.c.number).where(documents.c.collection == collection)
    if ids is None:
        return {row.id: row.number for row in await connection.execute(wanted)}
    found: dict[str, int] = {}
    for part in parts(ids, ROWS_AT_ONCE):
        found |= {row.id: row.number for row in await connection.execute(wanted.where(documents.c.id.in_(part)))}
    return found


async def _forget_shelved(connection: AsyncConnection, lost: Sequence[int], newest: int) -> None:
    """Delete the vectors of chunks, by whichever embedder."""
    table = chunk_vectors
    for some in parts(lost, ROWS_AT_ONCE):
        counted = select(table.c.collection, table.c.embedder, func.count().label("vectors"))
        counted = counted.where(table.c.chunk.in_(some)).group_by(table.c.collection, table.c.embedder)
        for row in (await connection.execute(counted)).all():
            await _stamp(connection, row.collection, row.embedder, -row.vectors, newest)
        await connection.execute(delete(table).where(table.c.chunk.in_(some)))


async def _draw(connection: AsyncConnection, count: int) -> Iterator[int]:
    """Fresh numbers, which nothing had before and nothing will have again."""
    drawn = (
        update(library_state)
        .values(next_number=library_state.c.next_number + count)
        .returning(library_state.c.next_number)
    )
    end = int((await connection.execute(drawn)).scalar_one())
    return iter(range(end - count, end))


async def _newest(connection: AsyncConnection, collection: str, embedder: str) -> int:
    """The number of the newest write to a shelf; 0 when there was none."""
    this = (shelves.c.collection == collection) & (shelves.c.embedder == embedder)
    return (await connection.execute(select(shelves.c.newest).where(this))).scalar() or 0


async def _stamp(connection: AsyncConnection, collection: str, embedder: str, more: int, newest: int) -> Stamp:
    """Note that a shelf has changed."""
    fresh = {"collection": collection, "embedder": embedder, "vectors": more, "newest": newest}
    grown = {"vectors": shelves.c.vectors + more, "newest": newest}
    statement = insert_into(connection.dialect.name, shelves).values(fresh)
    written = statement.on_conflict_do_update(index_elements=["collection", "embedder"], set_=grown)
    row = (await connection.execute(written.returning(shelves.c.vectors, shelves.c.newest))).one()
    return Stamp(row.vectors, row.newest)
