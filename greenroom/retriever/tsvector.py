"""The words leg on PostgreSQL: terms in a `tsvector` with a GIN index, ranked by BM25 as FTS5 has it."""

import re
from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    cast,
    delete,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.retriever.narrowing import Numbers
from greenroom.retriever.words import Shelf, Terms, WordsOf, fts5_rarity

_chunk_words = Table(
    "chunk_words",
    MetaData(),
    Column("chunk", BigInteger, primary_key=True),
    Column("collection", Text),
    Column("length", Integer),
    Column("words", TSVECTOR),
)

_RANKED = text("""
    WITH hit AS (
        SELECT w.chunk, w.collection, w.length, t.lexeme,
               (SELECT sum(CASE weight WHEN 'B' THEN 0.5 ELSE 1.0 END) FROM unnest(t.weights) AS weight)::float8 AS said
        FROM chunk_words AS w CROSS JOIN LATERAL unnest(w.words) AS t
        WHERE w.words @@ CAST(:wanted AS tsquery) AND (:everywhere OR w.collection = ANY(:collections))
              AND t.lexeme = ANY(:terms)
              AND (CAST(:hidden AS text) IS NULL
                   OR w.chunk NOT IN (SELECT json_array_elements_text(CAST(:hidden AS json))::bigint))
              AND (CAST(:only AS text) IS NULL
                   OR w.chunk IN (SELECT json_array_elements_text(CAST(:only AS json))::bigint))
    ),
    rarity AS (SELECT * FROM unnest(CAST(:terms AS text[]), CAST(:rarities AS float8[])) AS r(lexeme, value))
    SELECT chunk, sum(value * said * 2.2 / (said + 1.2 * (0.25 + 0.75 * length / CAST(:average AS float8)))) AS score
    FROM hit JOIN rarity USING (lexeme)
    GROUP BY chunk
    ORDER BY score DESC, chunk
    LIMIT :most
""").bindparams(bindparam("terms", type_=ARRAY(Text)), bindparam("collections", type_=ARRAY(Text)))
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
        allowed: Numbers,
        most: int,
    ) -> dict[int, float]:
        """How much each chunk says of these terms, of those that say most."""
        total, length = connection.execute(text(_SUMS)).one()
        counts = self.counts(connection, wanted)
        there = [term for term in wanted if counts[term]]
        if not there:
            return {}
        values = {
            "wanted": " | ".join(map(_lexeme, there)),
            "everywhere": not shelves,
            "collections": [shelf.collection for shelf in shelves],
            "terms": there,
            "rarities": [fts5_rarity(total, counts[term]) for term in there],
            "average": length / total,
            "most": most,
            **allowed.lists,
        }
        rows = connection.execute(_RANKED, values)
        return {row[0]: row[1] for row in rows}

    def said(self, connection: Connection, chunks: Sequence[int]) -> dict[int, Terms]:
        """The terms of chunks, sorted."""
        rows = connection.execute(_VECTORS, {"chunks": list(chunks)}).all()
        return {row[0]: _terms_in(row[1]) for row in rows}


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
