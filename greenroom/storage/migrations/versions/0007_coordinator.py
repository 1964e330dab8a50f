"""Planned lines, channels that keep quiet, and the coordinator's cursor on the log of turns."""

import sqlalchemy as sa
from alembic import op

from greenroom.storage.columns import Moment

revision = "0007_coordinator"
down_revision = "0006_similar"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "follow_ups",
        sa.Column("turn_id", sa.Text, primary_key=True),
        sa.Column("channel_id", sa.Text, nullable=False),
        sa.Column("character", sa.Text, nullable=False),
        sa.Column("mood", sa.Text, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("follow_ups_state_due", "follow_ups", ["state", "due_at"])
    op.create_index("follow_ups_channel_state", "follow_ups", ["channel_id", "state"])
    op.create_table(
        "quiet_channels",
        sa.Column("channel_id", sa.Text, primary_key=True),
        sa.Column("until", Moment, nullable=False),
    )
    op.create_table(
        "coordinator_cursors",
        sa.Column("follower", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("coordinator_cursors", "quiet_channels", "follow_ups"):
        op.drop_table(table)
