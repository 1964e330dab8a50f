"""Thresholds that move, the turns that moved them, and how far quality has read the log."""

import sqlalchemy as sa
from alembic import op

from greenroom.storage.columns import Moment

revision = "0015_quality"
down_revision = "0014_turn_taking"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "quality_bars",
        sa.Column("character", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, primary_key=True),
        sa.Column("threshold", sa.Float, nullable=False),
        sa.Column("drafts", sa.Integer, nullable=False),
    )
    op.create_table(
        "judged_turns",
        sa.Column("turn_id", sa.Text, primary_key=True),
        sa.Column("character", sa.Text, nullable=False),
        sa.Column("log_odds", sa.Float),
        sa.Column("ended_at", Moment, nullable=False),
    )
    op.create_index("judged_turns_ended", "judged_turns", ["ended_at"])
    op.create_table(
        "quality_cursors",
        sa.Column("follower", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("quality_cursors", "judged_turns", "quality_bars"):
        op.drop_table(table)
