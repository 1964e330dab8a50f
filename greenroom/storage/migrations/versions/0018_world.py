"""Worlds: their events, what follows from them, and how far the log of turns was read."""

import sqlalchemy as sa
from alembic import op

from greenroom.storage.columns import Moment, json_column

revision = "0018_world"
down_revision = "0017_background"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "worlds",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("place", sa.BigInteger, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("made_at", Moment, nullable=False),
    )
    op.create_table(
        "world_sessions",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("world_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("made_at", Moment, nullable=False),
    )
    op.create_index("world_sessions_world", "world_sessions", ["world_id"])
    op.create_table(
        "world_turns",
        sa.Column("turn_id", sa.Text, primary_key=True),
        sa.Column("world_id", sa.Text, nullable=False),
        sa.Column("channel_id", sa.Text, nullable=False),
        sa.Column("rank", sa.BigInteger, nullable=False),
        sa.Column("character", sa.Text, nullable=False),
        sa.Column("present", json_column()),
        sa.Column("wording", sa.Text, nullable=False),
        sa.Column("stands", sa.Boolean, nullable=False),
        sa.Column("read", sa.Text, nullable=False),
        sa.Column("out", sa.Text, nullable=False),
    )
    op.create_index("world_turns_world_rank", "world_turns", ["world_id", "rank"])
    op.create_index("world_turns_channel_rank", "world_turns", ["channel_id", "rank"])
    op.create_table(
        "world_events",
        sa.Column("world_id", sa.Text, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("effect_key", sa.Text, nullable=False),
        sa.Column("told", json_column(), nullable=False),
        sa.Column("turn_id", sa.Text, nullable=False),
        sa.Column("wording", sa.Text, nullable=False),
        sa.Column("place", sa.BigInteger, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("channel_id", sa.Text, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("said_by", sa.Text, nullable=False),
        sa.Column("invented", sa.Boolean, nullable=False),
        sa.Column("known_to", json_column()),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("revoked_by", sa.BigInteger),
    )
    op.create_index("world_events_effect", "world_events", ["effect_key"], unique=True)
    op.create_index("world_events_turn", "world_events", ["turn_id"])
    op.create_index("world_events_channel_place", "world_events", ["channel_id", "place"])
    op.create_table(
        "world_proposals",
        sa.Column("effect_key", sa.Text, primary_key=True),
        sa.Column("turn_id", sa.Text, nullable=False),
        sa.Column("change", json_column(), nullable=False),
    )
    op.create_index("world_proposals_turn", "world_proposals", ["turn_id"])
    op.create_table(
        "world_entities",
        sa.Column("world_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("entity", json_column(), nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("embedded", sa.Text, nullable=False, server_default=""),
    )
    op.create_table(
        "world_cursors",
        sa.Column("follower", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    conversation = ("worlds", "world_sessions", "world_turns", "world_cursors")
    for table in (*conversation, "world_events", "world_proposals", "world_entities"):
        op.drop_table(table)
