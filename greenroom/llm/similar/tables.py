"""What is kept of similar prompts: those that may be compared with, and what became of pairs.

`similar_prompts` has a row for each prompt in the index; `vector` is float32, little-endian. `similar_pairs` has one
for each pair of which one was, or might have been, answered with the other's answer: the keys of both, the chance of
its being wrong that was thought of before, how often it was served, and whether it was `right` (None: nobody looked).
"""

from sqlalchemy import Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text

from greenroom.storage.columns import Moment

metadata = MetaData()

similar_prompts = Table(
    "similar_prompts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("partition", Text, nullable=False),
    Column("embedder", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    Column("kept_at", Moment, nullable=False),
    Index("similar_prompts_kept", "kept_at"),
)

similar_pairs = Table(
    "similar_pairs",
    metadata,
    Column("asked", Text, primary_key=True),
    Column("kept", Text, primary_key=True),
    Column("embedder", Text, nullable=False),
    Column("chance", Float, nullable=False),
    Column("served", Integer, nullable=False),
    Column("right", Boolean),
    Column("reported", Boolean, nullable=False),
    Column("happened_at", Moment, nullable=False),
    Index("similar_pairs_happened", "happened_at"),
)
