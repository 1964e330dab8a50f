"""The verdicts of quality control."""

import sqlalchemy as sa
from alembic import op

from greenroom.storage.columns import Moment, json_column

revision = "0003_quality"
down_revision = "0002_characters"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "verdicts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("character", sa.Text, nullable=False),
        sa.Column("judged_at", Moment, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("threshold", sa.Float, nullable=False),
        sa.Column("passed", sa.Boolean, nullable=False),
        sa.Column("rules", json_column(), nullable=False),
        sa.Column("signals", json_column(), nullable=False),
    )
    op.create_index("verdicts_conversation", "verdicts", ["conversation_id", "id"])
