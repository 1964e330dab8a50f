"""Plans of more kinds than one, and what owners say of who spoke."""

import sqlalchemy as sa
from alembic import op

from greenroom.storage.columns import Moment, json_column

revision = "0014_turn_taking"
down_revision = "0013_discord"


def upgrade() -> None:
    """Create the tables; what was planned a moment ago is not worth keeping."""
    op.drop_table("follow_ups")
    op.create_table(
        "plans",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("channel_id", sa.Text, nullable=False),
        sa.Column("turn_id", sa.Text),
        sa.Column("character", sa.Text, nullable=False),
        sa.Column("cause", json_column(), nullable=False),
        sa.Column("side_by_side", sa.Boolean, nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("stale_at", Moment, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("plans_state_due", "plans", ["state", "due_at"])
    op.create_index("plans_channel_state", "plans", ["channel_id", "state"])
    op.create_table(
        "speaker_corrections",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("channel_id", sa.Text, nullable=False),
        sa.Column("should", sa.Text),
        sa.Column("chosen", sa.Text),
        sa.Column("moment", json_column(), nullable=False),
        sa.Column("made_at", Moment, nullable=False),
    )
    op.create_index("speaker_corrections_made", "speaker_corrections", ["made_at"])
    op.create_table(
        "speaker_weights",
        sa.Column("version", sa.Text, primary_key=True),
        sa.Column("weights", json_column(), nullable=False),
        sa.Column("corrections", sa.Integer, nullable=False),
        sa.Column("made_at", Moment, nullable=False),
    )


def downgrade() -> None:
    """Go back to follow-ups alone."""
    for table in ("speaker_weights", "speaker_corrections", "plans"):
        op.drop_table(table)
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
