"""What two models said to the same request."""

import sqlalchemy as sa
from alembic import op

from greenroom.storage.columns import Moment

revision = "0012_comparisons"
down_revision = "0011_untold_outcomes"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "routed_comparisons",
        sa.Column("decision", sa.Text, primary_key=True),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("local_model", sa.Text, nullable=False),
        sa.Column("cloud_model", sa.Text, nullable=False),
        sa.Column("local_answer", sa.Text, nullable=False),
        sa.Column("cloud_answer", sa.Text, nullable=False),
        sa.Column("local_is_as_good", sa.Boolean),
        sa.Column("happened_at", Moment, nullable=False),
    )
    op.create_index("routed_comparisons_happened", "routed_comparisons", ["happened_at"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("routed_comparisons")
