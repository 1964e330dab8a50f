"""The words leg: which chunks hold the words of a query, and how much they say (BM25), by the database's own index.

FTS5 on SQLite, `tsvector` with GIN on PostgreSQL. Both index the terms that `terms.py` makes, and both rank by the same
formula, so that they find the same: BM25 with k1 = 1.2 and b = 0.75, a term of what went before counting half (measured
2026-11-21; see docs/knowledge.md). Rarity and length are those of all collections together.
Source: sqlite.org/fts5.html, "The bm25() function".
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    TextClause,
    bindparam,
    cast,
    delete,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR, insert
from sqlalchemy.ext.asyncio import AsyncConnection

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


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which chunks a search may find, as SQL (an expression without values from outside) with its values.

    `{chunk}` in it stands for the column with the chunk's number; empty means all. `lists` are the values that are
    lists.
    """

    where: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    lists: tuple[str, ...] = ()

    def within(self, statement: str, chunk: str) -> TextClause:
        """A statement with the condition in the place of its `{narrowed}`."""
        condition = " AND " + self.where.replace("{chunk}", chunk) if self.where else ""
        listed: list[BindParameter[Any]] = [bindparam(name, expanding=True) for name in self.lists]
        return text(statement.replace("{narrowed}", condition)).bindparams(*listed)


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
        narrowed: Narrowed,
        most: int,
    ) -> dict[int, float]:
        """How much each chunk says of these terms (BM25), of those that say most; no shelves are all of them."""
        ...

    def said(self, connection: Connection, chunks: Sequence[int]) -> dict[int, Terms]:
        """The terms of chunks, in no order."""
        ...


def words_for(dialect: str) -> Words:
    """The index that a database has."""
    return Tsvector() if dialect == "postgresql" else Fts5()


_MATCH = """
    SELECT rowid, bm25(chunk_words, 0.0, 1.0, 0.5, 1.0) AS said FROM chunk_words
    WHERE chunk_words MATCH :wanted {narrowed}
    ORDER BY said, rowid
    LIMIT :most
"""
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
        narrowed: Narrowed,
        most: int,
    ) -> dict[int, float]:
        """How much each chunk says of these terms, of those that say most."""
        query = f"{{heading before body}} : ({' OR '.join(map(_quoted, wanted))})"
        if shelves:
            query += f" AND {{shelf}} : ({' OR '.join(_quoted(_shelf_term(shelf.number)) for shelf in shelves)})"
        statement = narrowed.within(_MATCH, "chunk_words.rowid")
        rows = connection.execute(statement, {"wanted": query, "most": most, **narrowed.values}).all()
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


_chunk_words = Table(
    "chunk_words",
    MetaData(),
    Column("chunk", BigInteger, primary_key=True),
    Column("collection", Text),
    Column("length", Integer),
    Column("words", TSVECTOR),
)

_RANKED = """
    WITH hit AS (
        SELECT w.chunk, w.collection, w.length, t.lexeme,
               (SELECT sum(CASE weight WHEN 'B' THEN 0.5 ELSE 1.0 END) FROM unnest(t.weights) AS weight)::float8 AS said
        FROM chunk_words AS w CROSS JOIN LATERAL unnest(w.words) AS t
        WHERE w.words @@ CAST(:wanted AS tsquery) AND (:everywhere OR w.collection = ANY(:collections))
              AND t.lexeme = ANY(:terms)
              {narrowed}
    ),
    rarity AS (SELECT * FROM unnest(CAST(:terms AS text[]), CAST(:rarities AS float8[])) AS r(lexeme, value))
    SELECT chunk, sum(value * said * 2.2 / (said + 1.2 * (0.25 + 0.75 * length / CAST(:average AS float8)))) AS score
    FROM hit JOIN rarity USING (lexeme)
    GROUP BY chunk
    ORDER BY score DESC, chunk
    LIMIT :most
"""
"""BM25 as FTS5 has it. The index says which chunks hold any of the terms; of these alone the terms are counted."""

_SUMS = "SELECT chunks, words FROM library_state"
_COUNT = "SELECT {0}, count(*) FROM chunk_words WHERE words @@ CAST(:term{0} AS tsquery)".format
_VECTORS = text("SELECT chunk, words FROM chunk_words WHERE chunk = ANY(:chunks)").bindparams(
    bindparam("chunks", type_=ARRAY(BigInteger))
)
_PLACED = re.compile(r"'((?:[^']|'')*)':([\dA-D,]+)")
"""A term of a tsvector as PostgreSQL writes it, with its places."""


