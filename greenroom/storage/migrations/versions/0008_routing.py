"""Requests that were routed, what became of them, and what was learnt from that."""

import sqlalchemy as sa
from alembic import op

from greenroom.storage.columns import Moment

revision = "0008_routing"
down_revision = "0007_coordinator"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "routed_requests",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("side", sa.Text, nullable=False),
        sa.Column("print", sa.LargeBinary, nullable=False),
        sa.Column("happened_at", Moment, nullable=False),
    )
    op.create_index("routed_requests_happened", "routed_requests", ["happened_at"])
    op.create_table(
        "routed_outcomes",
        sa.Column("request_id", sa.Text, primary_key=True),
        sa.Column("side", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("good", sa.Float, nullable=False),
        sa.Column("print", sa.LargeBinary, nullable=False),
        sa.Column("happened_at", Moment, nullable=False),
    )
    op.create_index("routed_outcomes_happened", "routed_outcomes", ["happened_at"])
    op.create_table(
        "routing_weights",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("weights", sa.LargeBinary, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("held_out", sa.Float, nullable=False),
        sa.Column("held_out_before", sa.Float, nullable=False),
        sa.Column("happened_at", Moment, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("routing_weights", "routed_outcomes", "routed_requests"):
        op.drop_table(table)
