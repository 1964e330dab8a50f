"""The words leg: which chunks hold the words of a query, and how much they say (BM25), by the database's own index.

FTS5 on SQLite, `tsvector` with GIN on PostgreSQL. Both index the terms that `terms.py` makes, and both rank by the same
formula, so that they find the same: BM25 with k1 = 1.2 and b = 0.75, a term of what went before counting half (measured
2026-11-21; see docs/knowledge.md). Rarity and length are those of all collections together.
Source: sqlite.org/fts5.html, "The bm25() function".
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.retriever.narrowing import Numbers
from greenroom.storage.lists import listed

Terms = tuple[list[str], list[str], list[str]]
"""The terms of a piece: of its heading, of what went before it, its own."""


@dataclass(frozen=True, slots=True)
class WordsOf:
    """The terms of one chunk. `shelf` is the number of its collection."""

    chunk: int
    collection: str
    shelf: int
    heading: list[str]
    before: list[str]
    body: list[str]

    @property
    def length(self) -> int:
        """How many terms the index counts: all of them, and the one that says which shelf."""
        return len(self.heading) + len(self.before) + len(self.body) + 1


@dataclass(frozen=True, slots=True)
class Shelf:
    """A collection that is searched, by its name and number."""

    collection: str
    number: int


class Words(Protocol):
    """An index of words in a database."""

    async def add(self, connection: AsyncConnection, rows: Sequence[WordsOf]) -> int:
        """Index chunks. Returns how many terms that was, where the index keeps no sum itself."""
        ...

    async def remove(self, connection: AsyncConnection, chunks: Sequence[int]) -> int:
        """Take chunks out; the same."""
        ...

    def counts(self, connection: Connection, wanted: Sequence[str]) -> dict[str, int]:
        """In how many chunks each term stands."""
        ...

    def search(
        self,
        connection: Connection,
        wanted: Sequence[str],
        shelves: Sequence[Shelf],
        allowed: Numbers,
        most: int,
    ) -> dict[int, float]:
        """How much each chunk says of these terms (BM25), of those that say most; no shelves are all of them."""
        ...

    def said(self, connection: Connection, chunks: Sequence[int]) -> dict[int, Terms]:
        """The terms of chunks, in no order."""
        ...


def words_for(dialect: str) -> Words:
    """The index that a database has."""
    if dialect == "postgresql":
        from greenroom.retriever.tsvector import Tsvector  # SQLAlchemy's part for PostgreSQL takes a while to import

        return Tsvector()
    return Fts5()


# Without the OR, SQLite would search once for each of the numbers: 385 ms for 3,000, and not 1.3.
_MATCH = text("""
    SELECT rowid, bm25(chunk_words, 0.0, 1.0, 0.5, 1.0) AS said FROM chunk_words
    WHERE chunk_words MATCH :wanted
        AND (:hidden IS NULL OR rowid NOT IN (SELECT value FROM json_each(:hidden)))
        AND (:only IS NULL OR rowid IN (SELECT value FROM json_each(:only)))
    ORDER BY said, rowid
    LIMIT :most
""")
_SAID = text(
    "SELECT rowid, heading, before, body FROM chunk_words WHERE rowid IN (SELECT value FROM json_each(:chunks))"
)
_COUNTED = text(
    # Term by term: where there is an IN, the table leaves some out.
    "SELECT v.term, v.doc FROM json_each(:wanted) AS w CROSS JOIN chunk_vocabulary AS v ON v.term = w.value"
)


class Fts5:
    """SQLite's."""

    async def add(self, connection: AsyncConnection, rows: Sequence[WordsOf]) -> int:
        """Index chunks."""
        statement = text(
            "INSERT INTO chunk_words (rowid, shelf, heading, before, body) "
            "VALUES (:chunk, :shelf, :heading, :before, :body)"
        )
        await connection.execute(statement, [_fts5_row(row) for row in rows])
        return 0

    async def remove(self, connection: AsyncConnection, chunks: Sequence[int]) -> int:
        """Take chunks out."""
        statement = text("DELETE FROM chunk_words WHERE rowid = :chunk")
        await connection.execute(statement, [{"chunk": chunk} for chunk in chunks])
        return 0

    def counts(self, connection: Connection, wanted: Sequence[str]) -> dict[str, int]:
        """In how many chunks each term stands."""
        if not wanted:
            return {}
        return {row.term: row.doc for row in connection.execute(_COUNTED, {"wanted": listed(wanted)})}

    def search(
        self,
        connection: Connection,
        wanted: Sequence[str],
        shelves: Sequence[Shelf],
        allowed: Numbers,
        most: int,
    ) -> dict[int, float]:
        """How much each chunk says of these terms, of those that say most."""
        query = f"{{heading before body}} : ({' OR '.join(map(_quoted, wanted))})"
        if shelves:
            query += f" AND {{shelf}} : ({' OR '.join(_quoted(_shelf_term(shelf.number)) for shelf in shelves)})"
        rows = connection.execute(_MATCH, {"wanted": query, "most": most, **allowed.lists}).all()
        return {row[0]: -row[1] for row in rows}

    def said(self, connection: Connection, chunks: Sequence[int]) -> dict[int, Terms]:
        """The terms of chunks, as they were put."""
        rows = connection.execute(_SAID, {"chunks": listed(chunks)}).all()
        return {chunk: (heading.split(), before.split(), body.split()) for chunk, heading, before, body in rows}


def _fts5_row(row: WordsOf) -> dict[str, Any]:
    return {
        "chunk": row.chunk,
        "shelf": _shelf_term(row.shelf),
        "heading": " ".join(row.heading),
        "before": " ".join(row.before),
        "body": " ".join(row.body),
    }


def _shelf_term(number: int) -> str:
    return f"shelf{number}"


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


def fts5_rarity(total: int, holding: int) -> float:
    """How much a term says, by how few chunks hold it. Source: SQLite, ext/fts5/fts5_aux.c, fts5Bm25GetData."""
    return max(math.log((total - holding + 0.5) / (holding + 0.5)), 1e-6)


def distinct(found: Iterable[str]) -> list[str]:
    """Each term once, in its order."""
    return list(dict.fromkeys(found))
