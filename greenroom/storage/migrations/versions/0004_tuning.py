"""Ratings, how turns went, and cursors on the log of turns."""

import sqlalchemy as sa
from alembic import op

from greenroom.storage.columns import Moment

revision = "0004_tuning"
down_revision = "0003_quality"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "ratings",
        sa.Column("turn_id", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, primary_key=True),
        sa.Column("character", sa.Text, nullable=False),
        sa.Column("thumb", sa.Integer, nullable=False),
        sa.Column("stars", sa.Integer),
        sa.Column("rated_at", Moment, nullable=False),
    )
    op.create_index("ratings_character_rated", "ratings", ["character", "rated_at"])
    op.create_table(
        "performances",
        sa.Column("turn_id", sa.Text, primary_key=True),
        sa.Column("character", sa.Text, nullable=False),
        sa.Column("success", sa.Boolean, nullable=False),
        sa.Column("quality_score", sa.Float),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("happened_at", Moment, nullable=False),
    )
    op.create_index("performances_character_happened", "performances", ["character", "happened_at"])
    op.create_table(
        "broken_rules",
        sa.Column("turn_id", sa.Text, primary_key=True),
        sa.Column("rule", sa.Text, primary_key=True),
        sa.Column("times", sa.Integer, nullable=False),
    )
    op.create_table(
        "cursors",
        sa.Column("follower", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("cursors", "broken_rules", "performances", "ratings"):
        op.drop_table(table)
