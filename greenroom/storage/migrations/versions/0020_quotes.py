"""Which receipts quote memories that were made of which turns."""

import sqlalchemy as sa
from alembic import op

revision = "0020_quotes"
down_revision = "0019_shelved"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "quotes",
        sa.Column("turn_id", sa.Text, primary_key=True),
        sa.Column("of_turn", sa.Text, primary_key=True),
    )
    op.create_index("quotes_of_turn", "quotes", ["of_turn"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("quotes")
