"""What was posted on Discord, and how far the door has read the log of turns and each channel."""

import sqlalchemy as sa
from alembic import op

from greenroom.storage.columns import Moment

revision = "0013_discord"
down_revision = "0012_comparisons"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "discord_posts",
        sa.Column("turn_id", sa.Text, primary_key=True),
        sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("character", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("begun_at", Moment, nullable=False),
    )
    op.create_index("discord_posts_message", "discord_posts", ["message_id"])
    op.create_index("discord_posts_state", "discord_posts", ["state"])
    op.create_table(
        "discord_cursors",
        sa.Column("door", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "discord_channels",
        sa.Column("door", sa.Text, primary_key=True),
        sa.Column("channel_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("last_message_id", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "discord_commands",
        sa.Column("application_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("discord_commands", "discord_channels", "discord_cursors", "discord_posts"):
        op.drop_table(table)
