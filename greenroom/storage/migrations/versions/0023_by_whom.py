"""Who did to a world what was done by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0023_by_whom"
down_revision = "0022_simulation"


def upgrade() -> None:
    """Add the column."""
    op.add_column("world_events", sa.Column("user_id", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("world_events", "user_id")
