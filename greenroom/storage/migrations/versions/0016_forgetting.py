"""Answers that the cache must give up, and when turns began."""

import sqlalchemy as sa
from alembic import op

from greenroom.storage.columns import Moment

revision = "0016_forgetting"
down_revision = "0015_quality"


def upgrade() -> None:
    """Create the table and the index."""
    op.create_table(
        "answers_to_forget",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("noted_at", Moment, nullable=False),
    )
    op.create_index("turns_begun", "turns", ["begun_at"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("turns_begun", "turns")
    op.drop_table("answers_to_forget")
