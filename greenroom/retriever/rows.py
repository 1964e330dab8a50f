"""The rows that documents are written as, table by table, and written together."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Table, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.model import Document
from greenroom.retriever.narrowing import facts_of
from greenroom.retriever.pieces import Piece, speaker_of
from greenroom.retriever.tables import (
    chunk_vectors,
    chunks,
    document_facts,
    document_knowers,
    documents,
    library_state,
)
from greenroom.retriever.words import Shelf, Terms, WordsOf, words_for

Matrix = NDArray[np.float32]
"""Shape (chunks, dimensions), rows of length 1."""

V = TypeVar("V")

ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document ready to be written: its pieces, and a vector and the terms of each."""

    document: Document
    content_hash: str
    pieces: Sequence[Piece]
    vectors: Matrix
    terms: Sequence[Terms]


class Rows:
    """The rows of a write, table by table."""

    def __init__(self, shelf: Shelf, embedder: str) -> None:
        self._shelf, self._embedder = shelf, embedder
        self.numbers: list[int] = []
        self.words: list[WordsOf] = []
        self._documents: list[dict[str, Any]] = []
        self._chunks: list[dict[str, Any]] = []
        self._vectors: list[dict[str, Any]] = []
        self._facts: list[dict[str, Any]] = []
        self._knowers: list[dict[str, Any]] = []

    def add(self, one: Prepared, number: int, numbers: Sequence[int], now: datetime) -> None:
        """A document under a number, and its chunks under theirs."""
        collection = self._shelf.collection
        self._documents.append({**_document_row(one, collection, now), "number": number})
        self._facts += _fact_rows(one.document, number)
        knowers = dict.fromkeys(name.casefold() for name in knowers_of(one.document))
        self._knowers += [{"document": number, "character": name} for name in knowers]
        whole = zip(numbers, one.pieces, one.vectors, one.terms, strict=True)
        for ordinal, (chunk, piece, vector, said) in enumerate(whole):
            self.numbers.append(chunk)
            self._chunks.append(_chunk_row(chunk, number, collection, ordinal, piece))
            self._vectors.append(vector_row(self._embedder, chunk, collection, blob_of(vector)))
            self.words.append(WordsOf(chunk, collection, self._shelf.number, *said))

    async def write(self, connection: AsyncConnection) -> None:
        """Write all of them."""
        for table, rows in (
            (documents, self._documents),
            (document_facts, self._facts),
            (document_knowers, self._knowers),
            (chunks, self._chunks),
            (chunk_vectors, self._vectors),
        ):
            await insert_all(connection, table, rows)
        words = words_for(connection.dialect.name)
        for some in parts(self.words, ROWS_AT_ONCE):
            await count_more(connection, len(some), await words.add(connection, some))


def knowers_of(document: Document) -> tuple[str, ...]:
    """Who may know a document, by id; nobody named means everybody. Passages of others say it in their metadata."""
    also = document.metadata.get("known_to")
    return (
        (*document.known_to, *(name for name in also if isinstance(name, str)))
        if isinstance(also, list)
        else (document.known_to)
    )


def blob_of(vector: NDArray[np.float32]) -> bytes:
    """A vector as it is kept: float32, the lowest byte first."""
    return vector.astype("<f4").tobytes()


def parts(values: Iterable[V], size: int) -> Iterator[list[V]]:
    """The values in lists of at most `size`: a statement holds only so many."""
    left = iter(values)
    while part := list(islice(left, size)):
        yield part


def _document_row(one: Prepared, collection: str, now: datetime) -> dict[str, Any]:
    document = one.document
    return {
        "collection": collection,
        "id": document.id,
        "title": document.title,
        "source": document.source,
        "url": document.url,
        "licence": document.licence,
        "speaker": speaker_of(document),
        "restricted": bool(knowers_of(document)),
        "metadata": document.metadata,
        "content_hash": one.content_hash,
        "chunks": len(one.pieces),
        "fetched_at": document.fetched_at,
        "indexed_at": now,
    }


def _fact_rows(document: Document, number: int) -> Iterator[dict[str, Any]]:
    for key, value in document.metadata.items():
        for fact in facts_of(value):
            yield {"document": number, "key": key, "value": fact[:1000]}


def _chunk_row(chunk: int, document: int, collection: str, ordinal: int, piece: Piece) -> dict[str, Any]:
    return {
        "number": chunk,
        "document": document,
        "collection": collection,
        "ordinal": ordinal,
        "section": piece.section,
        "heading": piece.heading,
        "before": piece.before,
        "text": piece.text,
    }


def vector_row(embedder: str, chunk: int, collection: str, vector: bytes) -> dict[str, Any]:
    """The row of a vector."""
    return {"embedder": embedder, "chunk": chunk, "collection": collection, "vector": vector}


async def insert_all(connection: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows, some hundreds at a time."""
    for some in parts(rows, ROWS_AT_ONCE):
        await connection.execute(insert(table), some)


async def count_more(connection: AsyncConnection, more_chunks: int, more_words: int) -> None:
    """Note that the library has grown, or shrunk."""
    state = library_state
    grown = {"chunks": state.c.chunks + more_chunks, "words": state.c.words + more_words}
    await connection.execute(update(state).values(grown))
