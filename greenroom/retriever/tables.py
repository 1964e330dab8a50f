"""The retriever's tables: the truth from which every index is made.

`collections`, `documents` and `chunks` are what was put in; `chunk_vectors` has each chunk's vector by each embedder,
so that a new one can be prepared while the old one serves. `shelves` counts them and says which write came last: an
index that says otherwise is not used. `document_facts` are the values of the metadata, for filters, and
`document_knowers` those who may know a document that is not for everybody. `library_state` has one row.

The words are in `chunk_words`, which is FTS5 on SQLite and `tsvector` on PostgreSQL; see `words.py`.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text

from greenroom.storage.columns import Moment, json_column

metadata = MetaData()

collections = Table(
    "collections",
    metadata,
    Column("name", Text, primary_key=True),
    Column("number", BigInteger, nullable=False, unique=True),
    Column("updated_at", Moment, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("collection", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("licence", Text, nullable=False),
    Column("speaker", Text, nullable=False),
    Column("restricted", Boolean, nullable=False),
    Column("metadata", json_column(), nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("fetched_at", Moment),
    Column("indexed_at", Moment, nullable=False),
    Index("documents_collection_id", "collection", "id", unique=True),
    Index("documents_collection_number", "collection", "number"),
    Index("documents_restricted", "number", sqlite_where=text("restricted"), postgresql_where=text("restricted")),
)

chunks = Table(
    "chunks",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("document", BigInteger, nullable=False),
    Column("collection", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("section", Text, nullable=False),
    Column("heading", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("text", Text, nullable=False),
    Index("chunks_document", "document", "ordinal"),
    Index("chunks_collection", "collection", "number"),
)

chunk_vectors = Table(
    "chunk_vectors",
    metadata,
    Column("embedder", Text, primary_key=True),
    Column("chunk", BigInteger, primary_key=True, autoincrement=False),
    Column("collection", Text, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    Index("chunk_vectors_chunk", "chunk"),
)

shelves = Table(
    "shelves",
    metadata,
    Column("collection", Text, primary_key=True),
    Column("embedder", Text, primary_key=True),
    Column("vectors", BigInteger, nullable=False),
    Column("newest", BigInteger, nullable=False),
)

document_facts = Table(
    "document_facts",
    metadata,
    Column("document", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Index("document_facts_key_value", "key", "value"),
)

document_knowers = Table(
    "document_knowers",
    metadata,
    Column("document", BigInteger, primary_key=True, autoincrement=False),
    Column("character", Text, primary_key=True),
)

library_state = Table(
    "library_state",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("next_number", BigInteger, nullable=False),
    Column("chunks", BigInteger, nullable=False),
    Column("words", BigInteger, nullable=False),
    Column("embedder", Text, nullable=False),
)
