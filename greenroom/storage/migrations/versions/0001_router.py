"""The log of turns, and the dead letters."""

import sqlalchemy as sa
from alembic import op

from greenroom.storage.columns import Moment, json_column

revision = "0001_router"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "turns",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.Text, nullable=False),
        sa.Column("character", sa.Text, nullable=False),
        sa.Column("character_name", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("user_name", sa.Text, nullable=False),
        sa.Column("message_type", sa.Text, nullable=False),
        sa.Column("input_text", sa.Text, nullable=False),
        sa.Column("reply", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("begun_at", Moment, nullable=False),
        sa.Column("place", sa.BigInteger, nullable=False),
        sa.Column("ended_at", Moment),
        sa.Column("quality_score", sa.Float),
        sa.Column("replaces", sa.Text),
        sa.Column("superseded", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("trace_id", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("request", json_column(), nullable=False),
        sa.Column("receipt", json_column()),
    )
    op.create_index("turns_position", "turns", ["position"], unique=True)
    op.create_index("turns_request_id", "turns", ["request_id"], unique=True)
    op.create_index("turns_channel_place", "turns", ["channel_id", "place"])
    op.create_index("turns_state", "turns", ["state"])
    op.create_table(
        "dead_letters",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("turn_id", sa.Text, nullable=False),
        sa.Column("request", json_column(), nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("failed_at", Moment, nullable=False),
        sa.Column("replays", sa.Integer, nullable=False),
    )
    counter = op.create_table(
        "turn_counter",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(counter, [{"id": 1, "position": 0}])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("turn_counter")
    op.drop_table("dead_letters")
    op.drop_table("turns")
