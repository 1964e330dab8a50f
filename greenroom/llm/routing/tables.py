"""The routing's tables: prints of the newest requests, what became of them, and the weights that were learnt.

A print is what `prints.py` makes of a text. An outcome belongs to a request, or to a text that was judged elsewhere;
each source has one opinion of each side. Comparisons have what two models said in full: they are made only where the
owner wants them. Times are when it happened.
"""

from sqlalchemy import Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text

from greenroom.storage.columns import Moment

metadata = MetaData()

routed_requests = Table(
    "routed_requests",
    metadata,
    Column("id", Text, primary_key=True),
    Column("side", Text, nullable=False),
    Column("print", LargeBinary, nullable=False),
    Column("happened_at", Moment, nullable=False),
    Index("routed_requests_happened", "happened_at"),
)

routed_outcomes = Table(
    "routed_outcomes",
    metadata,
    Column("request_id", Text, primary_key=True),
    Column("side", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("good", Float, nullable=False),
    Column("print", LargeBinary, nullable=False),
    Column("happened_at", Moment, nullable=False),
    Index("routed_outcomes_happened", "happened_at"),
)

routed_comparisons = Table(
    "routed_comparisons",
    metadata,
    Column("decision", Text, primary_key=True),
    Column("prompt", Text, nullable=False),
    Column("local_model", Text, nullable=False),
    Column("cloud_model", Text, nullable=False),
    Column("local_answer", Text, nullable=False),
    Column("cloud_answer", Text, nullable=False),
    Column("local_is_as_good", Boolean),
    Column("happened_at", Moment, nullable=False),
    Index("routed_comparisons_happened", "happened_at"),
)

routing_weights = Table(
    "routing_weights",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("weights", LargeBinary, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("held_out", Float, nullable=False),
    Column("held_out_before", Float, nullable=False),
    Column("happened_at", Moment, nullable=False),
)
