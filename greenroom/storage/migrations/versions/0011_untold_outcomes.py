"""What the routing is yet to be told of its decisions."""

import sqlalchemy as sa
from alembic import op

from greenroom.storage.columns import Moment

revision = "0011_untold_outcomes"
down_revision = "0010_knowledge"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "untold_outcomes",
        sa.Column("decision", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("good", sa.Float),
        sa.Column("said_at", Moment, nullable=False),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("untold_outcomes")
