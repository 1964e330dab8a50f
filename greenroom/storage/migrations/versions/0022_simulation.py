"""How often the world went on by itself."""

import sqlalchemy as sa
from alembic import op

from greenroom.storage.columns import Moment

revision = "0022_simulation"
down_revision = "0021_crawler"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "world_ticks",
        sa.Column("world_id", sa.Text, primary_key=True),
        sa.Column("ticks", sa.Integer, nullable=False),
        sa.Column("turns", sa.Integer, nullable=False),
        sa.Column("alone", sa.Integer, nullable=False),
        sa.Column("ticked_at", Moment, nullable=False),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("world_ticks")
