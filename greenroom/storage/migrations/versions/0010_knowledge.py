"""What the house has been told to know: documents, their pieces and vectors, and the words in them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from greenroom.storage.columns import Moment, json_column

revision = "0010_knowledge"
down_revision = "0009_ledger"

_FTS5 = """
    CREATE VIRTUAL TABLE chunk_words USING fts5(
        shelf, heading, before, body, tokenize = "unicode61 remove_diacritics 0"
    )
"""
_RANK = "INSERT INTO chunk_words (chunk_words, rank) VALUES ('rank', 'bm25(0.0, 1.0, 0.5, 1.0)')"
_VOCABULARY = "CREATE VIRTUAL TABLE chunk_vocabulary USING fts5vocab(chunk_words, row)"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "collections",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False, unique=True),
        sa.Column("updated_at", Moment, nullable=False),
    )
    op.create_table(
        "documents",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("collection", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("licence", sa.Text, nullable=False),
        sa.Column("speaker", sa.Text, nullable=False),
        sa.Column("restricted", sa.Boolean, nullable=False),
        sa.Column("metadata", json_column(), nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("chunks", sa.Integer, nullable=False),
        sa.Column("fetched_at", Moment),
        sa.Column("indexed_at", Moment, nullable=False),
    )
    op.create_index("documents_collection_id", "documents", ["collection", "id"], unique=True)
    op.create_index("documents_collection_number", "documents", ["collection", "number"])
    op.create_table(
        "chunks",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("document", sa.BigInteger, nullable=False),
        sa.Column("collection", sa.Text, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("section", sa.Text, nullable=False),
        sa.Column("heading", sa.Text, nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("chunks_document", "chunks", ["document", "ordinal"])
    op.create_index("chunks_collection", "chunks", ["collection", "number"])
    op.create_table(
        "chunk_vectors",
        sa.Column("embedder", sa.Text, primary_key=True),
        sa.Column("chunk", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("collection", sa.Text, nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
    )
    op.create_index("chunk_vectors_chunk", "chunk_vectors", ["chunk"])
    op.create_table(
        "shelves",
        sa.Column("collection", sa.Text, primary_key=True),
        sa.Column("embedder", sa.Text, primary_key=True),
        sa.Column("vectors", sa.BigInteger, nullable=False),
        sa.Column("newest", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "document_facts",
        sa.Column("document", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, primary_key=True),
    )
    op.create_index("document_facts_key_value", "document_facts", ["key", "value"])
    op.create_table(
        "document_knowers",
        sa.Column("document", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("character", sa.Text, primary_key=True),
    )
    op.create_table(
        "library_state",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("next_number", sa.BigInteger, nullable=False),
        sa.Column("chunks", sa.BigInteger, nullable=False),
        sa.Column("words", sa.BigInteger, nullable=False),
        sa.Column("embedder", sa.Text, nullable=False),
    )
    op.execute("INSERT INTO library_state (one, next_number, chunks, words, embedder) VALUES (1, 1, 0, 0, '')")
    if op.get_bind().dialect.name == "sqlite":
        for statement in (_FTS5, _RANK, _VOCABULARY):
            op.execute(statement)
        return
    op.create_table(
        "chunk_words",
        sa.Column("chunk", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("collection", sa.Text, nullable=False),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("words", postgresql.TSVECTOR, nullable=False),
    )
    op.create_index("chunk_words_words", "chunk_words", ["words"], postgresql_using="gin")


def downgrade() -> None:
    """Drop the tables."""
    if op.get_bind().dialect.name == "sqlite":
        op.drop_table("chunk_vocabulary")
    op.drop_table("chunk_words")
    for table in (
        "library_state",
        "document_knowers",
        "document_facts",
        "shelves",
        "chunk_vectors",
        "chunks",
        "documents",
        "collections",
    ):
        op.drop_table(table)