class Tsvector:
    """PostgreSQL's."""

    async def add(self, connection: AsyncConnection, rows: Sequence[WordsOf]) -> int:
        """Index chunks."""
        values = [
            {
                "chunk": row.chunk,
                "collection": row.collection,
                "length": row.length,
                "words": cast(bindparam(None, _tsvector(row), Text, unique=True), TSVECTOR),
            }
            for row in rows
        ]
        await connection.execute(insert(_chunk_words).values(values))
        return sum(row.length for row in rows)

    async def remove(self, connection: AsyncConnection, chunks: Sequence[int]) -> int:
        """Take chunks out."""
        removed = delete(_chunk_words).where(_chunk_words.c.chunk.in_(chunks)).returning(_chunk_words.c.length)
        return sum((await connection.execute(removed)).scalars())

    def counts(self, connection: Connection, wanted: Sequence[str]) -> dict[str, int]:
        """In how many chunks each term stands."""
        if not wanted:
            return {}
        statement = text(" UNION ALL ".join(map(_COUNT, range(len(wanted)))))
        lexemes = {f"term{n}": _lexeme(term) for n, term in enumerate(wanted)}
        rows = connection.execute(statement, lexemes)
        return {wanted[row[0]]: row[1] for row in rows}

    def search(
        self,
        connection: Connection,
        wanted: Sequence[str],
        shelves: Sequence[Shelf],
        narrowed: Narrowed,
        most: int,
    ) -> dict[int, float]:
        """How much each chunk says of these terms, of those that say most."""
        total, length = connection.execute(text(_SUMS)).one()
        counts = self.counts(connection, wanted)
        there = [term for term in wanted if counts[term]]
        if not there:
            return {}
        statement = narrowed.within(_RANKED, "w.chunk").bindparams(
            bindparam("terms", type_=ARRAY(Text)), bindparam("collections", type_=ARRAY(Text))
        )
        values = {
            "wanted": " | ".join(map(_lexeme, there)),
            "everywhere": not shelves,
            "collections": [shelf.collection for shelf in shelves],
            "terms": there,
            "rarities": [fts5_rarity(total, counts[term]) for term in there],
            "average": length / total,
            "most": most,
            **narrowed.values,
        }
        rows = connection.execute(statement, values)
        return {row[0]: row[1] for row in rows}

    def said(self, connection: Connection, chunks: Sequence[int]) -> dict[int, Terms]:
        """The terms of chunks, sorted."""
        rows = connection.execute(_VECTORS, {"chunks": list(chunks)}).all()
        return {row[0]: _terms_in(row[1]) for row in rows}


def fts5_rarity(total: int, holding: int) -> float:
    """How much a term says, by how few chunks hold it. Source: SQLite, ext/fts5/fts5_aux.c, fts5Bm25GetData."""
    return max(math.log((total - holding + 0.5) / (holding + 0.5)), 1e-6)


def _tsvector(row: WordsOf) -> str:
    """A tsvector as PostgreSQL reads it: `'clam':1A,4C`. The letter says where a term stands: before is B."""
    places: dict[str, list[str]] = {}
    labelled = [*((t, "A") for t in row.heading), *((t, "B") for t in row.before), *((t, "C") for t in row.body)]
    for place, (term, label) in enumerate(labelled, 1):
        places.setdefault(term, []).append(f"{min(place, 16383)}{label}")
    return " ".join(f"{_lexeme(term)}:{','.join(at)}" for term, at in places.items())


def _terms_in(tsvector: str) -> Terms:
    """The other way round."""
    heading, before, body = list[str](), list[str](), list[str]()
    by_label = {"A": heading, "B": before, "C": body}
    for quoted, places in _PLACED.findall(tsvector):
        term = quoted.replace("''", "'").replace("\\\\", "\\")
        for place in places.split(","):
            by_label[place[-1]].append(term)
    return heading, before, body


def _lexeme(term: str) -> str:
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"


def distinct(found: Iterable[str]) -> list[str]:
    """Each term once, in its order."""
    return list(dict.fromkeys(found))
